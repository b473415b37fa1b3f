"""The written sentences themselves: none twice, none too long, every slot known."""

from collections import Counter
from collections.abc import Iterator

import pytest

from agents.craft.reading import sentences, words
from agents.craft.story.pools import asides, replies, sights, ways
from agents.craft.story.shape import Shape
from agents.craft.story.shapes import SHAPES, WALK
from agents.craft.story.words import fill, slots

LONGEST_BOOK = 40
EVERY_PAGE = {
    "arrivals": ways.ARRIVALS, "again": ways.AGAIN, "steps": ways.STEPS, "named": sights.NAMED, "quoted": sights.QUOTED,
    "coloured": sights.COLOURED, "plain": sights.PLAIN, "creature": replies.CREATURE, "thing": replies.THING,
    "nobody": replies.NOBODY, "asides": asides.ASIDES, "onward": asides.ONWARD, "trails": asides.TRAILS,
    "murmurs": asides.MURMURS,
}  # fmt: skip
EVERY_SECOND_PAGE = {"goodbyes": ways.GOODBYES, "hooks": ways.HOOKS, "expected": sights.EXPECTED}
SOME_PAGES = {
    "setbacks": asides.SETBACKS, "counts": asides.COUNTS, "last": ways.LAST, "own": sights.OWN,
    "named heroes": asides.INTRODUCTIONS_NAMED, "bare heroes": asides.INTRODUCTIONS_BARE,
    "common heroes": asides.INTRODUCTIONS_COMMON, "drawn heroes": asides.INTRODUCTIONS_DRAWN,
    **{f"{sort} replies": pool for sort, pool in replies.BY_SORT.items()},
}  # fmt: skip
POOLS = EVERY_PAGE | EVERY_SECOND_PAGE | SOME_PAGES
LONG_VALUES = {
    "hero": "the elephant", "hero_s": "the elephant’s", "a_noun": "a very small fox", "i": "I", "me": "me", "my": "my",
    "am": "am", "was": "was", "a": "a green dragon with a kite", "the": "the green dragon", "a_was": "was",
    "it": "it", "s_i": "I", "s_me": "me", "s_my": "my", "s_am": "am", "label": "I am in the garden now",
    "colour": "green", "colours": "red, green and blue", "before": "the green dragon", "after": "the green dragon",
    "goal": "smallest hiding place", "want": "to find the lost song", "number": "12", "number_word": "twelve",
    "count": "nine", "filler": "as softly as snow", "growth": "an apple",
}  # fmt: skip


def _passages(shape: Shape) -> Iterator[str]:
    for pool in (shape.openings, shape.wants, shape.troubles, shape.frames, shape.results, shape.almosts, shape.lows,
                 shape.turns, shape.endings, shape.meetings, shape.growth_frames, shape.refrains):  # fmt: skip
        yield from pool


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_pool_lasts_for_the_longest_book_without_a_repeat(name: str) -> None:
    assert len(set(EVERY_PAGE[name])) >= LONGEST_BOOK


@pytest.mark.parametrize("name", EVERY_SECOND_PAGE)
def test_pool_of_every_second_page_lasts_for_the_longest_book(name: str) -> None:
    assert len(set(EVERY_SECOND_PAGE[name])) >= LONGEST_BOOK // 2


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.name)
def test_shape_has_tries_for_the_longest_book(shape: Shape) -> None:
    assert len(set(shape.fillers)) >= LONGEST_BOOK
    assert not shape.growth or len(set(shape.growth)) >= LONGEST_BOOK
    assert all("{filler}" in frame for frame in shape.frames)


@pytest.mark.parametrize("shape", [*SHAPES.values(), WALK], ids=lambda shape: shape.name)
def test_no_sentence_is_written_twice(shape: Shape) -> None:
    written = [*(template for pool in POOLS.values() for template in pool), *_passages(shape)]
    counted = Counter(sentence for template in written for sentence in sentences(template))

    assert [sentence for sentence, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("shape", [*SHAPES.values(), WALK], ids=lambda shape: shape.name)
def test_every_sentence_is_short_and_every_slot_known(shape: Shape) -> None:
    for template in (*(template for pool in POOLS.values() for template in pool), *_passages(shape)):
        assert {slot[:1].lower() + slot[1:] for slot in slots(template)} <= set(LONG_VALUES), template
        filled = fill(template, LONG_VALUES)
        assert max(len(words(sentence)) for sentence in sentences(filled)) <= 15, filled
        assert len(filled.split()) == len(words(filled)), filled
