"""Doodles: small drawn ornaments as runs of points in mm, the same in every renderer."""

import math

from agents.book.design import Doodle

_STEPS = 12


def wave(x_mm: float, y_mm: float, width_mm: float, colour: str, *, line_mm: float = 0.7) -> Doodle:
    """A hand's wavy line from left to right round the height y; its swings die away towards the right."""
    swings = max(2, round(width_mm / 5.5))
    points = []
    for step in range(swings * _STEPS + 1):
        along = step / (swings * _STEPS)
        height_mm = 1.25 * (1 - 0.35 * along) * math.sin(2 * math.pi * swings * along)
        points.append((x_mm + width_mm * along, y_mm - height_mm))
    return Doodle(tuple(points), line_mm, colour)


def star(x_mm: float, y_mm: float, radius_mm: float, colour: str, *, turn: float = 0.0) -> Doodle:
    """A five-pointed star drawn in one stroke, a little open where the pen was lifted; `turn` is in radians."""
    points = []
    for step in range(6):
        angle = turn - math.pi / 2 + step * 4 * math.pi / 5
        reach_mm = radius_mm * (1.0 if step % 2 else 0.94)
        points.append((x_mm + reach_mm * math.cos(angle), y_mm + reach_mm * math.sin(angle)))
    return Doodle(tuple(points), max(0.5, radius_mm * 0.14), colour)


def spiral(x_mm: float, y_mm: float, radius_mm: float, colour: str, *, turn: float = 0.0) -> Doodle:
    """A snail's line of two and a quarter turns."""
    points = []
    for step in range(4 * _STEPS + 1):
        along = step / (4 * _STEPS)
        angle = turn + along * 4.5 * math.pi
        reach_mm = radius_mm * (0.12 + 0.88 * along)
        points.append((x_mm + reach_mm * math.cos(angle), y_mm + reach_mm * math.sin(angle)))
    return Doodle(tuple(points), max(0.5, radius_mm * 0.14), colour)


def heart(x_mm: float, y_mm: float, radius_mm: float, colour: str) -> Doodle:
    """A heart in one stroke."""
    points = []
    for step in range(4 * _STEPS + 1):
        t = 2 * math.pi * step / (4 * _STEPS)
        across = math.sin(t) ** 3
        up = (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 16
        points.append((x_mm + radius_mm * across, y_mm - radius_mm * up))
    return Doodle(tuple(points), max(0.5, radius_mm * 0.14), colour)


def line(x_mm: float, y_mm: float, width_mm: float, colour: str, *, line_mm: float = 0.35) -> Doodle:
    """A straight line to write on."""
    return Doodle(((x_mm, y_mm), (x_mm + width_mm, y_mm)), line_mm, colour)


def zigzag(x_mm: float, y_mm: float, width_mm: float, colour: str, *, line_mm: float = 0.9) -> Doodle:
    """A merry line with sharp turns round the height y."""
    turns = max(3, round(width_mm / 3.2))
    points = tuple((x_mm + width_mm * at / turns, y_mm + (1.5 if at % 2 else -1.5)) for at in range(turns + 1))
    return Doodle(points, line_mm, colour)


def moon(x_mm: float, y_mm: float, radius_mm: float, colour: str) -> Doodle:
    """A crescent that is open to the upper right: most of a circle, and back along a smaller one within it."""
    towards, apart, inner = -0.6, 0.5, 0.78  # where the smaller circle lies, how far, how large, in radii
    tip = math.acos((apart**2 + 1 - inner**2) / (2 * apart))
    inner_tip = math.acos((math.cos(tip) - apart) / inner)
    points = []
    for step in range(37):
        angle = towards + tip + (2 * math.pi - 2 * tip) * step / 36
        points.append((x_mm + radius_mm * math.cos(angle), y_mm + radius_mm * math.sin(angle)))
    middle_x = x_mm + apart * radius_mm * math.cos(towards)
    middle_y = y_mm + apart * radius_mm * math.sin(towards)
    for step in range(1, 25):
        angle = towards - inner_tip - (2 * math.pi - 2 * inner_tip) * step / 24
        reach_mm = inner * radius_mm
        points.append((middle_x + reach_mm * math.cos(angle), middle_y + reach_mm * math.sin(angle)))
    return Doodle(tuple(points), max(0.5, radius_mm * 0.14), colour)


def burst(x_mm: float, y_mm: float, radius_mm: float, colour: str) -> Doodle:
    """A flower of six petals in one stroke."""
    points = []
    for step in range(6 * _STEPS + 1):
        angle = 2 * math.pi * step / (6 * _STEPS)
        reach_mm = radius_mm * (0.45 + 0.55 * abs(math.cos(3 * angle)))
        points.append((x_mm + reach_mm * math.cos(angle), y_mm + reach_mm * math.sin(angle)))
    return Doodle(tuple(points), max(0.5, radius_mm * 0.14), colour)
