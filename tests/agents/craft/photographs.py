"""Photographs of drawings, as a phone takes them on a table: made here, seeded, with known corners."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Corners = NDArray[np.float64]
"""The sheet's corners in shares of the photograph's width and height: top left, and on clockwise."""

TABLES = ("wood", "cloth", "granite", "plain")


@dataclass(frozen=True, slots=True)
class Photograph:
    """The picture in RGB and where the sheet lies in it."""

    image: Image.Image
    corners: Corners


def photograph(drawing: Image.Image, seed: int, *, size_px: tuple[int, int] = (1500, 1000)) -> Photograph:
    """The drawing as a sheet on a table: askew, in perspective, under uneven light with a soft shadow, a little blurred
    and noisy; every seed another table, light and place."""
    rng = np.random.default_rng(seed)
    width, height = size_px
    corners = _corners(rng, drawing.size, size_px)
    table = _table(rng, TABLES[seed % len(TABLES)], size_px)
    quad = corners * (width, height)
    placed = drawing.convert("RGB").transform(
        size_px, Image.Transform.PERSPECTIVE, _coefficients(quad, drawing.size), Image.Resampling.BICUBIC
    )
    mask = Image.new("L", drawing.size, 255).transform(
        size_px, Image.Transform.PERSPECTIVE, _coefficients(quad, drawing.size), Image.Resampling.BILINEAR
    )
    shadow = np.roll(np.asarray(mask.filter(ImageFilter.GaussianBlur(width / 150)), float), width // 200, (0, 1)) / 255
    ground = np.asarray(table, float) * (1 - 0.35 * shadow[..., None])
    alpha = np.asarray(mask, float)[..., None] / 255
    lit = (ground * (1 - alpha) + 0.94 * np.asarray(placed, float) * alpha) * _light(rng, size_px)
    noisy = lit + rng.normal(0, 2.5, lit.shape)
    image = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(width / 2500))
    return Photograph(image, corners)


def _corners(rng: np.random.Generator, drawing_px: tuple[int, int], size_px: tuple[int, int]) -> Corners:
    aspect = drawing_px[0] / drawing_px[1]
    frame = size_px[0] / size_px[1]
    height = rng.uniform(0.62, 0.86) * min(1.0, frame / aspect)
    half = np.array([[-aspect, -1], [aspect, -1], [aspect, 1], [-aspect, 1]]) * height / 2
    turn = np.deg2rad(rng.uniform(-12, 12))
    turned = half @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    bent = turned * (1 + rng.uniform(-0.14, 0.14) * turned[:, 1:] / height * 2)
    bent = bent * min(1.0, 0.97 / np.ptp(bent[:, 0]) * frame, 0.97 / np.ptp(bent[:, 1]))
    corners = bent / (frame, 1)
    room = (1 - np.ptp(corners, axis=0)) / 2
    middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
    return np.asarray(corners - middle + 0.5 + rng.uniform(-0.8, 0.8, 2) * np.maximum(room - 0.01, 0))


def _table(rng: np.random.Generator, kind: str, size_px: tuple[int, int]) -> Image.Image:
    width, height = size_px
    colour = {"wood": (150, 104, 66), "cloth": (178, 60, 58), "granite": (96, 98, 104), "plain": (128, 142, 120)}[kind]
    base = np.broadcast_to(np.array(colour, float) * rng.uniform(0.7, 1.1), (height, width, 3)).copy()
    down, across = np.mgrid[0:height, 0:width] / height
    if kind == "wood":
        rings = np.sin(40 * down + 3 * np.sin(3 * across) + rng.uniform(0, 6)) + 0.6 * np.sin(170 * down + 5 * across)
        base *= (1 + 0.13 * rings)[..., None]
    elif kind == "cloth":
        checks = (np.floor(across * 9) % 2 + np.floor(down * 9) % 2) / 2
        base += (checks * 70)[..., None]
    elif kind == "granite":
        grain = rng.normal(0, 1, (height // 6, width // 6)).astype(np.float32)
        base += np.asarray(Image.fromarray(grain).resize(size_px, Image.Resampling.BICUBIC))[..., None] * 18
    return Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))


def _light(rng: np.random.Generator, size_px: tuple[int, int]) -> NDArray[np.float64]:
    width, height = size_px
    down, across = np.mgrid[0:height, 0:width] / max(size_px)
    slope = rng.uniform(-0.35, 0.35, 2)
    light = 0.92 + slope[0] * (across - 0.5) + slope[1] * (down - 0.35)
    x, y, reach = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.6), rng.uniform(0.15, 0.35)
    light -= rng.uniform(0.1, 0.3) / (1 + np.exp((np.hypot(across - x, down - y) - reach) / 0.04))
    warmth = np.array([1.0, 1.0 - rng.uniform(0, 0.05), 1.0 - rng.uniform(0, 0.14)])
    return np.asarray(light[..., None] * warmth)


def _coefficients(quad: Corners, size_px: tuple[int, int]) -> list[float]:
    """What PIL's PERSPECTIVE takes: from the photograph's pixels to the drawing's."""
    width, height = size_px
    target = [(0, 0), (width, 0), (width, height), (0, height)]
    rows = []
    for (x, y), (u, v) in zip(quad, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    return list(np.linalg.solve(np.array(rows), np.array(target, float).ravel()))
