"""The values that fill the slots of a page's passages: hero, drawing, neighbours, colours, numbers."""

from collections.abc import Mapping

from agents.book.story import PageBrief
from agents.craft.colournames import clear_colours
from agents.craft.story.hero import is_plural
from agents.craft.story.lexicon import ARTICLES
from agents.craft.story.shape import Goal
from agents.craft.story.subject import Subject
from agents.craft.story.words import article, capital, listed, number_word, possessive

MOST_COLOURS = 3
LONGEST_WANT_WORDS = 10


def voice(brief: PageBrief, subject: Subject, goal: Goal) -> Mapping[str, str]:
    """All slots of a page; what is not known is missing, so that a passage that needs it cannot be used by mistake."""
    return {
        **_hero_slots(brief),
        **_subject_slots(subject),
        **_colour_slots(brief),
        **_neighbour_slots(brief),
        "goal": goal.noun,
        **({"want": brief.want} if _is_plain_want(brief.want) else {}),
        "number": str(brief.number),
        "number_word": number_word(brief.number),
        "count": number_word(len(brief.renderings)),
    }


def _hero_slots(brief: PageBrief) -> dict[str, str]:
    hero, several = brief.hero, is_plural(brief.hero)
    return {
        "hero": hero.name,
        "hero_s": possessive(hero.name),
        "a_noun": _introduced(hero.noun, several=several),
        "i": "we" if several else "I",
        "me": "us" if several else "me",
        "my": "our" if several else "my",
        "am": "are" if several else "am",
        "was": "were" if several else "was",
    }


def _introduced(noun: str, *, several: bool) -> str:
    first, _, rest = noun.partition(" ")
    bare = rest if first.lower() in ARTICLES and rest else noun
    return bare if several else f"{article(bare)} {bare}"


def _is_plain_want(want: str) -> bool:
    """Whether a want can stand after "wanted": outlines made elsewhere may say anything."""
    return want.startswith("to ") and len(want.split()) <= LONGEST_WANT_WORDS and not set(".!?{}<>\n") & set(want)


def _subject_slots(subject: Subject) -> dict[str, str]:
    slots = {"label": capital(subject.label)} if subject.label else {}
    if not subject.a:
        return slots
    several = subject.is_plural
    return slots | {
        "a": subject.a,
        "the": subject.the,
        "a_was": "were" if subject.is_group else "was",
        "it": "they" if several else "it",
        "s_i": "we" if several else "I",
        "s_me": "us" if several else "me",
        "s_my": "our" if several else "my",
        "s_am": "are" if several else "am",
    }


def _colour_slots(brief: PageBrief) -> dict[str, str]:
    names = clear_colours(brief.scene.palette)[:MOST_COLOURS]
    return {"colour": names[0], "colours": listed(names)} if names else {}


def _neighbour_slots(brief: PageBrief) -> dict[str, str]:
    """The neighbours' drawings, where they are known and others than this page's.

    Each fold between two pages is spoken of once: from before it (`after`) or from behind it (`before`), in turns.
    """
    slots = {}
    before, after = brief.beat_before, brief.beat_after
    here = brief.beat.subject
    if before and before.subject and before.subject != here and brief.number % 2:
        slots["before"] = before.subject
    if after and after.subject and after.subject != here and brief.number % 2:
        slots["after"] = after.subject
    return slots
