"""Harmony and balance: two measures 0..1 of how colours stand together; they describe, and are none of beauty."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.craft.colour import oklab

Numbers = NDArray[np.float64]

_BINS: Final = 72
_LEAST_CHROMA: Final = 0.02
_NEUTRAL: Final = 0.01
_AREA_COST: Final = 0.5
_TEMPLATES: Final = (
    ((0.0, 18.0),),  # i
    ((0.0, 93.6),),  # V
    ((0.0, 18.0), (90.0, 79.2)),  # L
    ((0.0, 18.0), (-90.0, 79.2)),  # L mirrored
    ((0.0, 18.0), (180.0, 18.0)),  # I
    ((0.0, 180.0),),  # T
    ((0.0, 93.6), (180.0, 18.0)),  # Y
    ((0.0, 93.6), (180.0, 93.6)),  # X
)


def harmony(colours: NDArray[np.floating], weights: NDArray[np.floating] | None = None) -> float:
    """How well hues fit one of Matsuda's templates: 1 for a few kindred or opposite hues, lower the more they scatter.

    `colours` are OKLab of shape (..., 3): pixels, or a page's palettes with `weights` of shape (...). Hues count by
    their chroma; greys (chroma below 0.02) do not, and a page without colour is in harmony: 1.

    The best of 8 templates in 72 turns: (1 - E / E0) (1 - 0.5 area), E being the mean arc from the hues to the nearest
    sector, E0 that of evenly spread hues, and area the circle's share inside the template. Photographs and renderings
    lie around 0.8 (0.6..1), noise at 0.4. Source of templates and E: Cohen-Or et al., Color harmonization, 2006; E0 and
    the area factor are our own, for without them nearly everything scores 1. Templates predict liking poorly (O'Donovan
    et al., Color compatibility from large datasets, 2011). About 0.3 ms for 64 x 64 pixels.
    """
    hues = _hue_histogram(colours, weights)
    if hues is None:
        return 1.0
    return max(_fit(template, hues) for template in _TEMPLATES)


def balance(
    colours: NDArray[np.floating], positions: NDArray[np.floating], areas: NDArray[np.floating] | None = None
) -> float:
    """How near the middle the visual weight lies: 1 in the middle, 0 in a corner.

    `colours` (n, 3) in OKLab stand at `positions` (n, 2), -0.5..0.5 from the middle, with `areas` (n,). A part weighs
    its area times its colour's distance from the median colour; 1 where all colours are the same.

    Source: Hübner and Fillinger, Comparison of objective measures for predicting perceptual balance and visual
    aesthetic preference, Frontiers in Psychology 7:335, 2016 (DCM). Most pictures lie at 0.83..0.99, so that small
    differences count; and it says nothing of liking.
    """
    points = np.asarray(colours, dtype=np.float64)
    weight = np.linalg.norm(points - np.median(points, axis=0), axis=1)
    if areas is not None:
        weight = weight * np.asarray(areas, dtype=np.float64)
    if weight.sum() <= 1e-9:
        return 1.0
    middle = weight @ np.asarray(positions, dtype=np.float64) / weight.sum()
    return float(np.clip(1 - np.hypot(*middle) / np.hypot(0.5, 0.5), 0, 1))


def picture_balance(image: NDArray[np.uint8]) -> float:
    """The `balance` of one sRGB picture of shape (height, width, 3); about 0.3 ms for 64 x 64 pixels."""
    height, width = image.shape[:2]
    down, across = np.meshgrid(
        (np.arange(height) + 0.5) / height - 0.5, (np.arange(width) + 0.5) / width - 0.5, indexing="ij"
    )
    return balance(oklab(image).reshape(-1, 3), np.stack([across.ravel(), down.ravel()], axis=1))


def _hue_histogram(colours: NDArray[np.floating], weights: NDArray[np.floating] | None) -> Numbers | None:
    """Shares of the 72 hues, together 1; None where there is hardly any colour."""
    lab = np.asarray(colours, dtype=np.float64).reshape(-1, 3)
    share = np.ones(len(lab)) if weights is None else np.asarray(weights, dtype=np.float64).reshape(-1)
    if share.sum() <= 0:
        return None
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    chroma = np.where(chroma < _LEAST_CHROMA, 0, chroma) * share / share.sum()
    if chroma.sum() < _NEUTRAL:
        return None
    hue = np.arctan2(lab[:, 2], lab[:, 1]) / (2 * np.pi) * _BINS
    sums = np.bincount(np.floor(hue).astype(np.intp) % _BINS, chroma, _BINS)
    return np.asarray(sums / sums.sum())


def _fit(template: tuple[tuple[float, float], ...], hues: Numbers) -> float:
    arcs = _arcs(template)
    hue = np.arange(_BINS)
    turns = arcs[(hue[None] - hue[:, None]) % _BINS]
    area = sum(width for _, width in template) / 360
    return float((1 - (turns @ hues).min() / arcs.mean()) * (1 - _AREA_COST * area))


def _arcs(template: tuple[tuple[float, float], ...]) -> Numbers:
    """Degrees from each hue to the nearest edge of a sector; 0 inside one."""
    hue = (np.arange(_BINS) + 0.5) * 360 / _BINS
    gaps = [np.abs((hue - centre + 180) % 360 - 180) - width / 2 for centre, width in template]
    return np.asarray(np.maximum(np.min(gaps, axis=0), 0))
