import unicodedata
from importlib.resources import files
from pathlib import Path

import pytest
import typst
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from agents.craft.typesetting import (
    MM_PER_PT,
    REPLACEMENT,
    Measure,
    break_lines,
    clean,
    count_lines,
    face,
    is_widow,
    printable,
    text_height_mm,
)

FONTS = Path(str(files("agents.press").joinpath("fonts")))
WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyzäé,.’“”", min_size=1, max_size=12), max_size=60)
WIDTHS = st.floats(60, 190)
SIZES = st.sampled_from((16.0, 18.0, 22.0))


@given(words=WORDS, width_mm=WIDTHS, size_pt=SIZES)
def test_break_lines_keeps_all_words_in_order(words: list[str], width_mm: float, size_pt: float) -> None:
    lines = break_lines(" ".join(words), face("regular"), size_pt, Measure(width_mm))

    assert " ".join(lines).split() == clean(" ".join(words)).split()


@given(words=WORDS, width_mm=st.floats(5, 190), size_pt=SIZES)
def test_break_lines_makes_no_line_wider_than_the_measure(words: list[str], width_mm: float, size_pt: float) -> None:
    font = face("regular")

    lines = break_lines(" ".join(words), font, size_pt, Measure(width_mm))

    assert all(font.width_mm(line, size_pt) <= width_mm + 1e-6 or len(line) == 1 for line in lines)


@given(words=WORDS, width_mm=WIDTHS, size_pt=SIZES)
def test_break_lines_needs_no_more_lines_than_filling_them_one_by_one(
    words: list[str], width_mm: float, size_pt: float
) -> None:
    font, measure = face("regular"), Measure(width_mm, 60)

    lines = break_lines(" ".join(words), font, size_pt, measure)

    assert len(lines) == count_lines(clean(" ".join(words)), font, size_pt, measure)
    assert all(len(line) <= 60 for line in lines)


@given(words=WORDS, width_mm=WIDTHS, size_pt=SIZES)
def test_break_lines_leaves_a_short_last_word_only_when_nothing_else_fits(
    words: list[str], width_mm: float, size_pt: float
) -> None:
    font, measure = face("regular"), Measure(width_mm)

    lines = break_lines(" ".join(words), font, size_pt, measure)

    if len(lines) > 1 and is_widow(lines[-1], font, size_pt, measure):
        together = f"{lines[-2].split(' ')[-1]} {lines[-1]}"
        is_alone = " " not in lines[-2]
        assert is_alone or font.width_mm(together, size_pt) > width_mm


def test_break_lines_brings_a_word_down_to_a_short_last_one() -> None:
    font = face("regular")
    text = "The little fox ran all the way home to the sea"
    measure = Measure(font.width_mm("The little fox ran all the way home to the", 18.0) + 0.1)

    lines = break_lines(text, font, 18.0, measure)

    assert lines[-1].count(" ") >= 1


def test_break_lines_cuts_a_word_that_is_wider_than_a_line() -> None:
    lines = break_lines("a" * 200, face("regular"), 18.0, Measure(50.0))

    assert "".join(lines) == "a" * 200
    assert len(lines) > 2


def test_break_lines_keeps_the_lines_of_a_verse() -> None:
    lines = break_lines("One, two,\n\nbuckle my shoe.", face("regular"), 18.0, Measure(150.0))

    assert lines == ("One, two,", "buckle my shoe.")


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b\x00"])
def test_break_lines_gives_no_line_for_no_text(text: str) -> None:
    assert break_lines(text, face("regular"), 18.0, Measure(100.0)) == ()


@pytest.mark.parametrize("name", ["Regular", "Bold"])
def test_widths_need_no_kerning_because_the_fonts_have_none(name: str) -> None:
    with TTFont(FONTS / f"Andika-{name}.ttf") as font:
        features = {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord}

    assert "kern" not in features


@pytest.mark.parametrize(("name", "weight"), [("regular", 400), ("bold", 700)])
def test_width_is_what_the_typesetter_draws(name: str, weight: int, tmp_path: Path) -> None:
    text = "“Hello, sea,” said Pip – and ran off, fi fl ffi. Ärger? Ça va!"
    source = f"""
        #set text(font: "Andika", size: 18pt, weight: {weight}, ligatures: false, kerning: false)
        #context [#metadata(measure(text(sys.inputs.text)).width.pt()) <width>]
    """

    (tmp_path / "width.typ").write_text(source)

    drawn = typst.query(
        str(tmp_path / "width.typ"),
        "<width>",
        field="value",
        one=True,
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"text": text},
    )

    assert face(name).width_mm(text, 18.0) == pytest.approx(float(drawn) * MM_PER_PT, rel=1e-3)


def test_text_height_is_lines_times_leading() -> None:
    assert text_height_mm(3, 20.0, 1.5) == pytest.approx(90 * MM_PER_PT)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a  b\tc", "a b c"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("turn\u202eed\u200f", "turned"),
        ("so\u00adft", "soft"),
        ("half \udcff", f"half {REPLACEMENT}"),
        ("none \uffff", f"none {REPLACEMENT}"),
        ("e\u0301", "é"),
    ],
)
def test_clean_drops_what_cannot_be_set(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text())
def test_clean_text_can_be_written_and_cleaned_again(text: str) -> None:
    once = clean(text)

    assert once.encode().decode() == once
    assert clean(once) == once


@given(st.text())
def test_printable_text_has_only_characters_of_the_font(text: str) -> None:
    font = face("regular")

    assert all(font.has(character) for character in printable(clean(text), font).replace("\n", ""))


@pytest.mark.parametrize(
    ("text", "marks"), [("fox 🦊!", 1), ("👨‍👩‍👧", 1), ("👍🏽", 1), ("❤️", 1), ("日本", 2), ("ﬁn", 0)]
)
def test_printable_shows_one_mark_for_what_is_missing(text: str, marks: int) -> None:
    assert printable(text, face("regular")).count(REPLACEMENT) == marks


def test_combining_marks_take_no_room() -> None:
    font = face("regular")

    assert font.width_em("q\u0323") == font.width_em("q")
    assert unicodedata.category("\u0323") == "Mn"
