"""A young child's crayons: wobbly strokes, scribbled fill and wax that catches the paper's tooth."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from canvas import PIGMENTS, Box, Field, Rng, box, mask, mix, noise, size_of, to_image
from shapes import Part, Points, Scene, resample

PAPER = (0.978, 0.962, 0.925)
NIB = 1.0  # a crayon's width in units


@dataclass(frozen=True, slots=True)
class Stroke:
    """One movement of the hand, in units; pressure runs 0..1."""

    path: Points
    width: float
    pressure: float


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The paper so far: its colours 0..1, its bare colours and its tooth 0..1."""

    colours: Field
    bare: Field
    tooth: Field
    scale: float  # pixels a unit

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the paper."""
        return self.tooth.shape[0], self.tooth.shape[1]


def draw(scene: Scene, rng: Rng, longest_px: int = 1200) -> Image.Image:
    """The scene as a child of five would have drawn it."""
    scale = longest_px / max(scene.width, scene.height)
    sheet = _paper((round(scene.height * scale), round(scene.width * scale)), scale, rng)
    for part in scene.parts:
        if part.seen_in != "finish":
            _draw_part(sheet, part, rng)
    return to_image(gaussian_filter(sheet.colours, (0.5, 0.5, 0)))


def _paper(shape: tuple[int, int], scale: float, rng: Rng) -> Sheet:
    light = 0.02 * (noise(rng, shape, 160.0) - 0.5) + 0.008 * (noise(rng, shape, 1.6, 4.0) - 0.5)
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    bare = np.array(PAPER) * (1 + light - 0.035 * (rows**2 + columns**2) ** 1.3 / 2)[..., None]
    return Sheet(bare.copy(), bare, noise(rng, shape, 0.8, 1.4, 2.6), scale)


def _draw_part(sheet: Sheet, part: Part, rng: Rng) -> None:
    pigment = part.edge or part.pigment
    if not part.is_closed:
        _lay(sheet, _line(part.points, max(NIB, part.width * 0.9), rng), part.pigment, rng)
        return
    extent = float(np.ptp(part.points, axis=0).min())
    _clear(sheet, part)
    if part.density:
        _lay(sheet, _scribble(part, extent, rng), part.pigment, rng)
    if pigment != "none":
        nib = NIB * float(np.clip(0.45 + extent / 12, 0.6, 1.1))
        _lay(sheet, _outline(part.points, nib, rng), pigment, rng)


def _clear(sheet: Sheet, part: Part) -> None:
    """Nobody draws a thing twice: what lies behind the part was (nearly) left out."""
    if part.edge == "none":
        return
    points = part.points * sheet.scale
    where = box(points, sheet.shape, 6)
    if all(size_of(where)):
        behind = gaussian_filter(mask(part, points, 1.0, where), 1.5)
        sheet.colours[where] = mix(sheet.colours[where], sheet.bare[where], behind * 0.97)


def _line(points: Points, width: float, rng: Rng) -> list[Stroke]:
    """One stroke; a broad line is filled by going to and fro along it."""
    shake = min(0.32, 0.05 + len(points) / 300)
    if width <= 2:
        return [Stroke(_shaky(points, rng, shake), width, rng.uniform(0.72, 0.95))]
    ahead = np.gradient(points, axis=0)
    across = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) / np.hypot(*ahead.T)[:, None]
    sides = np.linspace(-0.5, 0.5, round(width / 0.7)) * (width - NIB)
    lanes = (_shaky(points + side * across, rng, shake) for side in sides)
    return [Stroke(lane, NIB * 1.05, rng.uniform(0.5, 0.75)) for lane in lanes]


def _outline(points: Points, width: float, rng: Rng) -> list[Stroke]:
    """Round the shape once from a chance start, too far or not far enough, at times twice."""
    ring = np.roll(points[:-1], int(rng.integers(len(points))), axis=0)
    beyond = int(len(ring) * rng.uniform(-0.01, 0.07))
    round_once = np.concatenate([ring, ring[:beyond]]) if beyond > 0 else ring[: len(ring) + beyond]
    size = float(np.ptp(points, axis=0).max())
    strokes = [Stroke(_shaky(round_once, rng, min(0.5, size / 60)), width, rng.uniform(0.72, 0.95))]
    if size > 9 and rng.random() < 0.5:
        again = ring[: int(len(ring) * rng.uniform(0.2, 0.6))]
        strokes.append(Stroke(_shaky(again, rng, 0.55), width * 0.9, 0.6))
    return strokes


def _shaky(points: Points, rng: Rng, amount: float) -> Points:
    """The path with a slow drift of about `amount` units and a small tremor."""
    path = resample(points, 0.35)
    drift, tremor = (
        gaussian_filter1d(rng.standard_normal(path.shape), steps, axis=0, mode="nearest") * steps**0.5
        for steps in (14, 4)
    )
    return np.asarray(path + amount * (1.25 * drift + 0.55 * tremor), dtype=np.float64)


def _scribble(part: Part, extent: float, rng: Rng) -> list[Stroke]:
    """Zigzags at one slant through the shape, uneven, bent by the wrist and past the edge."""
    width = NIB * float(np.clip(extent / 9, 0.55, 1.25))
    strokes = []
    slant = np.deg2rad(rng.normal(-48, 22))
    for share, turn, pressure in ((1.0, 0.0, 0.57), (0.45, rng.normal(0, 0.5), 0.42)):
        gap = width * 0.92 / (part.density * share)
        chains = _zigzags(part.points, slant + turn, gap, min(0.9, extent / 13), rng)
        strokes += [Stroke(path, width, pressure * rng.uniform(0.85, 1.15)) for path in chains]
    return strokes


def _zigzags(points: Points, angle: float, gap: float, over: float, rng: Rng) -> list[Points]:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    flat = points @ turn
    chains: list[list[tuple[float, float]]] = []
    y = flat[:, 1].min() + gap * 0.4
    open_ends: list[tuple[float, float, int]] = []
    while y < flat[:, 1].max():
        spans = _crossings(flat, y)
        now: list[tuple[float, float, int]] = []
        for a, b in spans:
            near = [i for u, v, i in open_ends if _goes_on(u, v, a, b) and len(chains[i]) < 70]
            at = near[0] if near and rng.random() > 0.015 else len(chains)
            if at == len(chains):
                chains.append([])
            ends = [a - over * rng.normal(0.15, 0.6), b + over * rng.normal(0.15, 0.6)]
            lean = gap * rng.normal(0.15, 0.3)
            pair = [(ends[0], y - lean), (ends[1], y + lean)]
            chains[at] += pair if len(chains[at]) % 4 == 0 else pair[::-1]
            now.append((a, b, at))
        open_ends = now
        y += gap * rng.uniform(0.6, 1.45)
    return [_bent(np.array(chain), rng) @ turn.T for chain in chains if len(chain) > 1]


def _goes_on(u: float, v: float, a: float, b: float) -> bool:
    """Whether the hand runs on from the span u..v into a..b: they overlap and are alike in length."""
    return u < b and v > a and 0.5 < (v - u + 2) / (b - a + 2) < 2


def _crossings(flat: Points, y: float) -> list[tuple[float, float]]:
    before, after = flat, np.roll(flat, -1, axis=0)
    hit = (before[:, 1] < y) != (after[:, 1] < y)
    a, b = before[hit], after[hit]
    xs = np.sort(a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])).tolist()
    return [(left, right) for left, right in zip(xs[::2], xs[1::2], strict=False) if right - left > 0.3]


def _bent(path: Points, rng: Rng) -> Points:
    fine = resample(path, 0.3)
    soft = gaussian_filter1d(fine, 1.6, axis=0, mode="nearest")
    middle, reach = soft[:, 0].mean(), max(1.0, float(np.ptp(soft[:, 0])))
    soft[:, 1] += min(2.0, reach / 14) * ((soft[:, 0] - middle) / reach * 2) ** 2
    tremor = gaussian_filter1d(rng.standard_normal(soft.shape), 5, axis=0)
    return np.asarray(soft + 0.35 * tremor, dtype=np.float64)


def _lay(sheet: Sheet, strokes: list[Stroke], pigment: str, rng: Rng) -> None:
    """Leave wax where the crayon presses harder than the paper's tooth is deep."""
    if not strokes:
        return
    reach = np.concatenate([stroke.path for stroke in strokes]) * sheet.scale
    where = box(reach, sheet.shape, 12)
    if not all(size_of(where)):
        return
    press = _pressure(strokes, where, sheet.scale, rng)
    below = sheet.colours[where]
    cover = np.clip((press * 1.36 - sheet.tooth[where]) / 0.42, 0, 1) * np.clip(press * 3.0, 0, 1)
    wax = np.array(PIGMENTS[pigment]) / 255
    glaze = wax * (0.45 + 0.55 * below) * (1.04 - 0.1 * press[..., None])
    sheet.colours[where] = mix(below, glaze, cover * 0.93)


def _pressure(strokes: list[Stroke], where: Box, scale: float, rng: Rng) -> Field:
    """How hard the crayon pressed inside the box, 0..1; strokes that cross add up."""
    rows, columns = size_of(where)
    layers = [Image.new("L", (columns, rows), 0) for _ in range(3)]
    pens = [ImageDraw.Draw(layer) for layer in layers]
    corner = np.array([where[1].start, where[0].start])
    for at, stroke in enumerate(strokes):
        _stamp(pens[at % 3], stroke, scale, corner, rng)
    summed = np.sum([np.asarray(layer, dtype=np.float64) for layer in layers], axis=0) / 255
    return np.clip(gaussian_filter(summed, 1.1), 0, 1.1)


def _stamp(pen: ImageDraw.ImageDraw, stroke: Stroke, scale: float, corner: Points, rng: Rng) -> None:
    path = resample(stroke.path, 2.2 / scale) * scale - corner
    sway = gaussian_filter1d(rng.standard_normal(len(path)), 18, mode="nearest") * 18**0.5
    press = np.clip(stroke.pressure * np.clip(1 + 0.3 * sway, 0.6, 2), 0, 1)
    radius = stroke.width * scale / 2 * (0.86 + 0.2 * press)
    for (x, y), r, p in zip(path.tolist(), radius.tolist(), (press * 255).astype(int).tolist(), strict=True):
        pen.ellipse((x - r, y - r, x + r, y + r), fill=p)
