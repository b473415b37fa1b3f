"""Kinship of pictures: how far apart two palettes are, and which renderings are nearly the same picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.book.picture import Picture, Swatch

_SAME_LAYOUT = 0.95
_SAME_PALETTE = 0.03


def palette_distance(one: Sequence[Swatch], other: Sequence[Swatch]) -> float:
    """How far apart two palettes are in OKLab: 0 for the same, 0.1 for kindred ones, 0.3 for pale and dark.

    The mean distance, by share, from each colour to the nearest one of the other palette, there and back.

    It counts colours more than their shares: a red dot on white is near to white on red.
    """
    apart = np.linalg.norm(_colours(one)[:, None] - _colours(other)[None], axis=2)
    there = float(apart.min(axis=1) @ _shares(one))
    back = float(apart.min(axis=0) @ _shares(other))
    return (there + back) / 2


def palette_distances(palettes: Sequence[Sequence[Swatch]]) -> NDArray[np.float64]:
    """The `palette_distance` of each two of n palettes: shape (n, n). About 20 ms for 300."""
    most = max((len(palette) for palette in palettes), default=1)
    colours = np.full((len(palettes), most, 3), np.inf)
    shares = np.zeros((len(palettes), most))
    for index, palette in enumerate(palettes):
        colours[index, : len(palette)], shares[index, : len(palette)] = _colours(palette), _shares(palette)
    there = np.zeros((len(palettes), len(palettes)))
    for index, own in enumerate(colours):
        count = len(palettes[index])
        apart = np.linalg.norm(own[None, :count, None] - colours[:, None], axis=3).min(axis=2)
        there[index] = apart @ shares[index, :count]
    return (there + there.T) / 2


def sketch(features: NDArray[np.floating], size: int = 32) -> tuple[float, ...]:
    """A vector in few numbers, whose cosines are those of the whole vectors within some 0.2 (a fixed random projection;
    Johnson and Lindenstrauss, 1984)."""
    turns = np.random.default_rng(len(features)).standard_normal((len(features), size)) / np.sqrt(size)
    return tuple(round(float(each), 3) for each in np.asarray(features, dtype=np.float64) @ turns)


def near_duplicates(pictures: Sequence[Picture], features: NDArray[np.floating]) -> list[int | None]:
    """For each picture the first earlier one that it nearly repeats: the same layout (cosine of the feature vectors,
    shape (n, d), at least 0.95) in the same colours. None where there is none, and no chains: what is given has none.

    Meant for copies that were scaled, compressed anew or cut by a hair; two renderings of one prompt are farther apart.
    """
    likeness = np.asarray(features @ features.T)
    found: list[int | None] = []
    for index, picture in enumerate(pictures):
        kin = (
            earlier
            for earlier in np.flatnonzero(likeness[index, :index] >= _SAME_LAYOUT).tolist()
            if found[earlier] is None and palette_distance(picture.palette, pictures[earlier].palette) < _SAME_PALETTE
        )
        found.append(next((int(earlier) for earlier in kin), None))
    return found


def _colours(palette: Sequence[Swatch]) -> NDArray[np.float64]:
    return np.array([(s.colour.lightness, s.colour.a, s.colour.b) for s in palette], dtype=np.float64)


def _shares(palette: Sequence[Swatch]) -> NDArray[np.float64]:
    shares = np.array([swatch.share_ratio for swatch in palette], dtype=np.float64)
    return np.asarray(shares / shares.sum())
