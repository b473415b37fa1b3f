"""Pairing: which rendering belongs to which drawing, as one assignment over all of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Matrix = NDArray[np.float64]

REVIEW_BELOW = 0.7

_PICTURE, _NAME, _METADATA = 0.6, 0.2, 0.2
_TEMPERATURE = 0.055
_NOBODY = 0.22
_LEAST_SCORE = 0.15
_CLEAR = 0.9
_CLEAR_ENOUGH = 5
_SPREAD = 1e-6
_NEVER = -10.0
_CROWDED = 0.15
_LEAST_CAP = 16


@dataclass(frozen=True, slots=True)
class Match:
    """One output's place: the input it belongs to (None: to none of them), and how sure that is, 0..1.

    The parts are the likeness 0..1 to that input (to the best one, where it belongs to none), None where a part says
    nothing either way. `runner_up` is the best other input. Inputs and outputs are named by their index.
    """

    output: int
    input: int | None
    confidence: float
    picture: float | None
    name: float | None
    metadata: float | None
    runner_up: int | None

    @property
    def is_flagged(self) -> bool:
        """Whether a person should look at it."""
        return self.input is None or self.confidence < REVIEW_BELOW


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said: the input of some outputs, and for others (output, input) to which they do not belong."""

    given: Mapping[int, int] = field(default_factory=dict)
    banned: frozenset[tuple[int, int]] = frozenset()


def pair(
    picture: Matrix,
    name: Matrix | None = None,
    metadata: Matrix | None = None,
    *,
    word: Word | None = None,
    cap: int | None = None,
) -> tuple[Match, ...]:
    """One match for each output, in their order, from likenesses of shape (outputs, inputs), each about 0..1.

    The score is 0.6 picture + 0.2 name + 0.2 metadata over the parts that carry evidence for that output: some input
    above 0, and not all of them alike. Names and metadata that contradict the pictures wherever those are clear carry
    none: they are numbered by themselves. All outputs are assigned at once for the largest sum of scores; an input that
    already has `cap` outputs (by default three times the fair share and at least 16) takes more only where the next
    best input scores 0.15 less. An output that scores below 0.15 with every input belongs to none.

    The confidence is a softmax over the inputs at temperature 0.055, with a nobody who scores 0.22: so two alike
    drawings share it, and a lone drawing must resemble its renderings (0.27 gives 0.7). Both numbers were fitted for
    the least log loss over books of 3 to 20 drawings, from each of which one drawing was taken away. What a person said
    (`word`) is as sure as can be: 1.
    Cost: 0.01 s where no input is crowded, some seconds for 2000 outputs of one crowded input.
    """
    outputs, inputs = picture.shape
    if not inputs:
        return tuple(Match(row, None, 0.0, None, None, None, None) for row in range(outputs))
    word = word or Word()
    parts = tuple(np.zeros_like(picture) if part is None else part for part in (picture, name, metadata))
    tells = np.stack([_tells(part) for part in parts])
    for number in (1, 2):
        if _contradicts(parts[number], parts[0], tells[number] & tells[0]):
            tells[number] = False
    score = _score(parts, tells)
    for row, column in word.banned:
        score[row, column] = _NEVER
    for row, column in word.given.items():
        score[row] = np.where(np.arange(inputs) == column, np.maximum(score[row], _NOBODY), _NEVER)
    owners = _assigned(score, _cap(outputs, inputs) if cap is None else cap)
    likely = chances(score)
    for row, column in word.given.items():
        owners[row], likely[row, column] = column, 1.0
    return tuple(_match(row, int(owners[row]), score, likely, parts, tells) for row in range(outputs))


def chances(score: Matrix, temperature: float = _TEMPERATURE, nobody: float = _NOBODY) -> Matrix:
    """How likely each input is for each output, by a softmax over the inputs and a nobody of that score: (outputs,
    inputs), what is missing to 1 being nobody's."""
    top = np.maximum(score.max(axis=1, keepdims=True), nobody)
    likely = np.exp((score - top) / temperature)
    return np.asarray(likely / (likely.sum(axis=1, keepdims=True) + np.exp((nobody - top) / temperature)))


def _tells(part: Matrix) -> NDArray[np.bool_]:
    """For each output, whether this part speaks for one input more than for another."""
    best = part.max(axis=1)
    is_spread = best - part.min(axis=1) > _SPREAD if part.shape[1] > 1 else np.ones(len(part), dtype=np.bool_)
    return np.asarray((best > 0) & is_spread)


def _contradicts(part: Matrix, picture: Matrix, both: NDArray[np.bool_]) -> bool:
    """Whether a part mostly speaks for other inputs than the pictures do, where these are clear."""
    clear = both & (chances(picture).max(axis=1) > _CLEAR)
    if clear.sum() < _CLEAR_ENOUGH:
        return False
    best = picture[clear].argmax(axis=1)
    agrees = part[clear, best] >= part[clear].max(axis=1) - _SPREAD
    return bool(agrees.mean() < 0.5)


def _score(parts: Sequence[Matrix], tells: NDArray[np.bool_]) -> Matrix:
    weights = tells * np.array([_PICTURE, _NAME, _METADATA])[:, None]
    total = weights.sum(axis=0)[:, None]
    summed = np.sum([w[:, None] * part for w, part in zip(weights, parts, strict=True)], axis=0)
    return np.asarray(np.where(total > 0, summed / np.maximum(total, _SPREAD), parts[0]))


def _cap(outputs: int, inputs: int) -> int:
    return max(_LEAST_CAP, math.ceil(3 * outputs / inputs))


def _assigned(score: Matrix, cap: int) -> NDArray[np.intp]:
    """Each output's input; the best one of each where no input gets more than its cap."""
    best = score.argmax(axis=1)
    if np.bincount(best).max(initial=0) <= cap:
        return np.asarray(best)
    outputs, inputs = score.shape
    crowded = np.full((outputs, outputs), -1e6)
    np.fill_diagonal(crowded, score.max(axis=1) - _CROWDED)
    rows, columns = linear_sum_assignment(np.hstack([np.repeat(score, cap, axis=1), crowded]), maximize=True)
    owners = np.where(columns < inputs * cap, columns // cap, best)
    return np.asarray(owners[np.argsort(rows)])


def _match(
    row: int, owner: int, score: Matrix, likely: Matrix, parts: Sequence[Matrix], tells: NDArray[np.bool_]
) -> Match:
    order = np.argsort(-score[row], kind="stable")
    belongs = score[row, order[0]] >= _LEAST_SCORE
    shown = owner if belongs else int(order[0])
    drawn, named, noted = (
        float(np.clip(part[row, shown], 0, 1)) if told[row] else None for part, told in zip(parts, tells, strict=True)
    )
    rivals = [int(other) for other in order[:2] if score[row, other] > _NEVER]
    others = [other for other in rivals if other != shown or not belongs]
    confidence = float(likely[row, owner]) if belongs else 0.0
    return Match(row, owner if belongs else None, confidence, drawn, named, noted, others[0] if others else None)
