"""The values that fill the slots of a page's passages: hero, drawing, the page before, colours, numbers, handed words.

hero, hero_s (possessive), a_noun (what the hero is), i, me, my, am, was: the hero and how it speaks of itself.
a, a_was: the drawing's thing as it is first spoken of; label: the caption as it may be quoted. the: whom the hero
speaks with, always known; s_i, s_me, s_my, s_am, s_was: how that one speaks of itself. before: that of the page before.
colour, colours: the clear colours. goal, want: of the outline. count: the renderings where there are several, tally:
the pages up to this one, as words. word, next, first: the words of a shape that are handed on.
"""

from collections.abc import Mapping

from agents.book.story import PageBrief
from agents.craft.colournames import clear_colours
from agents.craft.story.hero import is_hero, is_plural
from agents.craft.story.lexicon import ARTICLES
from agents.craft.story.partner import partner_of
from agents.craft.story.shape import Goal
from agents.craft.story.subject import Subject
from agents.craft.story.words import article, capital, listed, number_word, possessive

MOST_COLOURS = 3
LONGEST_WANT_WORDS = 10


def voice(brief: PageBrief, subject: Subject, goal: Goal) -> Mapping[str, str]:
    """The slots of a page; what is not known is missing, so that a passage that needs it cannot be used by mistake."""
    before = brief.beat_before.subject if brief.beat_before else ""
    here = partner_of(brief.scene, brief.hero)
    return {
        **_hero_slots(brief),
        **_subject_slots(subject, here or ("the page" if is_hero(subject, brief.hero) else "the drawing")),
        **_colour_slots(brief),
        **({"before": before} if before not in {"", here} else {}),
        **({"want": brief.want} if _is_plain_want(brief.want) else {}),
        "goal": goal.noun,
        **({"count": number_word(len(brief.renderings))} if len(brief.renderings) > 1 else {}),
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


def _subject_slots(subject: Subject, partner: str) -> dict[str, str]:
    several = bool(subject.a) and subject.is_plural and partner == subject.the
    slots = {
        "the": partner,
        "s_i": "we" if several else "I",
        "s_me": "us" if several else "me",
        "s_my": "our" if several else "my",
        "s_am": "are" if several else "am",
        "s_was": "were" if several else "was",
    }
    if subject.label:
        slots["label"] = capital(subject.label)
    if subject.a:
        slots |= {"a": subject.a, "a_was": "were" if subject.is_group else "was"}
    return slots


def _colour_slots(brief: PageBrief) -> dict[str, str]:
    names = clear_colours(brief.scene.palette)[:MOST_COLOURS]
    return {"colour": names[0], "colours": listed(names)} if names else {}
