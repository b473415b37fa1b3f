"""The written sentences themselves: none twice in a book, none too long, every slot known; every tale complete."""

import itertools
from collections import Counter
from collections.abc import Iterator

import pytest

from agents.craft.reading import sentences, words
from agents.craft.story.outline import OWN_TRIES, stations
from agents.craft.story.pools import asides, natures, sights, ways
from agents.craft.story.shape import Act, Shape, Station
from agents.craft.story.tales import NAMES, manners, shapes, walk
from agents.craft.story.words import fill, slots

LONGEST_BOOK = 40
EVERY_PAGE = {
    "arrivals": ways.ARRIVALS, "again": ways.AGAIN, "named": sights.NAMED, "quoted": sights.QUOTED,
    "coloured": sights.COLOURED, "plain": sights.PLAIN, "trails": asides.TRAILS, "steps": ways.STEPS,
}  # fmt: skip
SOME_PAGES = {
    "counts": asides.COUNTS, "last": ways.LAST, "own": sights.OWN, "named heroes": asides.INTRODUCTIONS_NAMED,
    "bare heroes": asides.INTRODUCTIONS_BARE, "common heroes": asides.INTRODUCTIONS_COMMON,
    "drawn heroes": asides.INTRODUCTIONS_DRAWN, **{f"{sort} natures": pool for sort, pool in natures.BY_SORT.items()},
}  # fmt: skip
POOLED = [template for pool in (EVERY_PAGE | SOME_PAGES).values() for template in pool]
LONG_VALUES = {
    "hero": "the elephant", "a_noun": "a very small fox", "i": "I", "me": "me", "my": "my", "am": "am", "was": "was",
    "a": "a green dragon with a kite", "the": "the green dragon", "a_was": "was", "s_i": "I", "s_me": "me",
    "s_my": "my", "s_am": "am", "s_was": "was", "label": "I am in the garden now", "colour": "green",
    "colours": "red, green and blue", "before": "the green dragon", "goal": "hiding place",
    "want": "to find the lost song", "count": "nine", "tally": "twelve", "word": "the loop is in the pot",
    "next": "a group of dots", "first": "tonight we knock",
}  # fmt: skip
ONCE = frozenset({Station.WHOLE, Station.FINALE})
"""Stations that stand alone, so that they may tell again what the longer books tell."""


def _lines(act: Act) -> list[str]:
    return [line.text for line in act.lines]


def _tellings(shape: Shape) -> Iterator[list[str]]:
    """All that may stand in one book: one act a station with all tries, for each choice of the other acts."""
    tries = [text for act in (*shape.acts.get(Station.TRY, ()), *manners()[Station.TRY]) for text in _lines(act)]
    tries += _lines(manners()[Station.ALMOST][0])
    choices = (acts for station, acts in shape.acts.items() if station not in {Station.TRY, *ONCE})
    for acts in itertools.product(*choices):
        leads = next((act.leads for act in acts if act.leads), ((0, ""),))
        for _, lead in leads:
            yield [*tries, lead, *(text for act in acts for text in _lines(act))]


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_pool_lasts_for_the_longest_book_without_a_repeat(name: str) -> None:
    assert len(set(EVERY_PAGE[name])) >= LONGEST_BOOK


@pytest.mark.parametrize("shape", shapes().values(), ids=lambda shape: shape.name)
def test_tale_has_all_stations_and_tries_for_the_longest_book(shape: Shape) -> None:
    assert set(shape.acts) == set(Station)
    assert len(shape.acts[Station.TRY]) == OWN_TRIES
    assert OWN_TRIES + len(manners()[Station.TRY]) >= stations(LONGEST_BOOK).count(Station.TRY)
    for act in shape.acts[Station.TROUBLE]:
        assert len(act.leads) >= 3
        assert all(0 <= number < OWN_TRIES for number, _ in act.leads)


@pytest.mark.parametrize("shape", [*shapes().values(), walk()], ids=lambda shape: shape.name)
def test_no_sentence_can_stand_twice_in_a_book(shape: Shape) -> None:
    for telling in _tellings(shape):
        counted = Counter(sentence for text in (*POOLED, *telling) for sentence in set(sentences(text)))

        assert [sentence for sentence, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("shape", [*shapes().values(), walk()], ids=lambda shape: shape.name)
def test_every_sentence_is_short_and_every_slot_known(shape: Shape) -> None:
    written = [text for acts in (*shape.acts.values(), *manners().values()) for act in acts for text in _lines(act)]
    written += [lead for act in shape.acts[Station.TROUBLE] for _, lead in act.leads]
    for template in (*POOLED, *written, *shape.refrains):
        assert {slot[:1].lower() + slot[1:] for slot in slots(template)} <= set(LONG_VALUES), template
        filled = fill(template, LONG_VALUES)
        assert max(len(words(sentence)) for sentence in sentences(filled)) <= 15, filled
        assert len(filled.split()) == len(words(filled)), filled


def test_refrain_is_one_sentence() -> None:
    for shape in shapes().values():
        assert len(shape.refrains) >= 3
        for refrain in shape.refrains:
            assert len(sentences(refrain)) == 1, refrain
            assert slots(refrain) <= {"hero", "goal"}, refrain


def test_tales_differ_in_more_than_words() -> None:
    """No two tales have a curve, a want or an act in common."""
    told = shapes().values()

    assert len(NAMES) >= 8
    assert len({shape.curve for shape in told}) == len(NAMES)
    assert len({goal.want.split()[1:3].__str__() for shape in told for goal in shape.goals}) >= len(NAMES) - 1
    acts = Counter(act for shape in told for acts in shape.acts.values() for act in acts)
    assert max(acts.values()) == 1
