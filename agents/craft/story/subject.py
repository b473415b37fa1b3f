"""From a caption to the words that a story may use for a drawing.

A caption is data and may be anything. Where it is the name of a thing ("a green dragon with a kite", "Pip the fox",
"our house"), the story takes it into its sentences; else it is only quoted, as what the drawing is called. The reading
is by lists and rules, in English; what it does not know for certain it quotes.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from agents.book.story import Scene
from agents.craft.familiar import familiar_words
from agents.craft.story import lexicon
from agents.craft.story.lexicon import SORTS, Sort
from agents.craft.story.words import article, capital

LONGEST_PHRASE_WORDS = 6
LONGEST_LABEL_WORDS = 6


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a drawing, in forms for sentences; all empty where nobody said anything.

    `label` is the caption as it may be quoted. `a` introduces the thing ("an owl at night"), `the` speaks of it again
    ("the owl"); both are empty where the caption is not the name of a thing. `body` is `the` without its first word.
    """

    label: str = ""
    a: str = ""
    the: str = ""
    body: str = ""
    sort: Sort = Sort.THING
    is_plural: bool = False
    is_group: bool = False
    name: str = ""
    noun: str = ""


@dataclass(frozen=True, slots=True)
class _Core:
    """A noun with what stands before it."""

    determiner: str
    body: tuple[str, ...]
    is_plural: bool
    sort: Sort

    @property
    def a(self) -> str:
        words = " ".join(self.body)
        if self.determiner in {"a", "an", "one"}:
            return f"{article(words)} {words}"
        if self.determiner:
            return f"{self.determiner} {words}"
        head = self.body[-1]
        if self.is_plural or head in lexicon.MASS:
            counted = self.body[0] in lexicon.COUNTS or self.body[0].isdigit()
            return words if counted else f"some {words}"
        return f"the {words}" if head in lexicon.ONE_OF_A_KIND else f"{article(words)} {words}"

    @property
    def the(self) -> str:
        owned = self.determiner in lexicon.OWNERS or _is_owner(self.determiner)
        return " ".join((self.determiner if owned else "the", *self.body))


def subject_of(scene: Scene) -> Subject:
    """The subject of a drawing: from its caption, else from its file name if that names a known thing."""
    subject = read_caption(scene.caption)
    if subject.label:
        return subject
    named = read_caption(" ".join(word.lower() for word in scene.name_words))
    return named if named.a and not named.name and _sort_of(named.body.split()[-1:]) else Subject()


def read_caption(caption: str) -> Subject:
    """The subject that a caption names. Never fails; cost linear in the caption."""
    text = _clean(caption)
    clause = re.split(r"[.!?;:…]+(?:\s|$)|\s+-+\s+|\n", text.strip(".!?;:…- "))[0].strip(" ,-")
    label = _shortened(clause or text)
    if not re.search(r"[^\W\d_]{2}|^[^\W\d_]$", label):
        return Subject()
    tokens = _without_lead_in(clause.split())
    if clause.isupper() and len(clause) > 3:
        tokens = [token.lower() for token in tokens]
    subject = _named_with_comma(tokens) or _phrase([token.rstrip(",") for token in _before_comma(tokens)])
    return replace(subject, label=label) if subject else Subject(label=label)


def _clean(caption: str) -> str:
    """The first 300 characters: letters, digits and the marks of plain text, straight quotes made round."""
    text = unicodedata.normalize("NFC", caption[:300]).replace("'", "’").replace("‘", "’")
    kept = "".join(mark if _is_plain(mark) else " " for mark in text)
    return " ".join(word for word in kept.split() if re.search(r"\w|&", word)).replace(" &", " and")


def _is_plain(mark: str) -> bool:
    return unicodedata.category(mark)[0] in {"L", "M"} or (mark.isascii() and mark.isdigit()) or mark in "’-.,!?;:…& "


def _shortened(clause: str) -> str:
    words = clause.split()
    if len(words) <= LONGEST_LABEL_WORDS and len(clause) <= 60:
        return clause.rstrip(",")
    return " ".join(words[:LONGEST_LABEL_WORDS])[:60].rstrip(" ,") + "…"


def _without_lead_in(tokens: list[str]) -> list[str]:
    lowered = " ".join(tokens).lower().replace("’", "'") + " "
    for lead in lexicon.LEAD_INS:
        if lowered.startswith(lead + " "):
            return tokens[len(lead.split()) :]
    return tokens


def _before_comma(tokens: list[str]) -> list[str]:
    for index, token in enumerate(tokens):
        if token.endswith(","):
            return tokens[: index + 1]
    return tokens


def _phrase(tokens: list[str]) -> Subject | None:
    """A name, two things joined by "and", or one thing with what belongs to it."""
    if not tokens:
        return None
    return _named(tokens) or _couple(tokens) or _thing(tokens)


def _named_with_comma(tokens: list[str]) -> Subject | None:
    """ "Mimi, my cat"."""
    if len(tokens) < 3 or not tokens[0].endswith(","):
        return None
    name, core = tokens[0].rstrip(","), _core(tokens[1:])
    if core is None or not core.determiner or not _may_be_name(name):
        return None
    return _subject_named(name, core, [])


def _named(tokens: list[str]) -> Subject | None:
    return _name_the_noun(tokens) or _noun_name(tokens) or _family_name(tokens) or _two_names(tokens)


def _name_the_noun(tokens: list[str]) -> Subject | None:
    """ "Pip the fox", "Captain Fluff the brave pirate"."""
    lowered = [token.lower() for token in tokens]
    if "the" not in lowered[1:3] or lowered.index("the") == 0:
        return None
    place = lowered.index("the", 1)
    name, head, tail = tokens[:place], *_split(tokens[place + 1 :])
    core = _core(["the", *head])
    if core is None or not all(_may_be_name(word) for word in name) or (place == 2 and not name[0][0].isupper()):
        return None
    return _subject_named(" ".join(capital(word) for word in name), core, tail)


def _noun_name(tokens: list[str]) -> Subject | None:
    """ "my cat Mimi", "grandma Rosa", "a dog called Bello"."""
    for place in range(1, min(len(tokens), 6)):
        name = tokens[place]
        before = tokens[: place - 1] if tokens[place - 1].lower() in {"called", "named"} else tokens[:place]
        core = _core(before)
        if core and _sort_of(before[-1:]) is Sort.CREATURE and not core.is_plural and _is_strange_capital(name):
            return _subject_named(name, core, _plain(tokens[place + 1 :]))
    return None


def _family_name(tokens: list[str]) -> Subject | None:
    """ "Mama", "grandpa in the garden"."""
    word = tokens[0].lower()
    tail = tokens[1:]
    if word not in lexicon.FAMILY or (tail and tail[0].lower() not in lexicon.LINKS) or _has_verb(tail):
        return None
    name = capital(word)
    return Subject(a=_trimmed(name, _plain(tail)), the=name, body=name, sort=Sort.CREATURE, name=name)


def _two_names(tokens: list[str]) -> Subject | None:
    """ "Mimi and Tom"."""
    if len(tokens) != 3 or tokens[1].lower() != "and":
        return None
    if not (_is_strange_capital(tokens[0]) and _is_strange_capital(tokens[2])):
        return None
    both = " ".join(tokens)
    return Subject(a=both, the=both, body=both, sort=Sort.CREATURE, is_plural=True, is_group=True)


def _subject_named(name: str, core: _Core, tail: list[str]) -> Subject:
    is_noun = _sort_of(core.body[-1:]) is not None or core.determiner not in {"the", ""}
    noun = " ".join(core.body)
    title = f"{name} the {noun}"
    return Subject(
        a=_trimmed(title, tail), the=name, body=name, sort=Sort.CREATURE, name=name, noun=noun if is_noun else ""
    )


def _couple(tokens: list[str]) -> Subject | None:
    """ "the boat and the whale": introduced together, then spoken of by the livelier of the two."""
    lowered = [token.lower() for token in tokens]
    if "and" not in lowered[1:-1]:
        return None
    place = lowered.index("and")
    left, (right_words, tail) = _core(tokens[:place]), _split(tokens[place + 1 :])
    right = _core(right_words)
    if left is None or right is None or _has_verb(tail):
        return None
    if not left.determiner and right.determiner == "the":
        left = replace(left, determiner="the")
    main = right if right.sort is Sort.CREATURE and left.sort is not Sort.CREATURE else left
    whole = f"{left.a} and {right.a}"
    return Subject(
        a=_trimmed(whole, tail), the=main.the, body=" ".join(main.body), sort=main.sort, is_plural=main.is_plural,
        is_group=True,
    )  # fmt: skip


def _thing(tokens: list[str]) -> Subject | None:
    head, tail = _split(tokens)
    core = _core(head)
    if core is None or _has_verb(tail):
        return None
    return Subject(
        a=_trimmed(core.a, tail), the=core.the, body=" ".join(core.body), sort=core.sort, is_plural=core.is_plural,
        is_group=core.is_plural,
    )  # fmt: skip


def _core(tokens: list[str]) -> _Core | None:
    """Determiner and noun, if the tokens are nothing else."""
    determiner, rest = _determiner(tokens)
    body = tuple(_plain(rest))
    if not body or len(body) > 4 or any(not _fits_in_body(word) for word in body):
        return None
    sort = _sort_of(body[-1:])
    if sort is None and (not determiner or not _may_be_noun(body[-1])):
        return None
    known = (*lexicon.ADJECTIVES, *lexicon.COUNTS)
    if not determiner and any(not (word in known or word in SORTS or word.isdigit()) for word in body[:-1]):
        return None
    return _Core(determiner, body, _is_plural(determiner, body), sort or Sort.THING)


def _determiner(tokens: list[str]) -> tuple[str, list[str]]:
    if not tokens:
        return "", []
    first = tokens[0].lower()
    if _is_owner(tokens[0]):
        return tokens[0], tokens[1:]
    if first in lexicon.ARTICLES or first in lexicon.OWNERS:
        return first, tokens[1:]
    if first in lexicon.POINTERS:
        return ("a" if first == "one" else "the"), tokens[1:]
    return "", tokens


def _is_owner(word: str) -> bool:
    return len(word) > 2 and word.endswith("’s") and word.lower() not in {"it’s", "he’s", "she’s", "let’s", "that’s"}


def _split(tokens: list[str]) -> tuple[list[str], list[str]]:
    """The noun with what stands before it, and what follows ("with a kite", "flying high")."""
    for place in range(1, len(tokens)):
        word, before = tokens[place].lower(), tokens[place - 1 : place]
        doing = word.endswith("ing") and word not in SORTS and _sort_of(before) is not None
        if word in lexicon.LINKS or doing:
            return tokens[:place], _plain(tokens[place:])
    return tokens, []


def _trimmed(phrase: str, tail: list[str]) -> str:
    """The phrase with as much of its tail as a short sentence can carry, cut where a new part begins."""
    room = LONGEST_PHRASE_WORDS - len(phrase.split())
    while tail and len(tail) > room:
        cuts = [place for place in range(len(tail) - 1, 0, -1) if tail[place] in lexicon.LINKS]
        tail = tail[: cuts[0]] if cuts and tail[0] not in {"that", "who", "which", "where", "when"} else []
    while tail and tail[-1] in {*lexicon.LINKS, *lexicon.ARTICLES, "and"}:
        tail = tail[:-1]
    return " ".join((phrase, *_mended(tail)))


def _mended(words: list[str]) -> list[str]:
    """With "a" and "an" as the next word wants them."""
    pairs = zip(words, [*words, ""][1:], strict=True)
    return [article(after) if word in {"a", "an"} and after else word for word, after in pairs]


def _plain(tokens: list[str]) -> list[str]:
    """The tokens with known words in lower case; what may be a name keeps its capitals."""
    return [token.lower() if _is_known(token.lower()) else token for token in tokens]


def _is_known(word: str) -> bool:
    return (
        word in lexicon.ADJECTIVES
        or word in lexicon.LINKS
        or word in lexicon.ARTICLES
        or word in lexicon.COUNTS
        or _sort_of([word]) is not None
        or word in familiar_words()
    )


def _sort_of(words: list[str] | tuple[str, ...]) -> Sort | None:
    """The sort of the one word, singular or plural; None if it is not a known noun."""
    return SORTS.get(_singular(words[-1].lower())) if words else None


def _singular(word: str) -> str:
    if word in SORTS or word in lexicon.PLURALS:
        return lexicon.PLURALS.get(word, word)
    for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
        stem = word.removesuffix(ending) + singular
        if word.endswith(ending) and stem in SORTS:
            return stem
    return word


def _is_plural(determiner: str, body: tuple[str, ...]) -> bool:
    head = body[-1].lower()
    if determiner in {"a", "an"}:
        return False
    if head in lexicon.PLURALS or head in lexicon.ALWAYS_PLURAL or body[0] in lexicon.COUNTS or body[0].isdigit():
        return head not in lexicon.MASS
    if head in lexicon.EITHER_NUMBER:
        return determiner == ""
    return head.endswith("s") and not head.endswith(("ss", "us", "is")) and head not in lexicon.NOT_PLURAL


def _fits_in_body(word: str) -> bool:
    lowered = word.lower()
    barred = lowered in lexicon.VERBAL or lowered in lexicon.LINKS or lowered in lexicon.ARTICLES or lowered == "and"
    return not barred and re.fullmatch(r"[\w’-]+", word) is not None


def _may_be_noun(word: str) -> bool:
    lowered = word.lower()
    return lowered not in lexicon.ADJECTIVES and not lowered.endswith(("ing", "ly", "ed")) and not word.isdigit()


def _may_be_name(word: str) -> bool:
    lowered = word.lower()
    if lowered in lexicon.VERBAL or lowered in lexicon.LINKS or lowered in lexicon.ARTICLES or _is_owner(word):
        return False
    if lowered in SORTS or lowered in lexicon.ADJECTIVES:
        return word[0].isupper()
    return word[0].isalpha() and lowered not in familiar_words()


def _is_strange_capital(word: str) -> bool:
    return word[0].isupper() and not _is_known(word.lower()) and word.lower() not in lexicon.VERBAL


def _has_verb(tail: list[str]) -> bool:
    """Whether what follows the noun makes a sentence of it ("in the sky is flying"); "that waters flowers" does not."""
    if tail and tail[0] in {"that", "who", "which", "where", "when"}:
        return False
    return any(word.lower() in lexicon.VERBAL for word in tail)
