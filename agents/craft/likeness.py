"""Likeness: the fixed vector of 1536 numbers by which two pictures of one layout find each other.

A rendering keeps what a drawing's lines say and changes colours, textures and light. So the vector holds gradients
and edges only: two histograms of gradient orientation (cells of 16 and 32 px), the low frequencies of the edge map,
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
_ORIENTATIONS = 9
_CELL_FLOOR_RATIO = 0.01
_CLIP = 0.5
_EDGE_RATIO = 0.07
_WEIGHTS = (2.0, 0.5, 2.0, 3.0)
_FINE_MEAN, _COARSE_MEAN = 0.168, 0.201

Floats = NDArray[np.float32]


def feature_vector(image: NDArray[np.uint8]) -> Floats:
    """The vector of unit length, shape (1536,), of an sRGB picture of shape (height, width, 3), upright and on white.

    The picture is stretched to 128 x 128 px: its aspect does not count. Four blocks (576 | 144 | 240 | 576 numbers)
    are centred, normed and weighted; the centre of the two histograms is a constant, the mean over drawings and
    renderings alike, the other two have none by construction.

    Sources: Dalal and Triggs, Histograms of oriented gradients, 2005; Di Zenzo, A note on the gradient of a
    multi-image, 1986. About 15 ms. Weak where a picture is mostly noise or its figure is very small, blind to colour,
    and not invariant to mirroring (give both vectors to `similarity`), large shifts or turns of more than some 10
    degrees.
    """
    lab = np.ascontiguousarray(np.moveaxis(oklab(_squared(image)), 2, 0))
    fine, coarse, sharp = (_gradient(lab, sigma_px) for sigma_px in (1.0, 3.0, 1.5))
    strength = _edge_strength(sharp[0])
    blocks = (
        _histograms(*fine, cell_px=16) - _FINE_MEAN,
        _histograms(*coarse, cell_px=32) - _COARSE_MEAN,
        _frequencies(strength),
        _distances(_edges(strength, sharp[0]), sharp[1]),
    )
    return _unit(np.concatenate([_unit(b) * np.float32(w**0.5) for b, w in zip(blocks, _WEIGHTS, strict=True)]))


def mirrored(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture flipped left to right."""
    return image[:, ::-1]


def _squared(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if image.shape[:2] == (_SIDE_PX, _SIDE_PX):
        return image
    picture = Image.fromarray(np.ascontiguousarray(image))
    return np.asarray(picture.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=2.0))


def _gradient(lab: Floats, sigma_px: float) -> tuple[Floats, Floats]:
    """Strength, and orientation in -pi/2..pi/2, of the gradient over all three channels."""
    smooth = ndimage.gaussian_filter(lab, (0, sigma_px, sigma_px), mode="nearest")
    across, down = _sobel(smooth)
    xx, yy, xy = ((one * other).sum(axis=0) for one, other in ((across, across), (down, down), (across, down)))
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


def _histograms(strength: Floats, angle: Floats, *, cell_px: int) -> Floats:
    cells = _SIDE_PX // cell_px
    place = (angle / np.pi + 0.5) * _ORIENTATIONS - 0.5
    lower = np.floor(place)
    share = place - lower
    rows, columns = np.indices((_SIDE_PX, _SIDE_PX)) // cell_px
    base = (rows * cells + columns) * _ORIENTATIONS
    sums = np.zeros(cells * cells * _ORIENTATIONS)
    for bins, weights in ((lower, (1 - share) * strength), (lower + 1, share * strength)):
        index = base + bins.astype(np.intp) % _ORIENTATIONS
        sums += np.bincount(index.ravel(), weights.ravel(), len(sums))
    histograms = sums.reshape(cells, cells, _ORIENTATIONS)
    energy = (histograms**2).sum(axis=2)
    around = ndimage.uniform_filter(energy, 3, mode="nearest") + _CELL_FLOOR_RATIO * energy.mean() + 1e-12
    return np.asarray(np.minimum(histograms / np.sqrt(around)[..., None], _CLIP).ravel(), dtype=np.float32)


def _edge_strength(strength: Floats) -> Floats:
    """Strength relative to its surroundings, so that a pencil's line counts like a felt pen's."""
    quarter = _thumbnail(strength, 4)
    around = ndimage.zoom(
        ndimage.gaussian_filter(quarter, 4, mode="nearest"), 4, order=1, mode="nearest", grid_mode=True
    )
    relative = strength / (around + 0.25 * strength.mean() + 1e-9)
    return np.asarray(relative * np.sqrt(strength / (strength.max() + 1e-9)), dtype=np.float32)


def _edges(edge_strength: Floats, strength: Floats) -> NDArray[np.bool_]:
    strong = edge_strength > np.quantile(edge_strength, 1 - _EDGE_RATIO)
    return np.asarray(strong & (strength > 0.02 * strength.max()))


def _frequencies(edge_strength: Floats) -> Floats:
    clipped = _thumbnail(np.minimum(edge_strength, np.quantile(edge_strength, 0.97)), 2)
    low = fft.dctn(clipped - clipped.mean(), norm="ortho")[:16, :16].ravel()[1:241]
    return np.asarray(np.sign(low) * np.abs(low) ** 0.7, dtype=np.float32)


def _distances(edges: NDArray[np.bool_], angle: Floats) -> Floats:
    orientation = np.rint((angle / np.pi + 0.5) * 4).astype(np.intp) % 4
    return np.concatenate([_nearness(edges & (orientation == each)) for each in range(4)])


def _nearness(edges: NDArray[np.bool_]) -> Floats:
    """1 on an edge, falling off by e every 6 px, as 12 x 12 means about their mean."""
    if not edges.any():
        return np.zeros(144, dtype=np.float32)
    near = np.exp(ndimage.distance_transform_edt(~edges) / -6)
    means = _twelfths() @ near @ _twelfths().T
    return np.asarray((means - means.mean()).ravel(), dtype=np.float32)


@functools.cache
def _twelfths() -> NDArray[np.float64]:
    """The matrix (12, 128) that averages 128 numbers over 12 equal stretches."""
    ends = np.linspace(0, _SIDE_PX, 13)
    start = np.arange(_SIDE_PX)
    overlap = np.minimum(ends[1:, None], start + 1) - np.maximum(ends[:-1, None], start)
    return np.asarray(np.maximum(overlap, 0) * 12 / _SIDE_PX)


def _thumbnail(values: Floats, by: int) -> Floats:
    height, width = values.shape
    return np.asarray(values.reshape(height // by, by, width // by, by).mean(axis=(1, 3)), dtype=np.float32)


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / (np.linalg.norm(vector) + 1e-9), dtype=np.float32)
