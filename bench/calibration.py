"""Calibration of pairing on pictures that its two numbers were not fitted on.

The temperature and nobody's score are fitted as `docs/decisions/0007` says, on four fifths of the labelled drawings,
and tried on the renderings of the fifth that was left; and those of the product are tried on the sample book.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from agents.craft.pairing import chances, pair
from bench.table import Row
from tests.agents.craft.labelled import Labelled, calibration_error, of_sample

FOLDS, BOOKS, SIZES = 5, 12, (3, 5, 8, 12, 16)
TEMPERATURES, NOBODIES = np.arange(0.03, 0.1, 0.005), np.arange(0.14, 0.36, 0.02)

Book = tuple[NDArray[np.float64], NDArray[np.intp]]
"""Likenesses (outputs, inputs), and the input of each output, -1 for a stranger."""


def rows(known: Labelled) -> list[Row]:
    """The calibration error where nothing was fitted."""
    sample = of_sample()
    matches = pair(sample.likeness().astype(np.float64))
    right = [match.input == own for match, own in zip(matches, sample.truth, strict=True)]
    return [
        Row(
            "calibration error, labelled, fitted on four fifths and tried on the fifth", _folded(known), "at most 0.05"
        ),
        Row("calibration error, sample, nothing fitted", calibration_error(matches, right), "at most 0.05"),
        Row("  with each drawing taken away in turn", sample.calibration_with_strangers(), "at most 0.05"),
    ]


def _folded(known: Labelled) -> float:
    rng = np.random.default_rng(0)
    order = rng.permutation(len(known.inputs))
    likeness = known.likeness().astype(np.float64)
    confidence, right = [], []
    for fold in np.array_split(order, FOLDS):
        temperature, nobody = _fitted(list(_books(known, np.setdiff1d(order, fold), rng)))
        held = np.flatnonzero(np.isin(known.truth, fold))
        best = likeness[held].argmax(axis=1)
        confidence.append(chances(likeness[held], temperature, nobody)[np.arange(len(held)), best])
        right.append(best == known.truth[held])
    return _error(np.concatenate(confidence), np.concatenate(right))


def _books(known: Labelled, drawings: NDArray[np.intp], rng: np.random.Generator) -> Iterator[Book]:
    """Books of some of these drawings, one of which is taken away so that its renderings are strangers."""
    for size in SIZES:
        for _ in range(BOOKS):
            gone, *kept = rng.choice(drawings, min(size, len(drawings)), replace=False).tolist()
            rows = np.flatnonzero(np.isin(known.truth, [gone, *kept])).tolist()
            place = {drawing: index for index, drawing in enumerate(kept)}
            truth = np.array([place.get(own, -1) for own in known.truth[rows].tolist()])
            yield known.likeness(kept, rows).astype(np.float64), truth


def _fitted(books: Sequence[Book]) -> tuple[float, float]:
    """Temperature and nobody's score of the least log loss."""
    loss = {(t, n): sum(_loss(*book, t, n) for book in books) for t in TEMPERATURES for n in NOBODIES}
    best = min(loss, key=lambda pair: loss[pair])
    return float(best[0]), float(best[1])


def _loss(likeness: NDArray[np.float64], truth: NDArray[np.intp], temperature: float, nobody: float) -> float:
    known = chances(likeness, temperature, nobody)
    all_ = np.concatenate([known, 1 - known.sum(axis=1, keepdims=True)], axis=1)
    return float(-np.log(np.maximum(all_[np.arange(len(truth)), truth], 1e-9)).sum())


def _error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    inside = [place == each for each in range(bins) if (place == each).any()]
    return float(sum(each.mean() * abs(confidence[each].mean() - right[each].mean()) for each in inside))
