"""The design agent."""

from agents.design import design
from tests.agents.hands import LOOK, brief_of, hand
from tests.agents.volumes import STORY, grid_of, page_text


async def test_design_lays_out_drawing_text_and_every_rendering() -> None:
    brief = brief_of(4)

    page = await hand(design, brief=brief, grid=grid_of(brief.renderings), write=page_text(STORY), author="Mia", **LOOK)

    assert page.drawing.path == brief.drawing.path
    assert {picture.path for picture in page.renderings} == {picture.path for picture in brief.renderings}
    assert page.sheets[0] % 2 == 0
    assert page.overflow_ratio <= 1
    assert all(picture.alt for picture in (page.drawing, *page.renderings))
