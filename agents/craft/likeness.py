"""Likeness: the fixed vector of 1536 numbers by which two pictures of one layout find each other.

A rendering keeps what a drawing's lines say and changes colours, textures and light. So the vector holds gradients
and edges only: two histograms of gradient orientation (8 x 8 and 4 x 4 cells), the low frequencies of the edge map,
and the distance to the nearest edge for each of four orientations.
"""

import functools

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft, ndimage

from agents.craft.colour import oklab

DIMENSIONS = 1536

_SIDE_PX = 128
_CELL_PX = 16
_ORIENTATIONS = 9
_CELL_FLOOR_RATIO = 0.01
_CLIP = 0.5
_EDGE_RATIO = 0.10
_LENGTHS = (576, 144, 240, 576)
_WEIGHTS = (2.0, 0.5, 2.0, 3.0)
_FINE_MEAN, _COARSE_MEAN = 0.168, 0.201

Floats = NDArray[np.float32]


def feature_vector(image: NDArray[np.uint8]) -> Floats:
    """The vector of unit length, shape (1536,), of an sRGB picture of shape (height, width, 3), upright and on white.

    The picture is stretched to 128 x 128 px: its aspect does not count. Four blocks (576 | 144 | 240 | 576 numbers)
    are centred, normed and weighted; the centre of the two histograms is a constant, the mean over drawings and
    renderings alike, the other two have none by construction.

    Sources: Dalal and Triggs, Histograms of oriented gradients, 2005; Di Zenzo, A note on the gradient of a
    multi-image, 1986. About 7 ms. Weak where a picture is mostly noise or its figure is very small, blind to colour,
    and not invariant to mirroring (see `mirrored`), large shifts or turns of more than some 10 degrees.
    """
    lab = np.ascontiguousarray(np.moveaxis(oklab(_squared(image)), 2, 0))
    strength, angle = _gradient(lab, 1.25)
    edginess = _edge_strength(strength)
    blocks = (
        _histograms(strength, angle) - _FINE_MEAN,
        _histograms(*_gradient(_halved(lab), 1.5)) - _COARSE_MEAN,
        _frequencies(edginess),
        _distances(_edges(edginess, strength), angle),
    )
    return _unit(np.concatenate([_unit(b) * np.float32(w**0.5) for b, w in zip(blocks, _WEIGHTS, strict=True)]))


def mirrored(vector: Floats) -> Floats:
    """The vector, shape (..., 1536), that the picture flipped left to right has, without looking at the picture.

    Flipping moves every cell to the other side and turns every angle round; the cosines of odd frequencies change their
    sign. Exact but for rounding.
    """
    fine, coarse, low, near = np.split(vector, np.cumsum(_LENGTHS[:3]), axis=-1)
    even = 1 - 2 * (np.arange(1, 241) % 16 % 2)
    return np.concatenate(
        [_flipped(fine, 8), _flipped(coarse, 4), low * even.astype(low.dtype), _flipped_distances(near)], axis=-1
    )


def _flipped(histograms: Floats, cells: int) -> Floats:
    grid = histograms.reshape(*histograms.shape[:-1], cells, cells, _ORIENTATIONS)
    return grid[..., ::-1, ::-1].reshape(histograms.shape)


def _flipped_distances(near: Floats) -> Floats:
    maps = near.reshape(*near.shape[:-1], 4, 12, 12)
    return maps[..., [0, 3, 2, 1], :, ::-1].reshape(near.shape)


def _squared(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """128 x 128 px; means of blocks where there are many pixels to each, which costs a third of a finer filter."""
    if image.shape[:2] == (_SIDE_PX, _SIDE_PX):
        return image
    picture = Image.fromarray(np.ascontiguousarray(image))
    how = Image.Resampling.BOX if min(picture.size) >= 2 * _SIDE_PX else Image.Resampling.LANCZOS
    return np.asarray(picture.resize((_SIDE_PX, _SIDE_PX), how))


def _halved(values: Floats) -> Floats:
    """Means of 2 x 2 over the last two axes."""
    rows = values[..., ::2, :] + values[..., 1::2, :]
    return np.asarray((rows[..., ::2] + rows[..., 1::2]) / 4, dtype=np.float32)


def _gradient(lab: Floats, sigma_px: float) -> tuple[Floats, Floats]:
    """Strength, and orientation in -pi/2..pi/2, of the gradient over all three channels."""
    smooth = ndimage.gaussian_filter(lab, (0, sigma_px, sigma_px), mode="nearest")
    across, down = _sobel(smooth)
    pairs = ((across, across), (down, down), (across, down))
    xx, yy, xy = (np.einsum("cij,cij->ij", one, other) for one, other in pairs)
    strength = np.sqrt((xx + yy + np.sqrt((xx - yy) ** 2 + 4 * xy**2)) / 2)
    return np.asarray(strength), np.asarray(np.arctan2(2 * xy, xx - yy) / 2)


def _sobel(channels: Floats) -> tuple[Floats, Floats]:
    padded = np.pad(channels, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = padded[:, :, 2:] - padded[:, :, :-2]
    down = padded[:, 2:] - padded[:, :-2]
    return (
        across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:],
        down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:],
    )


def _histograms(strength: Floats, angle: Floats) -> Floats:
    """Orientations by cells of 16 px, each cell relative to those around it."""
    side, cells = len(strength), len(strength) // _CELL_PX
    place = (angle / np.float32(np.pi) + np.float32(0.5)) * _ORIENTATIONS - np.float32(0.5)
    lower = np.floor(place)
    share = place - lower
    base, bins = _cell_bases(side), lower.astype(np.int32)
    sums = np.zeros(cells * cells * _ORIENTATIONS)
    for orientation, weights in ((bins, strength - share * strength), (bins + 1, share * strength)):
        index = base + orientation % _ORIENTATIONS
        sums += np.bincount(index.ravel(), weights.ravel(), len(sums))
    histograms = sums.reshape(cells, cells, _ORIENTATIONS)
    energy = (histograms**2).sum(axis=2)
    around = ndimage.uniform_filter(energy, 3, mode="nearest") + _CELL_FLOOR_RATIO * energy.mean() + 1e-12
    return np.asarray(np.minimum(histograms / np.sqrt(around)[..., None], _CLIP).ravel(), dtype=np.float32)


@functools.cache
def _cell_bases(side_px: int) -> NDArray[np.int32]:
    rows, columns = np.indices((side_px, side_px), dtype=np.int32) // _CELL_PX
    return np.asarray((rows * (side_px // _CELL_PX) + columns) * _ORIENTATIONS, dtype=np.int32)


def _edge_strength(strength: Floats) -> Floats:
    """Strength relative to its surroundings, so that a pencil's line counts like a felt pen's."""
    around = _sandwiched(_surroundings(), _halved(_halved(strength)))
    relative = strength / (around + 0.25 * strength.mean() + 1e-9)
    return np.asarray(relative * np.sqrt(strength / (strength.max() + 1e-9)), dtype=np.float32)


@functools.cache
def _surroundings() -> Floats:
    """The matrix (128, 32) that blurs 32 numbers (sigma 4) and draws straight lines between them."""
    quarter = np.eye(_SIDE_PX // 4)
    blurred = ndimage.gaussian_filter1d(quarter, 4, axis=0, mode="nearest")
    at = (np.arange(_SIDE_PX) + 0.5) / 4 - 0.5
    return np.stack([np.interp(at, np.arange(len(quarter)), column) for column in blurred.T], axis=1).astype(np.float32)


def _edges(edge_strength: Floats, strength: Floats) -> NDArray[np.bool_]:
    strong = edge_strength > np.quantile(edge_strength, 1 - _EDGE_RATIO)
    return np.asarray(strong & (strength > 0.02 * strength.max()))


def _frequencies(edge_strength: Floats) -> Floats:
    clipped = _halved(np.minimum(edge_strength, np.quantile(edge_strength, 0.97)))
    low = fft.dctn(clipped - clipped.mean(), norm="ortho")[:16, :16].ravel()[1:241]
    return np.asarray(np.sign(low) * np.abs(low) ** 0.7, dtype=np.float32)


def _distances(edges: NDArray[np.bool_], angle: Floats) -> Floats:
    orientation = np.rint((angle / np.pi + 0.5) * 4).astype(np.intp) % 4
    return np.concatenate([_nearness(edges & (orientation == each)) for each in range(4)])


def _nearness(edges: NDArray[np.bool_]) -> Floats:
    """1 on an edge, falling off by e every 6 px, as 12 x 12 means about their mean; measured at half the size."""
    if not edges.any():
        return np.zeros(144, dtype=np.float32)
    rows = edges[::2] | edges[1::2]
    near = np.exp(ndimage.distance_transform_edt(~(rows[:, ::2] | rows[:, 1::2])) / -3)
    means = _sandwiched(_twelfths(), near)
    return np.asarray((means - means.mean()).ravel(), dtype=np.float32)


@functools.cache
def _twelfths() -> NDArray[np.float64]:
    """The matrix (12, 64) that averages 64 numbers over 12 equal stretches."""
    side = _SIDE_PX // 2
    ends = np.linspace(0, side, 13)
    start = np.arange(side)
    overlap = np.minimum(ends[1:, None], start + 1) - np.maximum(ends[:-1, None], start)
    return np.asarray(np.maximum(overlap, 0) * 12 / side)


def _sandwiched(matrix: NDArray[np.floating], square: NDArray[np.floating]) -> NDArray[np.floating]:
    """`matrix @ square @ matrix.T` without BLAS, whose threads would spin for longer than this takes."""
    made: NDArray[np.floating] = np.einsum(
        "il,jl->ij", np.einsum("ik,lk->il", matrix, np.ascontiguousarray(square.T)), matrix
    )
    return made


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / (np.linalg.norm(vector) + 1e-9), dtype=np.float32)
