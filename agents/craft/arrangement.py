"""Arrangement: which picture goes into which cell, so that neighbours' colours harmonise."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Orders = NDArray[np.intp]

_STARTS = 128
_SHAKEN, _SHAKES, _EXCHANGES = 12, 3, 5
_EXACT = 9
_GAIN = 1e-6


def arrange(
    colours: NDArray[np.floating],
    adjacency: NDArray[np.floating],
    *,
    kept_apart: Iterable[tuple[int, int]] = (),
    symmetries: Sequence[Sequence[int]] = (),
    seed: int = 0,
) -> tuple[int, ...]:
    """The picture for each cell, so that OKLab distances over neighbouring cells, times their adjacency, add up least.

    `colours` (n, 3) are the pictures' mean colours in OKLab, `adjacency` (n, n) is symmetric with a zero diagonal.
    Pictures that are `kept_apart`, by pairs, count as 1 farther from each other than they are, so that they are not
    neighbours where that can be. Among the `symmetries` of the cells, each a permutation of them, the one with the
    lightest picture in the first cells is taken, so that equal pictures always lie alike.

    Best swaps (2-opt) from 128 seeded starts at once, and once more from the best of them with exchanges at random:
    within 1 % of the best known sum for up to 16 cells, but for one of 720 random sets (1.6 %). About 5 ms for 16
    pictures; the cost grows with n to the fourth power, too much beyond some 60. Looks at mean colours only.
    """
    points = np.asarray(colours, dtype=np.float64)
    if len(points) == 0:
        return ()
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    for one, other in kept_apart:
        apart[one, other] = apart[other, one] = apart[one, other] + 1
    weights = np.asarray(adjacency, dtype=np.float64)
    rng = np.random.default_rng(seed)
    orders = _improved(_starts(points, rng), apart, weights)
    if len(points) > _EXACT:
        orders = _shaken(orders, apart, weights, rng)
    costs = np.round(_costs(orders, apart, weights), 9)
    best = [_upright(order, points[:, 0], symmetries) for order in orders[costs == costs.min()]]
    return min(best)


def unrest(colours: NDArray[np.floating], adjacency: NDArray[np.floating], order: Sequence[int] | None = None) -> float:
    """What `arrange` makes small: the sum of OKLab distances over neighbouring cells, times their adjacency."""
    points = np.asarray(colours, dtype=np.float64)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    placed = np.arange(len(points)) if order is None else np.asarray(order, dtype=np.intp)
    return float(_costs(placed[None], apart, np.asarray(adjacency, dtype=np.float64))[0])


def _starts(points: Matrix, rng: np.random.Generator) -> Orders:
    by_lightness = np.lexsort(points.T[::-1])[::-1]
    others = np.tile(np.arange(len(points)), (_STARTS - 1, 1))
    return np.concatenate([by_lightness[None], rng.permuted(others, axis=1)])


def _shaken(orders: Orders, apart: Matrix, weights: Matrix, rng: np.random.Generator) -> Orders:
    """The orders, and those that are found from the best of them with some exchanges at random (iterated
    local search)."""
    best = orders[np.argsort(_costs(orders, apart, weights), kind="stable")[:_SHAKEN]]
    changed = np.repeat(best, _SHAKES, axis=0)
    rows, count = np.arange(len(changed)), orders.shape[1]
    for _ in range(_EXCHANGES):
        one, other = rng.integers(count, size=(2, len(changed)))
        changed[rows, one], changed[rows, other] = changed[rows, other], changed[rows, one]
    return np.concatenate([best, _improved(changed, apart, weights)])


def _improved(orders: Orders, apart: Matrix, weights: Matrix) -> Orders:
    """Every order after its best swap, again and again, until it does not gain; in single precision, which is twice as
    fast."""
    orders, active = orders.copy(), np.arange(len(orders))
    weights = weights.astype(np.float32)
    count, twice = orders.shape[1], 2 * weights
    placed = apart.astype(np.float32)[orders[:, :, None], orders[:, None, :]]
    while len(active):
        moved = (placed.reshape(-1, count) @ weights).reshape(placed.shape)
        moved -= np.einsum("kii->ki", moved)[:, None, :]
        change = placed * twice
        change += moved
        change += moved.transpose(0, 2, 1)
        flat = change.reshape(len(active), -1)
        swaps = flat.argmin(axis=1)
        gains = np.flatnonzero(flat[np.arange(len(active)), swaps] < -_GAIN)
        active, placed, rows = active[gains], placed[gains], np.arange(len(gains))
        one, other = np.divmod(swaps[gains], count)
        orders[active, one], orders[active, other] = orders[active, other], orders[active, one]
        placed[rows, one], placed[rows, other] = placed[rows, other], placed[rows, one]
        placed[rows, :, one], placed[rows, :, other] = placed[rows, :, other], placed[rows, :, one]
    return orders


def _costs(orders: Orders, apart: Matrix, weights: Matrix) -> Matrix:
    placed = apart[orders[:, :, None], orders[:, None, :]]
    return np.asarray((weights * placed).sum(axis=(1, 2)) / 2)


def _upright(order: Orders, lightness: Matrix, symmetries: Sequence[Sequence[int]]) -> tuple[int, ...]:
    turned = [tuple(int(order[cell]) for cell in cells) for cells in (range(len(order)), *symmetries)]
    return max(turned, key=lambda cells: ([round(float(lightness[picture]), 6) for picture in cells], cells))
