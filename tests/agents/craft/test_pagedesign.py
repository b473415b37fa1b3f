from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.book.design import SAFE_MM, SQUARE, Box, PageDesign, PlacedPicture, Sheet, Theme
from agents.book.layout import Grid
from agents.book.picture import Oklab, Swatch
from agents.craft import ornaments
from agents.craft.colour import contrast_ratio, from_hex, oklab
from agents.craft.gridboxes import GAP_MM, fit_picture
from agents.craft.pagedesign import design_page, page_sheets
from agents.craft.storyplan import StoryWords
from agents.craft.storysheet import lay_out_story
from agents.craft.textblocks import widest_mm
from agents.craft.tint import cover_colours, matte_colour, page_colours
from agents.craft.wording import drawing_alt, label, rendering_alt, shortened
from tests.agents.volumes import RED, Shelf, grid_of, page_text

WORDS = (
    "Pip",
    "ran",
    "over",
    "the",
    "hill",
    "and",
    "then",
    "saw",
    "a",
    "little",
    "boat",
    "near",
    "the",
    "blue",
    "water",
)
ASPECTS = (0.4, 0.56, 0.67, 0.75, 0.85, 1.0, 1.2, 1.33, 1.5, 1.78, 2.4)
SWATCHES = st.builds(
    Swatch,
    st.builds(Oklab, st.floats(0, 1), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)),
    st.floats(0.01, 1),
)


def story(words: int) -> str:
    return " ".join(WORDS[at % len(WORDS)] for at in range(words)) + "."


def design(aspect_ratio: float = 1.0, words: int = 60, renderings: int = 4) -> PageDesign:
    brief = Shelf().brief(1, aspect_ratio=aspect_ratio, caption="Pip the fox", renderings=renderings)
    return design_page(brief, grid_of(brief.renderings), page_text(story(words)), author="Mia")


def drawn(sheet: Sheet) -> list[Box]:
    """The boxes of what is really drawn: of texts, the letters."""
    boxes = [picture.outer_box for picture in sheet.pictures]
    for block in sheet.texts:
        spare_mm = block.box.width_mm - widest_mm(block)
        left_mm = block.box.x_mm + {"left": 0.0, "center": spare_mm / 2, "right": spare_mm}[block.align]
        boxes.append(Box(left_mm, block.box.y_mm, widest_mm(block), block.box.height_mm))
    return boxes


def meet(one: Box, other: Box) -> bool:
    return (
        one.x_mm < other.right_mm - 0.01
        and other.x_mm < one.right_mm - 0.01
        and one.y_mm < other.bottom_mm - 0.01
        and other.y_mm < one.bottom_mm - 0.01
    )


def is_safe(box: Box) -> bool:
    return (
        box.x_mm >= SAFE_MM - 0.01
        and box.y_mm >= SAFE_MM - 0.01
        and box.right_mm <= SQUARE.width_mm - SAFE_MM + 0.01
        and box.bottom_mm <= SQUARE.width_mm - SAFE_MM + 0.01
    )


@pytest.mark.parametrize("aspect_ratio", ASPECTS)
@pytest.mark.parametrize("words", [50, 75, 100])
def test_design_keeps_everything_in_the_safe_area_and_apart(aspect_ratio: float, words: int) -> None:
    page = design(aspect_ratio, words)

    for sheet in page_sheets(page):
        boxes = drawn(sheet)
        assert all(is_safe(box) for box in boxes)
        assert not any(meet(one, other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("aspect_ratio", ASPECTS)
@pytest.mark.parametrize("words", [50, 75, 100])
def test_design_shows_the_drawing_whole_and_large_when_the_text_fits(aspect_ratio: float, words: int) -> None:
    page = design(aspect_ratio, words)

    shape = page.drawing.width_px / page.drawing.height_px
    assert page.drawing.box.aspect_ratio == pytest.approx(shape, rel=1e-6)
    if page.overflow_ratio <= 1 and 0.5 < aspect_ratio < 2:
        assert page.drawing_ratio >= 0.45 - 1e-9


@pytest.mark.parametrize("aspect_ratio", ASPECTS)
def test_fifty_words_always_fit(aspect_ratio: float) -> None:
    assert design(aspect_ratio, 50).overflow_ratio <= 1


@pytest.mark.parametrize("aspect_ratio", ASPECTS)
@pytest.mark.parametrize("words", [50, 75, 100, 200])
def test_story_is_large_enough_to_read_and_complete(aspect_ratio: float, words: int) -> None:
    block = design(aspect_ratio, words).story

    assert 16 <= block.size_pt <= 22
    assert block.leading_ratio >= 1.35
    assert " ".join(block.lines) == story(words)
    assert all(len(line) <= 60 for line in block.lines)
    assert widest_mm(block) <= block.box.width_mm + 0.01


@pytest.mark.parametrize("aspect_ratio", [1.33, 1.78])
def test_lines_below_a_wide_drawing_are_of_a_good_length(aspect_ratio: float) -> None:
    block = design(aspect_ratio, 70).story

    assert all(35 <= len(line) <= 60 for line in block.lines[:-1])


def test_story_stands_beside_a_tall_drawing_and_below_a_wide_one() -> None:
    tall, wide = design(0.67), design(1.5)

    assert tall.story.box.x_mm > tall.drawing.box.right_mm
    assert wide.story.box.y_mm > wide.drawing.box.bottom_mm


def test_too_long_a_text_is_told_and_not_cut() -> None:
    page = design(1.0, 180)

    assert page.overflow_ratio > 1.3
    assert " ".join(page.story.lines) == story(180)
    assert page.story.size_pt == 16


@settings(deadline=None, max_examples=25)
@given(aspect_ratio=st.floats(0.2, 5), words=st.integers(0, 250), caption=st.text(max_size=200))
def test_any_drawing_and_any_text_can_be_laid_out(aspect_ratio: float, words: int, caption: str) -> None:
    sheet = lay_out_story(aspect_ratio, StoryWords(story(words), label(caption, ()), "drawn by Mia"))

    assert " ".join(sheet.story.lines) == story(words)
    assert sheet.drawing.width_mm > 20
    assert sheet.overflow_ratio > 1 or is_safe(sheet.story.box)


@given(st.lists(SWATCHES, max_size=6), st.lists(SWATCHES, max_size=6))
def test_text_is_readable_on_any_page(palette: list[Swatch], others: list[Swatch]) -> None:
    colours = page_colours(palette, others)

    assert colours.contrast_ratio >= 7
    assert contrast_ratio(from_hex(colours.ink), from_hex(colours.tint)) == colours.contrast_ratio
    assert contrast_ratio(from_hex(colours.accent), from_hex(colours.tint)) >= 3
    assert _lightness(colours.tint) > 0.94


@given(SWATCHES)
def test_text_is_readable_on_any_cover(swatch: Swatch) -> None:
    accent = page_colours([swatch]).accent

    assert cover_colours(accent).contrast_ratio >= 7


@given(SWATCHES)
def test_matte_is_soft(swatch: Swatch) -> None:
    assert _lightness(matte_colour(swatch.colour, "#f6f3ee")) > 0.6


def test_paper_takes_the_hue_of_the_drawing() -> None:
    tint = from_hex(page_colours(RED).tint)

    assert tint[0] > tint[1]
    assert tint[0] > tint[2]


@given(count=st.integers(1, 16), columns=st.integers(1, 4), aspect_ratio=st.floats(0.3, 3))
@settings(deadline=None, max_examples=25)
def test_renderings_stand_apart_and_are_hardly_trimmed(count: int, columns: int, aspect_ratio: float) -> None:
    shelf = Shelf()
    brief = shelf.brief(1, renderings=1)
    pictures = [
        shelf.picture(f"outputs/{nth}.jpg", round(200 * aspect_ratio * (1 + nth % 3 / 4)), 200) for nth in range(count)
    ]

    page = design_page(brief, grid_of(pictures, columns), page_text(story(50)))

    boxes = [picture.outer_box for picture in page.renderings]
    assert all(is_safe(box) for box in boxes)
    assert not any(meet(one, other) for one, other in combinations(boxes, 2))
    assert all(_kept_ratio(picture) >= 0.9 - 1e-3 for picture in page.renderings)
    assert all((picture.matte is None) or _is_whole(picture) for picture in page.renderings)


def test_gaps_of_a_grid_are_even() -> None:
    page = design(renderings=9)

    rows = [page.renderings[at : at + 2] for at in range(0, 8, 2)]
    for left, right in rows:
        assert right.box.x_mm - left.box.right_mm == pytest.approx(GAP_MM)
    for upper, lower in pairwise(rows):
        assert lower[0].box.y_mm - upper[0].box.bottom_mm == pytest.approx(GAP_MM)


def test_a_picture_of_another_shape_stands_whole_on_a_matte() -> None:
    frame = fit_picture(0.5, Box(10, 10, 60, 60))

    assert not frame.is_filled
    assert frame.picture == Box(25, 10, 30, 60)


def test_an_empty_grid_needs_no_boxes() -> None:
    brief = Shelf().brief(1)

    page = design_page(brief, Grid("2x2", 2, 2, (), (), 0.0, 0.0), page_text(story(50)))

    assert page.renderings == ()


def test_page_number_gives_the_sheets_and_their_folios() -> None:
    brief = Shelf().brief(3)

    page = design_page(brief, grid_of(brief.renderings), page_text(story(50)))

    assert page.sheets == (8, 9)
    assert [block.text for block in page.folios] == ["8", "9"]


def test_alternative_texts_say_what_is_known() -> None:
    page = design()

    assert page.drawing.alt == "Child's drawing: Pip the fox"
    assert page.renderings[1].alt == "A rendering of Pip the fox, 2 of 4, with some red"


def test_alternative_texts_name_no_file() -> None:
    brief = Shelf().brief(1)

    page = design_page(brief, grid_of(brief.renderings), page_text(story(50)))

    alts = [page.drawing.alt, *(picture.alt for picture in page.renderings)]
    assert alts[:2] == ["Child's drawing in red", "A rendering of the drawing, 1 of 4, with some red"]
    assert not any("ab12cd" in alt or "ou_" in alt for alt in alts)


def test_label_is_the_caption_else_the_words_of_the_file_name_else_nothing() -> None:
    assert label(" Pip\nthe fox ", ("red", "cat")) == "Pip the fox"
    assert label("", ("red", "cat")) == "Red cat"
    assert label("", ("in", "4a")) == ""
    assert drawing_alt("", ("in",), ()) == "Child's drawing"
    assert rendering_alt(Shelf().brief().scene, (), nth=1, count=1) == "A rendering of the drawing"


def test_shortened_text_ends_at_a_word() -> None:
    assert shortened("The cat, on the wall", 12) == "The cat, on…"
    assert shortened("The cat, on the wall", 10) == "The cat…"
    assert shortened("Short", 10) == "Short"


def _kept_ratio(picture: PlacedPicture) -> float:
    shape = picture.width_px / picture.height_px
    return min(shape / picture.box.aspect_ratio, picture.box.aspect_ratio / shape)


def _is_whole(picture: PlacedPicture) -> bool:
    return _kept_ratio(picture) == pytest.approx(1.0)


def _lightness(colour: str) -> float:
    import numpy as np

    return float(oklab(np.array(from_hex(colour), np.uint8))[0])


@given(st.lists(SWATCHES, max_size=6), st.sampled_from(Theme))
def test_text_and_ornament_can_be_seen_in_every_theme(palette: list[Swatch], theme: Theme) -> None:
    page = page_colours(palette, theme=theme)
    cover = cover_colours(page.accent, theme)

    for colours in (page, cover):
        assert contrast_ratio(from_hex(colours.ink), from_hex(colours.tint)) >= 7
        assert contrast_ratio(from_hex(colours.accent), from_hex(colours.tint)) >= 3
    assert (_lightness(page.tint) < 0.4) == (theme is Theme.NIGHT)


@pytest.mark.parametrize("theme", Theme)
def test_themes_have_their_own_papers_rules_and_ornaments(theme: Theme) -> None:
    def looks(one: Theme) -> tuple[object, ...]:
        colours = page_colours(RED, theme=one)
        mark = ornaments.mark(one, 0, 0, 5, colours.accent).points_mm
        return colours.tint, mark, tuple(ornaments.scattered(one, SQUARE, colours.accent))

    others = [looks(other) for other in Theme if other is not theme]

    assert all(mine != theirs for other in others for mine, theirs in zip(looks(theme), other, strict=True))
