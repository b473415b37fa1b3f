"""The sheet of paper in a photograph of a drawing: its four corners, where they are sure.

A sheet is lighter and greyer than the table, and its edges are straight. So lines are sought along which one side is
paler than the other (a Hough transform whose votes know that side), and of all four-sided figures of such lines the one
whose sides are paler inside over most of their length. Lines that were drawn do not count: both of their sides are
paper.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from agents.craft.colour import oklab

Floats = NDArray[np.float64]
Corners = tuple[tuple[float, float], ...]

_SIDE_PX: Final = 256
_CHROMA_COST: Final = 1.0
_ANGLES: Final = 180
_LINES_EACH: Final = 6
_MOST_TURN: Final = np.deg2rad(40)
_REACH_PX: Final = 3
_LEAST_STEP: Final = 0.035
_TINT_COST: Final = 2.0
_MOST_LEFT_OUT: Final = 0.15
_LEAST_AREA_RATIO: Final = 0.18
_LEAST_SIDE: Final = 0.62
_LEAST_MEAN: Final = 0.75
_OUTSIDE_RATIO: Final = 0.02
_SAMPLES: Final = 48


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where a sheet lies: its corners, top left and on clockwise, in shares 0..1 of the picture's width and height, and
    how sure that is: the share 0..1 of its edges that can be seen, at the least of its sides."""

    corners: Corners
    sureness: float


def find_sheet(image: Image.Image) -> Sheet | None:
    """The sheet in an upright RGB picture; None where none is sure, or where it fills the picture.

    It is found where it covers 18 % of the picture, lies whole in it, is turned by less than 40 degrees, and is lighter
    or greyer than what it lies on along 62 % of each side. Not found is a sheet on a ground of its own colour, one
    painted to its edges with dark colours, one that is bent much. About 25 ms.

    Source: Duda and Hart, Use of the Hough transformation to detect lines and curves in pictures, 1972.
    """
    scale = _SIDE_PX / max(image.size)
    if min(image.size) * scale < _SIDE_PX / 4 or scale > 1:
        return None
    width, height = (round(side * scale) for side in image.size)
    small = np.asarray(image.resize((width, height), Image.Resampling.BOX if scale < 0.5 else Image.Resampling.LANCZOS))
    lab = np.stack([ndimage.gaussian_filter(channel, 1.0) for channel in np.moveaxis(oklab(small), 2, 0)])
    chroma = np.hypot(lab[1], lab[2])
    paleness = np.asarray(lab[0] - _CHROMA_COST * chroma, dtype=np.float64)
    groups = _lines(paleness)
    found = _best_quad(groups, paleness, chroma / (lab[0] + 0.1)) if all(len(group) for group in groups) else None
    if found is None:
        return None
    corners, sureness = found
    refined = _refined(corners, paleness)
    shares = refined / (width, height)
    return Sheet(tuple((float(x), float(y)) for x, y in np.clip(shares, 0, 1)), sureness)


def _lines(paleness: Floats) -> list[Floats]:
    """For the left, top, right and bottom side the strongest lines, each as angle of its inward normal and offset."""
    down, across = (np.asarray(np.gradient(paleness, axis=axis)) for axis in (0, 1))
    strength = np.asarray(np.hypot(down, across))
    around = ndimage.uniform_filter(strength, 15) + 0.01
    edge: Floats = np.minimum(strength / around, 2.5) * np.minimum(strength, 0.05)
    rows, columns = np.nonzero((strength > 0.012) & (strength > 0.9 * around))
    angle = np.arctan2(down[rows, columns], across[rows, columns])
    votes = _votes(rows, columns, angle, edge[rows, columns], paleness.shape)
    return [_peaks(votes, middle, paleness.shape) for middle in (0.0, np.pi / 2, np.pi, -np.pi / 2)]


def _votes(
    rows: NDArray[np.intp], columns: NDArray[np.intp], angle: Floats, weight: Floats, shape: tuple[int, ...]
) -> Floats:
    """Votes by angle (360 degrees in 180 bins) and offset in px; each edge votes for the angles near its own."""
    reach = int(np.hypot(shape[0], shape[1])) + 2
    votes = np.zeros((_ANGLES, 2 * reach))
    own = np.rint(angle / (2 * np.pi) * _ANGLES).astype(np.intp)
    for shift in range(-4, 5):
        bins = (own + shift) % _ANGLES
        turn = bins * (2 * np.pi / _ANGLES)
        offset = np.rint(columns * np.cos(turn) + rows * np.sin(turn)).astype(np.intp) + reach
        votes += np.bincount(bins * 2 * reach + offset, weight, votes.size).reshape(votes.shape)
    return np.asarray(ndimage.gaussian_filter(votes, (0.7, 1.0), mode=("wrap", "constant")))


def _peaks(votes: Floats, middle: float, shape: tuple[int, ...]) -> Floats:
    reach = votes.shape[1] // 2
    turns = np.arange(_ANGLES) * (2 * np.pi / _ANGLES)
    away = np.abs((turns - middle + np.pi) % (2 * np.pi) - np.pi)
    allowed = np.where((away <= _MOST_TURN)[:, None], votes, 0)
    peak = allowed == ndimage.maximum_filter(allowed, (7, 9), mode=("wrap", "constant"))
    rows, columns = np.nonzero(peak & (allowed > 0))
    best = np.argsort(-allowed[rows, columns], kind="stable")[:_LINES_EACH]
    return np.stack([turns[rows[best]], columns[best].astype(np.float64) - reach], axis=1)


def _best_quad(groups: list[Floats], paleness: Floats, saturation: NDArray[np.floating]) -> tuple[Floats, float] | None:
    lines = np.array(list(product(*groups)))
    quads = np.stack([_crossings(lines[:, one], lines[:, other]) for one, other in ((0, 1), (1, 2), (2, 3), (3, 0))], 1)
    quads = quads[_is_possible(quads, paleness.shape)]
    if not len(quads):
        return None
    seen, paper = _seen(quads, paleness)
    least, mean, left_out = seen.min(axis=1), seen.mean(axis=1), _left_out(quads, paper, paleness)
    worth = mean + 0.5 * least + 0.1 * _areas(quads) / paleness.size - left_out - _tints(quads, saturation)
    is_sure = (least >= _LEAST_SIDE) & (mean >= _LEAST_MEAN) & (left_out <= _MOST_LEFT_OUT)
    best = int(np.where(is_sure, worth, -np.inf).argmax())
    return (quads[best], float(least[best])) if is_sure[best] else None


def _crossings(one: Floats, other: Floats) -> Floats:
    (a, b), (c, d) = (np.cos(one[:, 0]), np.sin(one[:, 0])), (np.cos(other[:, 0]), np.sin(other[:, 0]))
    turn = a * d - b * c
    turn = np.where(np.abs(turn) < 1e-6, 1e-6, turn)
    return np.stack([(one[:, 1] * d - other[:, 1] * b) / turn, (other[:, 1] * a - one[:, 1] * c) / turn], axis=1)


def _is_possible(quads: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Four-sided, whole in the picture, large enough, and no more aslant than a sheet seen by a person."""
    size = np.array(shape[::-1], dtype=np.float64)
    inside = ((quads > -_OUTSIDE_RATIO * size) & (quads < (1 + _OUTSIDE_RATIO) * size)).all(axis=(1, 2))
    sides = np.roll(quads, -1, axis=1) - quads
    turns = sides[..., 0] * np.roll(sides, -1, axis=1)[..., 1] - sides[..., 1] * np.roll(sides, -1, axis=1)[..., 0]
    length = np.linalg.norm(sides, axis=2)
    even = (np.minimum(length[:, :2], length[:, 2:]) > 0.55 * np.maximum(length[:, :2], length[:, 2:])).all(axis=1)
    return np.asarray(inside & (turns > 0).all(axis=1) & even & (_areas(quads) > _LEAST_AREA_RATIO * size.prod()))


def _areas(quads: Floats) -> Floats:
    x, y = quads[..., 0], quads[..., 1]
    return np.asarray(np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(axis=1)) / 2)


def _seen(quads: Floats, paleness: Floats) -> tuple[Floats, Floats]:
    """The share of each side along which there is paper inside and less pale ground outside, shape (n, 4), and how pale
    the paper is."""
    points, normals = _along(quads)
    inner, outer = (_sampled(paleness, points + sign * _REACH_PX * normals) for sign in (1, -1))
    paper = np.median(inner.reshape(len(quads), -1), axis=1)
    return (inner - outer > _LEAST_STEP).mean(axis=2), paper


def _tints(quads: Floats, saturation: NDArray[np.floating]) -> Floats:
    """How much more colourful the paper is along one side than along another; light and shadow do not count."""
    points, normals = _along(quads)
    sides = np.median(_sampled(saturation, points + _REACH_PX * normals), axis=2)
    return np.asarray(np.maximum(np.ptp(sides, axis=1) - 0.03, 0) * _TINT_COST)


def _left_out(quads: Floats, paper: Floats, paleness: Floats) -> Floats:
    """The share of the picture that is as pale as the paper and lies outside: it would be more of the sheet."""
    step = max(1, min(paleness.shape) // 24)
    rows, columns = (axis.ravel() for axis in np.mgrid[0 : paleness.shape[0] : step, 0 : paleness.shape[1] : step])
    sides = np.roll(quads, -1, axis=1) - quads
    across, down = (columns - quads[..., :1]), (rows - quads[..., 1:])
    is_outside = (sides[..., :1] * down - sides[..., 1:] * across < 0).any(axis=1)
    return np.asarray((is_outside & (paleness[rows, columns] >= paper[:, None])).mean(axis=1))


def _along(quads: Floats) -> tuple[Floats, Floats]:
    """Points along each side, and the inward normals there: both (n, 4, samples, 2)."""
    sides = np.roll(quads, -1, axis=1) - quads
    share = (np.arange(_SAMPLES) + 0.5)[:, None] / _SAMPLES
    points = quads[:, :, None] + share * sides[:, :, None]
    normals = np.stack([-sides[..., 1], sides[..., 0]], axis=2) / np.linalg.norm(sides, axis=2, keepdims=True)
    return points, np.broadcast_to(normals[:, :, None], points.shape)


def _sampled(values: NDArray[np.floating], points: Floats) -> NDArray[np.floating]:
    rows = np.clip(np.rint(points[..., 1]).astype(np.intp), 0, values.shape[0] - 1)
    columns = np.clip(np.rint(points[..., 0]).astype(np.intp), 0, values.shape[1] - 1)
    return values[rows, columns]


def _refined(quad: Floats, paleness: Floats) -> Floats:
    """The corners of the lines that fit best to where the paleness steps, within some px of the sides as they are."""
    points, normals = _along(quad[None])
    shifts = np.arange(-4, 4.01, 0.5)
    places = points[0][:, :, None] + shifts[:, None] * normals[0][:, :, None]
    values = ndimage.map_coordinates(paleness, [places[..., 1], places[..., 0]], order=1, mode="nearest")
    steps = np.gradient(values, axis=2)
    best = steps.argmax(axis=2)
    strength = np.take_along_axis(steps, best[..., None], 2)[..., 0]
    lines = [
        _fitted(points[0, side] + shifts[best[side]][:, None] * normals[0, side], strength[side]) for side in range(4)
    ]
    corners = [_crossings(lines[(side - 1) % 4][None], lines[side][None])[0] for side in range(4)]
    return np.array(corners)


def _fitted(points: Floats, weight: Floats) -> Floats:
    """The line, as angle of its normal and offset, through most of the points: weighted, and again without outliers."""
    kept = np.ones(len(points), dtype=np.bool_)
    normal, offset = np.zeros(2), 0.0
    for _ in range(3):
        share = np.where(kept, np.maximum(weight, 1e-6), 0)
        middle = share @ points / share.sum()
        spread = (points - middle) * np.sqrt(share)[:, None]
        normal = np.linalg.svd(spread, full_matrices=False)[2][1]
        offset = float(normal @ middle)
        away = np.abs(points @ normal - offset)
        kept = away <= max(1.0, 2 * float(np.median(away)))
    return np.array([np.arctan2(normal[1], normal[0]), offset])
