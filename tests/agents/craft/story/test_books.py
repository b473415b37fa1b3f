"""Five hundred whole books: seeds, ages, shapes, one to forty pages, captions plain and odd; every demand on each page.

The language is checked by rules of our own: articles, agreement of the words that the templates choose, doubled words,
capitals, closed quotation marks, ends of sentences. They know no grammar beyond that.
"""

import random
import re
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.book.story import Scene
from agents.craft.reading import measure, sentences, words
from agents.craft.story import propose
from agents.craft.story.tales import NAMES
from agents.craft.story.words import article
from tests.agents.craft.story.books import CAPTIONS, ODD_CAPTIONS, Told, retell, scene, tell

HOSTILE_CAPTIONS = (
    "<b onmouseover=alert(1)>Pip</b>", "#set page(width: 1pt)", '#image("/etc/passwd")', "\u202egnippilf\u202c",
    "a" * 10_000, "the cat " * 1_250, "{the} {hero} {0}", "“Stop!” she said", "\x00\x1b[31mred", "👩‍👩‍👧‍👦",
    "Robert'); DROP TABLE", "&lt;fox&gt;",
)  # fmt: skip
PAGE_COUNTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 24, 30, 40)
BOOKS, SHARES = 500, 20

LANGUAGE_FAULTS = (
    (re.compile(r"[{}<>\[\]#\\]|None\b"), "a hole or markup"),
    (re.compile(r"\s\s|^\s|\s$|\s[,.!?;:”]|“\s"), "a space too many"),
    (re.compile(r"[^.!?…”]$|[,;:]$"), "no end"),
    (re.compile(r",,|\.\.|,\.|\.,|!!|\?\?|“”|““|””"), "marks that clash"),
    (re.compile(r"\b(?:[Ww]e|they|you) (?:was|am|is)\b|\bI (?:are|were|is)\b"), "agreement"),
    (re.compile(r"\b(?:[Ii]t|he|she) (?:were|are|am)\b|\bgeese (?:was|is)\b"), "agreement"),
    (re.compile(r"\b(the|a|an|of|to|and|was|were|with|in|on|so|it) \1\b", re.IGNORECASE), "a doubled word"),
    (re.compile(r"(?:[.!?]”? )[a-z]+ (?:looked|ran|had|was|went)\b"), "no capital"),
)  # fmt: skip


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_of_five_hundred_books_is_as_demanded(share: int) -> None:
    for number in range(share, BOOKS, SHARES):
        chance = random.Random(number)
        age, count = chance.randint(3, 7), chance.choice(PAGE_COUNTS)
        told = tell(_drawings(chance, count), NAMES[number % len(NAMES)], seed=number, age=age)

        assert _repeated(told) == [], number
        for text in told.texts:
            _assert_page_is_as_demanded(text, age)
        book = measure("\n\n".join(told.texts))
        assert book.mean_sentence_words <= (8 if age <= 5 else 10)
        assert book.flesch_kincaid <= (2.0 if age <= 5 else 3.0)
        assert book.spache <= (2.5 if age <= 5 else 3.5)


@given(st.lists(st.text(max_size=60) | st.sampled_from(HOSTILE_CAPTIONS), min_size=1, max_size=4), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_hostile_captions_make_pages_of_plain_words(captions: list[str], seed: int) -> None:
    told = retell([scene(index, caption) for index, caption in enumerate(captions)], seed=seed)

    for text in told.texts:
        assert 50 <= len(words(text)) <= 100, text
        assert not set(text) & set("{}<>[]#\\\n\x00\x1b\u202e\u202c\u200d"), text
        assert len(text) < 1_500


@pytest.mark.parametrize("name", ["Zoë-Lou the cat", "O’Malley the dog", "Señor Ñandú the bird", "Jo the fox"])
def test_name_is_spelled_as_given_on_every_page_that_bears_it(name: str) -> None:
    told = retell([scene(0, name), scene(1, "our house"), scene(2, "owl at night")], seed=4)
    short = name.split(" the ")[0]

    assert told.outline.hero.name == short
    assert all(short in text for text in told.texts)


def test_other_seeds_tell_other_stories() -> None:
    drawings = [scene(index, caption) for index, caption in enumerate(CAPTIONS)]
    books = [retell(drawings, seed=seed) for seed in range(12)]

    assert len({book.texts for book in books}) == len(books)
    assert len({book.outline.shape for book in books}) >= 4
    assert retell(drawings, seed=3).texts == books[3].texts


def _drawings(chance: random.Random, count: int) -> list[Scene]:
    match chance.choice(("plain", "plain", "odd", "mixed", "nameless", "grey", "parts")):
        case "plain":
            return [scene(index, chance.choice(CAPTIONS)) for index in range(count)]
        case "odd":
            return [scene(index, chance.choice(ODD_CAPTIONS)) for index in range(count)]
        case "mixed":
            return [scene(index, chance.choice((*CAPTIONS, *ODD_CAPTIONS, ""))) for index in range(count)]
        case "nameless":
            return [scene(index) for index in range(count)]
        case "grey":
            return [scene(index, is_grey=True) for index in range(count)]
        case _:
            caption = chance.choice(CAPTIONS)
            return [scene(0, caption, part=part, parts=count) for part in range(1, count + 1)]


def _repeated(told: Told) -> list[str]:
    counted = Counter(sentence for text in told.texts for sentence in sentences(text))
    return [sentence for sentence, count in counted.items() if count > 1 and sentence != told.outline.refrain]


def _assert_page_is_as_demanded(text: str, age: int) -> None:
    figures = measure(text)
    assert 50 <= figures.words <= 100, text
    assert figures.mean_sentence_words <= (8 if age <= 5 else 10), text
    assert figures.longest_sentence_words <= 15, text
    assert figures.flesch_kincaid <= 3.5, text
    assert figures.spache <= 3.5, text
    assert _language_faults(text) == [], text


def _language_faults(text: str) -> Sequence[str]:
    found = [fault for pattern, fault in LANGUAGE_FAULTS if pattern.search(text)]
    if text.count("“") != text.count("”"):
        found.append("an open quotation")
    for used, following in re.findall(r"\b(an?) (\w[\w’-]*)", text, re.IGNORECASE):
        if used.lower() != article(following):
            found.append(f"{used} {following}")
    return found


def test_proposals_give_the_hero_of_the_told_book() -> None:
    drawings = [scene(index, caption) for index, caption in enumerate(CAPTIONS)]

    assert {proposal.outline.hero.name for proposal in propose(drawings, age=5, seed=1, title="")} == {"Pip"}
