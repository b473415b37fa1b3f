"""Colour: sRGB and OKLab, how far apart two colours are, their contrast, and the palette of a picture."""

import functools
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[int, int, int]

_BIN_WIDTH = 0.05
_SAME_COLOUR = 0.06
_LEAST_SHARE_RATIO = 0.005
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Swatch:
    """One colour of a palette in OKLab, and the share 0..1 of the picture that it covers."""

    lightness: float
    a: float
    b: float
    share_ratio: float


def oklab(srgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """OKLab of 8-bit sRGB, both of shape (..., 3): lightness 0..1, a (green to red), b (blue to yellow) in -0.4..0.4.

    Source: Björn Ottosson, A perceptual color space for image processing, 2020. About 1 ms for 128 x 128 pixels.
    """
    cones = _linear_table()[srgb] @ _CONES_FROM_LINEAR.T
    return np.asarray(np.cbrt(cones) @ _OKLAB_FROM_CONES.T, dtype=np.float32)


def srgb(lab: NDArray[np.floating]) -> NDArray[np.uint8]:
    """8-bit sRGB of OKLab, both of shape (..., 3); what lies outside sRGB is clipped channel by channel."""
    cones = (np.asarray(lab, dtype=np.float64) @ np.linalg.inv(_OKLAB_FROM_CONES.astype(np.float64)).T) ** 3
    linear = np.clip(cones @ np.linalg.inv(_CONES_FROM_LINEAR.astype(np.float64)).T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), dtype=np.uint8)


def distance(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """Euclidean distance in OKLab over the last axis, broadcast over the others; about 0.02 can just be seen."""
    return np.asarray(np.linalg.norm(np.asarray(one, np.float64) - np.asarray(other, np.float64), axis=-1))


def mean_oklab(image: NDArray[np.uint8]) -> tuple[float, float, float]:
    """The mean colour (lightness, a, b) of an sRGB picture of shape (height, width, 3)."""
    lightness, a, b = oklab(image).reshape(-1, 3).mean(axis=0, dtype=np.float64)
    return float(lightness), float(a), float(b)


def palette(image: NDArray[np.uint8], *, size: int = 5) -> tuple[Swatch, ...]:
    """The 1 to `size` main colours of an sRGB picture of shape (height, width, 3), largest share first.

    k-means in OKLab over bins 0.05 wide, started from the heaviest bin and then always from the bin that is
    heaviest times farthest: no randomness, the same picture gives the same palette. Shares add up to 1.
    Meant for pictures of at most 64 x 64 px (about 3 ms); a thin line's colour may be lost in its ground's.
    """
    colours, weights = _bins(oklab(image).reshape(-1, 3).astype(np.float64))
    centres = _settled(colours, weights, _starts(colours, weights, size))
    owners = _nearest(colours, centres)
    shares = np.bincount(owners, weights, len(centres)) / weights.sum()
    centres = centres[shares >= min(_LEAST_SHARE_RATIO, shares.max())]
    shares = np.bincount(_nearest(colours, centres), weights, len(centres)) / weights.sum()
    order = sorted(range(len(centres)), key=lambda i: (-shares[i], tuple(centres[i])))
    found = np.column_stack([centres, shares])[order].tolist()
    return tuple(Swatch(lightness, a, b, share) for lightness, a, b, share in found)


def luminance(colour: Rgb) -> float:
    """Relative luminance 0..1 of an 8-bit sRGB colour, as WCAG 2.2 defines it."""
    red, green, blue = (float(x) for x in _linear_table()[list(colour)])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(one: Rgb, other: Rgb) -> float:
    """Contrast 1..21 of two 8-bit sRGB colours by WCAG 2.2; text wants 4.5 (AA) or 7 (AAA)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def to_hex(colour: Rgb) -> str:
    """`#rrggbb` of an 8-bit sRGB colour."""
    return "#{:02x}{:02x}{:02x}".format(*(int(x) for x in colour))


def from_hex(text: str) -> Rgb:
    """The 8-bit sRGB colour that `#rrggbb` names; ValueError for any other text."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(f"{text!r} is not a colour like #1a2b3c")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


_CONES_FROM_LINEAR = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
)
_OKLAB_FROM_CONES = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
)


@functools.cache
def _linear_table() -> NDArray[np.float32]:
    level = np.arange(256) / 255
    table = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)
    table.setflags(write=False)
    return table


def _bins(pixels: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    places = np.floor(pixels / _BIN_WIDTH).astype(np.int64) + 64
    _, owners = np.unique(places @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True)
    owners = owners.reshape(-1)
    weights = np.bincount(owners).astype(np.float64)
    sums = np.stack([np.bincount(owners, pixels[:, i]) for i in range(3)], axis=1)
    return sums / weights[:, None], weights


def _starts(colours: NDArray[np.float64], weights: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    chosen = [int(weights.argmax())]
    gap = distance(colours, colours[chosen[0]])
    while len(chosen) < size and gap.max() >= _SAME_COLOUR:
        pull = np.where(gap >= _SAME_COLOUR, weights * gap**2, 0)
        chosen.append(int(pull.argmax()))
        gap = np.minimum(gap, distance(colours, colours[chosen[-1]]))
    return colours[chosen]


def _settled(
    colours: NDArray[np.float64], weights: NDArray[np.float64], centres: NDArray[np.float64]
) -> NDArray[np.float64]:
    for _ in range(_ROUNDS):
        owners = _nearest(colours, centres)
        mass = np.bincount(owners, weights, len(centres))
        sums = np.stack([np.bincount(owners, weights * colours[:, i], len(centres)) for i in range(3)], axis=1)
        centres = (sums / np.maximum(mass, 1e-12)[:, None])[mass > 0]
    return centres


def _nearest(colours: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.asarray(distance(colours[:, None], centres[None]).argmin(axis=1))
