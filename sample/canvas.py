"""Pixels that every style needs: noise, masks of parts, and colour."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter
from scipy.special import ndtr

from shapes import Part, Points

Field = NDArray[np.float64]
Rng = np.random.Generator
Box = tuple[slice, slice]

PIGMENTS: Final[dict[str, tuple[int, int, int]]] = {
    "red": (222, 52, 48), "orange": (243, 128, 38), "yellow": (253, 208, 56), "lime": (158, 205, 84),
    "green": (82, 168, 80), "dark green": (38, 112, 74), "sky blue": (120, 196, 232), "blue": (48, 108, 192),
    "midnight": (30, 38, 92), "purple": (128, 84, 176), "pink": (246, 150, 170), "brown": (138, 82, 48),
    "black": (44, 40, 46), "grey": (152, 156, 166), "white": (252, 250, 244), "cream": (255, 240, 208),
    "peach": (255, 214, 178),
}  # fmt: skip
PAPER: Final = np.array([0.985, 0.972, 0.945])


def noise(rng: Rng, shape: tuple[int, int], *sigmas_px: float) -> Field:
    """Uniform 0..1 noise, the equal sum of blurred layers."""
    layers = [_unit(_blurred(rng, shape, sigma)) for sigma in sigmas_px]
    return np.asarray(ndtr(_unit(np.sum(layers, axis=0))), dtype=np.float64)


def box(points: Points, shape: tuple[int, int], margin_px: float) -> Box:
    """Rows and columns of a picture that hold the points (pixels) and a margin; may be empty."""
    low = np.floor(points.min(axis=0) - margin_px).clip(0).astype(int)
    high = np.ceil(points.max(axis=0) + margin_px).clip(0).astype(int)
    return slice(low[1], min(high[1], shape[0])), slice(low[0], min(high[0], shape[1]))


def size_of(where: Box) -> tuple[int, int]:
    """Rows and columns in a box."""
    return max(0, where[0].stop - where[0].start), max(0, where[1].stop - where[1].start)


def mask(part: Part, points: Points, width_px: float, where: Box) -> Field:
    """Coverage 0..1 inside the box of a part whose points are given in the picture's pixels."""
    fine, shape = 2, size_of(where)
    points = points - (where[1].start, where[0].start)
    image = Image.new("L", (shape[1] * fine, shape[0] * fine), 0)
    pen = ImageDraw.Draw(image)
    path = [(float(x), float(y)) for x, y in points * fine]
    if part.is_closed:
        pen.polygon(path, fill=255)
    else:
        wide = max(2.0, width_px * fine)
        pen.line(path, fill=255, width=round(wide), joint="curve")
        for x, y in (path[0], path[-1]):
            pen.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=255)
    small = image.resize((shape[1], shape[0]), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64) / 255


def mix(below: Field, above: Field | tuple[float, ...], share: Field | float) -> Field:
    """`above` laid over `below`; `share` 0..1 has no colour axis."""
    weight = np.asarray(share, dtype=np.float64)[..., None]
    return np.asarray(below * (1 - weight) + np.asarray(above) * weight, dtype=np.float64)


def to_image(colours: Field) -> Image.Image:
    """Colours 0..1 as an RGB picture."""
    return Image.fromarray((np.clip(colours, 0, 1) * 255 + 0.5).astype(np.uint8), "RGB")


def _blurred(rng: Rng, shape: tuple[int, int], sigma: float) -> Field:
    coarse = max(1, int(sigma / 3))
    small = (shape[0] // coarse + 2, shape[1] // coarse + 2)
    values = gaussian_filter(rng.standard_normal(small), sigma / coarse, mode="wrap")
    if coarse == 1:
        return values[: shape[0], : shape[1]]
    image = Image.fromarray(values.astype(np.float32)).resize(
        (small[1] * coarse, small[0] * coarse), Image.Resampling.BICUBIC
    )
    return np.asarray(image, dtype=np.float64)[: shape[0], : shape[1]]


def _unit(values: Field) -> Field:
    return np.asarray((values - values.mean()) / (values.std() + 1e-9), dtype=np.float64)
