"""Which passages a page takes: the best set that keeps to the limits and is not the rejected text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, product

from agents.craft.reading import Readability, flesch_kincaid_grade, measure, unfamiliar
from agents.craft.story.limits import Limits

ESSENTIAL = 50.0
"""Worth of a passage without which the page is not itself."""
MOST_SETS = 6000


@dataclass(frozen=True)
class Passage:
    """Some sentences, what they are worth to the page, and the slot of the passage that they answer to, if any."""

    slot: str
    text: str
    worth: float
    needs: str = ""

    @cached_property
    def figures(self) -> Readability:
        """The measures of these sentences alone."""
        return measure(self.text)

    @cached_property
    def strange(self) -> frozenset[str]:
        """The unfamiliar words."""
        return unfamiliar(self.text)


def best_text(passages: Sequence[Passage], limits: Limits, rejected: str) -> str:
    """The text of the best set of passages in their order.

    All sets of up to twelve passages are weighed (of more, the least worthy are dropped first): cost 2 to the power of
    their number. A limit that no set can keep is missed by as little as possible.
    """
    kept = _worthiest(passages, 12)
    ranked = sorted(_sets(kept), key=lambda chosen: -_value(chosen, limits))
    texts = (" ".join(passage.text for passage in chosen) for chosen in ranked)
    return next((text for text in texts if text != rejected), "")


def _worthiest(passages: Sequence[Passage], count: int) -> list[Passage]:
    dropped = sorted(passages, key=lambda passage: passage.worth)[: max(0, len(passages) - count)]
    return [passage for passage in passages if passage not in dropped]


def _sets(passages: Sequence[Passage]) -> Iterator[tuple[Passage, ...]]:
    for taken in product((True, False), repeat=len(passages)):
        chosen = tuple(compress(passages, taken))
        slots = {passage.slot for passage in chosen}
        if chosen and all(not passage.needs or passage.needs in slots for passage in chosen):
            yield chosen


def _value(chosen: Sequence[Passage], limits: Limits) -> float:
    """Worth less the distance from the wished length, and much less for each limit that is missed."""
    words = sum(passage.figures.words for passage in chosen)
    sentences = sum(passage.figures.sentences for passage in chosen)
    syllables = sum(passage.figures.syllables for passage in chosen)
    longest = max(passage.figures.longest_sentence_words for passage in chosen)
    strange = len(frozenset().union(*(passage.strange for passage in chosen)))
    mean = words / sentences
    spache = 0.121 * mean + 8.2 * strange / words + 0.659
    missed = (
        400 * max(0, words - limits.most_words)
        + 40 * max(0, limits.fewest_words - words)
        + 60 * max(0.0, mean - limits.mean_sentence_words)
        + 60 * max(0, longest - limits.longest_sentence_words)
        + 12 * max(0.0, flesch_kincaid_grade(words, sentences, syllables) - limits.flesch_kincaid)
        + 8 * max(0.0, spache - limits.spache)
    )
    return sum(passage.worth for passage in chosen) - 0.3 * abs(words - limits.target_words) - missed
