"""Words, sentences, syllables and grades, against sums done by hand and published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.craft.reading import (
    familiar_words,
    flesch_kincaid_grade,
    is_familiar,
    measure,
    sentences,
    spache_grade,
    syllables,
    unfamiliar,
    word_count,
    words,
)

SYLLABLES = {
    1: "the cat jumped played laughed smiled stone grapes eyes likes cried yawned stretched queen blue",
    2: "little apple wanted landed purple dragon table bottle running houses boxes bridges faces nodded painted "
       "rainbow flowers rocket giraffe castle giggled wobbled whispered listened opened lion giant quiet poem goodbye "
       "people picture story pieces surprise hedgehog spaceship hiccup onion sideways circles bubbles something",
    3: "animal elephant butterfly umbrella tomorrow together banana beautiful unicorn crocodile piano idea dinosaur "
       "museum radio quietest somebody violin telephone",
    4: "caterpillar alligator",
}  # fmt: skip


@pytest.mark.parametrize(("word", "count"), [(word, n) for n, listed in SYLLABLES.items() for word in listed.split()])
def test_syllables_of_common_words(word: str, count: int) -> None:
    assert syllables(word) == count


def test_flesch_kincaid_of_published_examples() -> None:
    """Wikipedia, "Flesch-Kincaid readability tests": the cat -1.45, the platypus (13 words, 24 syllables) 11.3."""
    assert measure("The cat sat on the mat.").flesch_kincaid == pytest.approx(-1.45)
    assert flesch_kincaid_grade(13, 1, 24) == pytest.approx(11.3, abs=0.05)


def test_spache_by_hand() -> None:
    assert spache_grade(100, 10, 0.05) == pytest.approx(0.121 * 10 + 0.082 * 5 + 0.659)
    assert measure("The cat sat on the mat.").spache == pytest.approx(0.121 * 6 + 0.659)
    strange = measure("The cat saw a quokka. The quokka saw Quentin.")
    assert strange.spache == pytest.approx(0.121 * 4.5 + 8.2 * 1 / 9 + 0.659)


def test_measures_of_a_small_text() -> None:
    figures = measure("“Stop!” said Pip. The little fox ran home. Why?")

    assert (figures.words, figures.sentences, figures.syllables) == (9, 3, 10)
    assert figures.mean_sentence_words == pytest.approx(3.0)
    assert figures.longest_sentence_words == 5


@pytest.mark.parametrize("text", ["", "   ", "…!", "“”"])
def test_text_without_words_measures_zero(text: str) -> None:
    figures = measure(text)

    assert (figures.words, figures.flesch_kincaid, figures.spache) == (0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("“Stop!” said Pip. He ran.", ["“Stop!” said Pip.", "He ran."]),
        ("“Where to?” “There!”", ["“Where to?”", "“There!”"]),
        ("Oh… then it fell.", ["Oh… then it fell."]),
        ("Up… Then down.", ["Up…", "Then down."]),
        ("One\n\nTwo", ["One", "Two"]),
        ("She is 3. 4 cats came.", ["She is 3.", "4 cats came."]),
        ("“Éva!” Éva said.", ["“Éva!”", "Éva said."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, found: list[str]) -> None:
    assert sentences(text) == found


def test_words_keep_hyphens_and_apostrophes() -> None:
    assert words("Zoë’s twenty-one owls don't – sing.") == ["Zoë’s", "twenty-one", "owls", "don't", "sing"]
    assert word_count("a b c") == 3


@pytest.mark.parametrize(
    "word",
    ["jumps", "jumped", "running", "hopped", "stories", "carried", "fox's", "bigger", "softly", "baking"],
)
def test_regular_forms_of_familiar_words_are_familiar(word: str) -> None:
    assert is_familiar(word)


def test_names_are_not_unfamiliar() -> None:
    assert unfamiliar("Today Zorblax came. A zeppelin came too.") == {"zeppelin"}


def test_familiar_words_are_plain_and_many() -> None:
    assert 800 <= len(familiar_words()) <= 1400
    assert all(word.isalpha() and word.islower() for word in familiar_words())


@given(st.text(max_size=300))
def test_any_text_can_be_measured(text: str) -> None:
    figures = measure(text)

    assert figures.words == word_count(text)
    assert figures.syllables >= figures.words
    assert figures.longest_sentence_words <= figures.words
