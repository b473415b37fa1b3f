from dataclasses import replace

import pytest

from agents.book.design import PAGE_SIZES, Box, PageDesign, Theme, Trim
from agents.book.story import PageBrief
from agents.craft.pagedesign import Look, design_page
from agents.craft.pagegates import design_gates
from tests.agents.craft.test_pagedesign import story
from tests.agents.volumes import Shelf, grid_of, page_text


def failed(brief: PageBrief, page: PageDesign, *, is_own: bool = False) -> dict[str, str | None]:
    return {gate.name: gate.mender for gate in design_gates(brief, page, is_own=is_own) if not gate.passed}


def made(words: int = 60, look: Look | None = None, aspect_ratio: float = 1.0) -> tuple[PageBrief, PageDesign]:
    brief = Shelf().brief(1, caption="Pip the fox", aspect_ratio=aspect_ratio)
    return brief, design_page(brief, grid_of(brief.renderings), page_text(story(words)), look=look or Look())


@pytest.mark.parametrize("trim", Trim)
@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("aspect_ratio", [0.5, 0.75, 0.85, 1.0, 1.5, 2.2])
def test_fifty_words_pass_every_gate_in_every_look(trim: Trim, theme: Theme, aspect_ratio: float) -> None:
    brief, page = made(50, Look(PAGE_SIZES[trim], theme), aspect_ratio)

    assert failed(brief, page) == {}


def test_what_a_design_says_of_its_own_contrast_is_not_believed() -> None:
    brief, page = made()

    assert failed(brief, replace(page, ink="#aaaaaa", contrast_ratio=21.0)) == {"contrast": "design"}


def test_a_file_name_is_no_alternative_text() -> None:
    brief, page = made()
    bad = replace(page.renderings[0], alt=page.renderings[0].path.rpartition("/")[2])

    assert failed(brief, replace(page, renderings=(bad, *page.renderings[1:]))) == {"alternative texts": "design"}


def test_a_missing_picture_is_missed() -> None:
    brief, page = made()

    assert failed(brief, replace(page, renderings=page.renderings[1:])) == {"completeness": "design"}


def test_text_that_had_to_be_small_goes_back_to_the_writer_unless_a_person_wrote_it() -> None:
    brief, page = made(75, aspect_ratio=1.5)
    long_brief, long_page = made(100, aspect_ratio=1.5)

    assert failed(brief, page) == {}
    assert long_page.story.size_pt < 18
    assert failed(long_brief, long_page) == {"type size": "write"}
    assert failed(long_brief, long_page, is_own=True) == {}


def test_text_that_does_not_fit_goes_back_to_the_writer_and_stays_with_a_persons_own_words() -> None:
    brief, page = made(250)

    assert failed(brief, page)["fit"] == "write"
    assert failed(brief, page, is_own=True)["fit"] is None


def test_a_box_outside_the_safe_area_is_found() -> None:
    brief, page = made()
    strayed = replace(page.drawing, box=Box(5, 20, 120, 120), matte=None)

    assert failed(brief, replace(page, drawing=strayed)) == {"outside the safe area": "design"}


def test_type_and_leading_that_are_too_small_and_lines_that_are_too_long_are_found() -> None:
    brief, page = made()
    tight = replace(page.story, leading_ratio=1.1, lines=("word " * 20,))

    found = failed(brief, replace(page, story=tight, folios=(replace(page.folios[0], size_pt=8.0),)))

    assert {"leading", "longest line", "smallest type"} <= found.keys()
    assert {found[name] for name in ("leading", "longest line", "smallest type")} == {"design"}
