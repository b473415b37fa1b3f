"""Words, sentences, syllables and grades, against sums done by hand and published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.craft.familiar import WordList, familiar_words, is_familiar, word_list
from agents.craft.reading import (
    dale_chall_score,
    flesch_kincaid_grade,
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


def test_spache_of_published_examples() -> None:
    """npm spache-formula 2.0.1, README: 30 words in 2 sentences, with 6 unfamiliar words 4.114, with none 2.474."""
    assert spache_grade(30, 2, 6 / 30) == pytest.approx(4.114)
    assert spache_grade(30, 2, 0) == pytest.approx(2.474)


def test_dale_chall_by_hand() -> None:
    """Dale and Chall 1948: the constant is added only where more than 5 per cent of the words are hard."""
    assert dale_chall_score(100, 10, 0.05) == pytest.approx(0.0496 * 10 + 0.1579 * 5)
    assert dale_chall_score(100, 10, 0.06) == pytest.approx(0.0496 * 10 + 0.1579 * 6 + 3.6365)
    assert measure("The cat sat on the mat.").dale_chall == pytest.approx(0.0496 * 6)
    assert measure("A quokka saw the quokka.").dale_chall == pytest.approx(0.0496 * 5 + 0.1579 * 40 + 3.6365)


def test_spache_by_hand() -> None:
    assert spache_grade(100, 10, 0.05) == pytest.approx(0.121 * 10 + 0.082 * 5 + 0.659)
    assert measure("The cat sat on the box.").spache == pytest.approx(0.121 * 6 + 0.659)
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

    assert (figures.words, figures.flesch_kincaid, figures.spache, figures.dale_chall) == (0, 0.0, 0.0, 0.0)


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
    ["jumps", "jumped", "running", "hopped", "stories", "carried", "cat's", "bigger", "softly", "hoping"],
)
@pytest.mark.parametrize("listed", ["spache", "dale_chall"])
def test_regular_forms_of_familiar_words_are_familiar(word: str, listed: WordList) -> None:
    assert is_familiar(word, listed)


@pytest.mark.parametrize(("listed", "count"), [("spache", 1063), ("dale_chall", 2942)])
def test_list_is_whole(listed: WordList, count: int) -> None:
    assert len(word_list(listed)) == count


def test_british_spelling_of_a_listed_word_is_familiar() -> None:
    assert is_familiar("colours", "spache")
    assert is_familiar("grey", "dale_chall")
    assert not is_familiar("quokka", "dale_chall")


def test_names_are_not_unfamiliar() -> None:
    text = "Today Zorblax came. A zeppelin came too. The red-hot zeppelin!"

    assert [*unfamiliar(text, "spache")] == ["zeppelin", "zeppelin"]


def test_familiar_words_are_plain_and_many() -> None:
    assert 800 <= len(familiar_words()) <= 1400
    assert all(word.isalpha() and word.islower() for word in familiar_words())


@given(st.text(max_size=300))
def test_any_text_can_be_measured(text: str) -> None:
    figures = measure(text)

    assert figures.words == word_count(text)
    assert figures.syllables >= figures.words
    assert figures.longest_sentence_words <= figures.words
