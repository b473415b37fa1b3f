"""Who the story is about: somebody from the captions, or one who may be in any drawing because nobody can tell."""

from collections import Counter
from collections.abc import Sequence

from agents.book.story import Hero, Scene
from agents.craft.reading import words
from agents.craft.story import lexicon
from agents.craft.story.chance import one_of
from agents.craft.story.lexicon import Sort
from agents.craft.story.subject import Subject, read_caption, subject_of

DRAWN = {
    "Dot": "dot",
    "Squiggle": "wiggly line",
    "Blot": "spot of paint",
    "Zig": "zigzag",
    "Smudge": "smudge",
    "Loop": "loop",
    "Speck": "speck",
    "Tittle": "dot without an i",
}
"""Heroes for drawings that nobody has named: so small that they may be anywhere, so that nothing untrue is said."""


def choose_hero(scenes: Sequence[Scene], *, seed: int, title: str) -> Hero:
    """The hero of a book: a name from the captions, else a creature from them, else one of `DRAWN` by seed.

    A name that stands in the title, or in more captions than others, goes first; the seed decides between equals.
    """
    subjects = [subject_of(scene) for scene in scenes]
    spoken = Counter(word.lower() for s in subjects for word in dict.fromkeys(words(s.label)))
    titled = {word.lower() for word in words(title)}
    weights = {hero: _weight(s, spoken, titled) for s in subjects if (hero := _hero_of(s)) is not None}
    if not weights:
        name = one_of(tuple(DRAWN), "hero", seed)
        return Hero(name, DRAWN[name])
    best = max(weights.values())
    return one_of([hero for hero, weight in weights.items() if weight == best], "hero", seed)


def is_hero(subject: Subject, hero: Hero) -> bool:
    """Whether a drawing's subject is the hero, or speaks of the hero by name."""
    if hero.name in DRAWN and hero.noun == DRAWN[hero.name]:
        return False
    if not hero.name.startswith("the "):
        inside = [word.lower() for word in words(hero.name)]
        label = [word.lower() for word in words(subject.label)]
        return any(label[at : at + len(inside)] == inside for at in range(len(label)))
    return bool(subject.body) and subject.body in {read_caption(f"the {hero.noun}").body, hero.name[4:]}


def is_plural(hero: Hero) -> bool:
    """Whether the hero is several, so that it takes "were" and speaks as "we"."""
    return read_caption(hero.name).is_plural


def is_drawn(hero: Hero) -> bool:
    """Whether the hero is one of `DRAWN`: so small that the reader may not see it."""
    return DRAWN.get(hero.name) == hero.noun


def _hero_of(subject: Subject) -> Hero | None:
    if subject.sort is not Sort.CREATURE or not subject.a:
        return None
    if subject.name:
        return Hero(subject.name, subject.noun, *_pronouns(subject.noun or subject.name, is_plural=False, named=True))
    head = subject.body.split()[-1]
    first = subject.the.split()[0]
    pronouns = _pronouns(head, is_plural=subject.is_plural, named=False)
    if first == "the":
        is_couple = " and " in subject.a
        return Hero(f"the {head}", subject.body if is_couple else _without_article(subject.a), *pronouns)
    return Hero(subject.the, head, *pronouns)


def _without_article(phrase: str) -> str:
    first, _, rest = phrase.partition(" ")
    return rest if first in {*lexicon.ARTICLES, "some"} else phrase


def _pronouns(noun: str, *, is_plural: bool, named: bool) -> tuple[str, str, str]:
    head = noun.split()[-1].lower()
    if not is_plural and (head in lexicon.SHE or lexicon.FAMILY.get(head) == "she"):
        return "she", "her", "her"
    if not is_plural and (head in lexicon.HE or lexicon.FAMILY.get(head) == "he"):
        return "he", "him", "his"
    return ("they", "them", "their") if is_plural or named else ("it", "it", "its")


def _weight(subject: Subject, spoken: Counter[str], titled: set[str]) -> int:
    """How much speaks for a hero: a name 10, being in the title 6, every caption that speaks of it 2."""
    key = (subject.name or subject.body).split()[-1].lower()
    named = 10 if subject.name and subject.noun else 5 if subject.name else 0
    return named + 6 * (key in titled) + 2 * spoken[key]
