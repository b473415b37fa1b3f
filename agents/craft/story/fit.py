"""Which passages a page takes: the best set that keeps to the limits and is not the rejected text."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agents.craft.reading import Readability, measure, unfamiliar
from agents.craft.story.limits import Limits

ESSENTIAL = 50.0
"""Worth of a passage without which the page is not itself."""
MOST_OPTIONAL = 13
"""More passages than these that may be left out are not weighed: the least worthy of them are dropped."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Passage:
    """Some sentences, what they are for, and what they are worth to the page."""

    slot: str
    text: str
    worth: float

    @property
    def is_essential(self) -> bool:
        """Whether the page wants this passage in any case."""
        return self.worth >= ESSENTIAL

    @cached_property
    def figures(self) -> Readability:
        """The measures of these sentences alone."""
        return measure(self.text)

    @cached_property
    def strange_words(self) -> int:
        """How many different words they hold that are not on Spache's list."""
        return len(frozenset(unfamiliar(self.text, "spache")))


def best_text(passages: Sequence[Passage], limits: Limits, rejected: str) -> str:
    """The text of the best set of passages in their order, empty if there is no other than the rejected one.

    All sets are weighed, at most 8,192: a millisecond or two. A limit that no set can keep is missed by as little as
    possible; the essential passages are given up only for the most words.
    """
    kept = _worthiest(passages, limits)
    chosen = _sets(kept, limits)
    order = np.argsort(-_values(kept, chosen, limits), kind="stable")
    texts = (" ".join(kept[at].text for at in np.flatnonzero(chosen[row])) for row in order)
    return next((text for text in texts if text and text != rejected), "")


def _worthiest(passages: Sequence[Passage], limits: Limits) -> list[Passage]:
    optional = passages if _is_tight(passages, limits) else [p for p in passages if not p.is_essential]
    dropped = sorted(optional, key=lambda passage: passage.worth)[: max(0, len(optional) - MOST_OPTIONAL)]
    return [passage for passage in passages if passage not in dropped]


def _is_tight(passages: Sequence[Passage], limits: Limits) -> bool:
    """Whether the essential passages alone are too long."""
    return sum(p.figures.words for p in passages if p.is_essential) > limits.most_words


def _sets(passages: Sequence[Passage], limits: Limits) -> NDArray[np.bool_]:
    """One row for each set: which passages it takes."""
    fixed = [passage.is_essential and not _is_tight(passages, limits) for passage in passages]
    free = np.flatnonzero(~np.array(fixed))
    rows = np.arange(2 ** len(free))
    chosen = np.ones((len(rows), len(passages)), dtype=np.bool_)
    for bit, column in enumerate(free):
        chosen[:, column] = (rows >> bit & 1) == 0
    return chosen


def _values(passages: Sequence[Passage], chosen: NDArray[np.bool_], limits: Limits) -> Floats:
    """Worth less the distance from the wished length, and much less for each limit that is missed."""
    figures = [passage.figures for passage in passages]
    words = _sums(chosen, [figure.words for figure in figures])
    sentences = np.maximum(1, _sums(chosen, [figure.sentences for figure in figures]))
    syllables = _sums(chosen, [figure.syllables for figure in figures])
    strange = _sums(chosen, [passage.strange_words for passage in passages])
    longest = (chosen * np.array([figure.longest_sentence_words for figure in figures])).max(axis=1)
    mean, counted = words / sentences, np.maximum(1, words)
    flesch_kincaid = 0.39 * mean + 11.8 * syllables / counted - 15.59
    spache = 0.121 * mean + 8.2 * strange / counted + 0.659
    missed = (
        400 * np.maximum(0, words - limits.most_words)
        + 40 * np.maximum(0, limits.fewest_words - words)
        + 200 * np.maximum(0, mean - limits.mean_sentence_words)
        + 60 * np.maximum(0, longest - limits.longest_sentence_words)
        + 40 * np.maximum(0, flesch_kincaid - limits.flesch_kincaid)
        + 20 * np.maximum(0, spache - limits.spache)
    )
    worth = _sums(chosen, [passage.worth for passage in passages])
    value: Floats = worth - 0.6 * np.abs(words - limits.target_words) - missed
    return value


def _sums(chosen: NDArray[np.bool_], figures: Sequence[float]) -> Floats:
    total: Floats = chosen.astype(np.float64) @ np.array(figures, dtype=np.float64)
    return total
