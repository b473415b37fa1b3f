"""Pages keep their limits whatever the drawings, never repeat a sentence in a book, and obey a review."""

import os
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from agents.book.story import Beat, Hero, PageBrief, Scene
from agents.craft.reading import measure, sentences, word_count, words
from agents.craft.story import write_page
from agents.craft.story.tales import NAMES
from tests.agents.craft.story.books import CAPTIONS, ODD_CAPTIONS, Told, scene, scenes, tell

FAULTS = re.compile(r"[{}<>]|\s\s|None|\ba [aeio](?!ne\b)|\ban [bcdfgjklmnpqrstvwxz]|^\s|\s$")
PAGE_COUNTS = (1, 2, 5, 20, 40)


def _drawings(kind: str, count: int, chance: random.Random) -> list[Scene]:
    match kind:
        case "captioned":
            return [scene(i, chance.choice(CAPTIONS)) for i in range(count)]
        case "nameless":
            return [scene(i) for i in range(count)]
        case "grey":
            return [scene(i, is_grey=True) for i in range(count)]
        case "odd":
            return [scene(i, chance.choice(ODD_CAPTIONS)) for i in range(count)]
        case "same":
            return [scene(i, chance.choice(CAPTIONS[:3])) for i in range(count)]
        case _:
            return [scene(0, chance.choice(CAPTIONS), part=part, parts=count) for part in range(1, count + 1)]


def _repeated(told: Told) -> list[str]:
    counted = Counter(sentence for text in told.texts for sentence in set(sentences(text)))
    return [sentence for sentence, count in counted.items() if count > 1 and sentence != told.outline.refrain]


@pytest.mark.parametrize("kind", ["captioned", "nameless", "grey", "odd", "same", "parts"])
@pytest.mark.parametrize("count", PAGE_COUNTS)
def test_book_keeps_all_limits(kind: str, count: int) -> None:
    for seed in range(2):
        chance = random.Random(f"{kind} {count} {seed}")
        age = chance.randint(3, 7)
        told = tell(_drawings(kind, count, chance), chance.choice(NAMES), seed=seed, age=age)

        assert _repeated(told) == []
        for text in told.texts:
            figures = measure(text)
            assert 50 <= figures.words <= 100, text
            assert figures.mean_sentence_words <= (8 if age <= 5 else 10), text
            assert figures.longest_sentence_words <= 15, text
            assert figures.flesch_kincaid <= 3.5, text
            assert not FAULTS.search(text), text


@pytest.mark.parametrize("shape", NAMES)
def test_shape_tells_a_book_with_its_refrain_and_within_the_grades(shape: str) -> None:
    told = tell(scenes(*CAPTIONS), shape, seed=4)
    book = measure("\n\n".join(told.texts))

    assert "Pip" in told.texts[0]
    assert told.outline.refrain in told.texts[0]
    assert told.outline.refrain in told.texts[-1]
    assert sum(told.outline.refrain in text for text in told.texts) >= 3
    assert book.flesch_kincaid <= 2.0
    assert book.spache <= 2.5
    assert _repeated(told) == []


def test_page_names_only_what_somebody_said() -> None:
    told = tell([scene(i) for i in range(12)], "hide", seed=2)
    spoken = {word.lower() for text in told.texts for word in words(text)}

    assert not spoken & {
        "dragon",
        "owl",
        "house",
        "castle",
        "fox",
        "robot",
        "rainbow",
        "moon",
        "snail",
        "sheep",
        "tree",
    }


def test_colours_are_named_only_when_they_are_clear() -> None:
    told = tell([scene(i, is_grey=True) for i in range(12)], "giggle", seed=1)

    assert not re.search(r"\b(red|orange|yellow|green|blue|purple|pink|brown|grey)\b", " ".join(told.texts))


def test_name_is_spelled_as_given() -> None:
    told = tell(scenes("Zoë-Lou the cat", "our house", "owl at night"), "whisper")

    assert all("Zoë-Lou" in text for text in told.texts)


def test_page_does_what_the_page_before_was_told() -> None:
    told = tell([scene(number) for number in range(20)], "giggle", seed=0)
    kinds = [brief.beat.kind for brief in told.briefs]
    tries = range(kinds.index("giggle/try"), kinds.index("giggle/almost"))
    deeds = {"crept": "Creep!", "jump!": "jump on it", "hummed": "Hum ", "backwards": "go backwards"}

    followed = 0
    for number in tries[1:]:
        for deed, advice in deeds.items():
            if deed in told.texts[number] and advice not in told.texts[number]:
                followed += advice in told.texts[number - 1]
    assert followed >= 3


def test_plural_hero_speaks_and_acts_in_the_plural() -> None:
    texts = " ".join(tell(scenes("the three fat geese", "our house"), "whisper", seed=seed).texts[0]
                     for seed in range(6))  # fmt: skip

    assert "geese was" not in texts
    assert "“I " not in texts


def test_same_arguments_give_the_same_text_and_other_seeds_another() -> None:
    told = scenes(*CAPTIONS)

    assert tell(told, "song", seed=1).texts == tell(told, "song", seed=1).texts
    assert not set(tell(told, "song", seed=1).texts) & set(tell(told, "song", seed=2).texts)


def test_text_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from tests.agents.craft.story.books import CAPTIONS, scenes, tell; "
        "from agents.craft.story import propose; "
        "print(tell(scenes(*CAPTIONS), 'giggle', seed=5).texts, propose(scenes(*CAPTIONS), age=5, seed=5, title=''))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
        ).stdout
        for hash_seed in ("0", "7")
    }

    assert len(told) == 1


@pytest.mark.parametrize("shape", NAMES)
def test_rework_keeps_to_the_most_words_of_the_notes(shape: str) -> None:
    told = tell(scenes(*CAPTIONS), shape, seed=3, age=7)
    for brief, rejected in zip(told.briefs, told.texts, strict=True):
        text = write_page(brief, age=7, seed=3, notes="the text does not fit: at most 54 words", rejected=rejected)

        assert word_count(text) <= 54
        assert text != rejected


@pytest.mark.parametrize(
    ("notes", "low", "high"),
    [
        ("at most 62 words", 50, 62),
        ("at least 75 words", 75, 100),
        ("50 to 60 words, please", 50, 60),
        ("at most 30 words", 1, 30),
        ("too many words", 1, 69),
        ("too short", 74, 100),
    ],
)
def test_rework_obeys_numbers_and_directions(notes: str, low: int, high: int) -> None:
    brief = tell(scenes(*CAPTIONS), "giggle", seed=3).briefs[4]
    rejected = write_page(brief, age=5, seed=3, notes="70 to 75 words")
    text = write_page(brief, age=5, seed=3, notes=notes, rejected=rejected)

    assert low <= word_count(text) <= high
    assert text != rejected


@pytest.mark.parametrize("notes", ["sentences too long", "mean sentence is 8.3, demanded is at most 8"])
def test_rework_shortens_the_sentences(notes: str) -> None:
    for brief in tell(scenes(*CAPTIONS), "maker", seed=3, age=7).briefs[3:7]:
        rejected = write_page(brief, age=7, seed=3)
        text = write_page(brief, age=7, seed=3, notes=notes, rejected=rejected)

        assert measure(text).mean_sentence_words < measure(rejected).mean_sentence_words
        assert 50 <= word_count(text) <= 100


def test_rework_lowers_the_reading_grade() -> None:
    brief = tell(scenes(*CAPTIONS), "song", seed=3).briefs[5]
    rejected = write_page(brief, age=5, seed=3)
    text = write_page(brief, age=5, seed=3, notes="reading grade is 3.7, demanded is at most 3.5", rejected=rejected)

    assert measure(text).flesch_kincaid < measure(rejected).flesch_kincaid


def test_rework_differs_when_the_notes_say_nothing_that_is_understood() -> None:
    brief = tell(scenes(*CAPTIONS), "race").briefs[3]
    rejected = write_page(brief, age=5, seed=0)
    text = write_page(brief, age=5, seed=0, notes="hm", rejected=rejected)

    assert text != rejected
    assert 50 <= word_count(text) <= 100


def _foreign(kind: str, summary: str, number: int = 3) -> PageBrief:
    """A brief as an outline made elsewhere gives it."""
    told = tell(scenes(*CAPTIONS), "giggle")
    beat = Beat(kind, summary, 0.5)
    return replace(
        told.briefs[number - 1], beat=beat, beat_before=beat, beat_after=beat, hero=Hero("Luna", "a small owl"),
        want="that the moon shall come back", refrain="Moon, moon, come back soon!",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["opening", "climax", "the great storm", "", "giggle/nowhere"])
@pytest.mark.parametrize("number", [1, 3, 10])
def test_outline_made_elsewhere_is_told_too(kind: str, number: int) -> None:
    text = write_page(_foreign(kind, "Luna asks the sea for help.", number), age=5, seed=1)

    assert "Luna" in text
    assert 50 <= word_count(text) <= 100
    assert not FAULTS.search(text)


def test_summary_made_elsewhere_is_told_only_when_it_is_one_plain_sentence() -> None:
    told = write_page(_foreign("try", "Luna asks the sea for help."), age=5, seed=1)
    kept_out = write_page(_foreign("try", "Luna {asks} <b>the sea</b> for help."), age=5, seed=1)

    assert "Luna asks the sea for help." in told
    assert "asks" not in kept_out
