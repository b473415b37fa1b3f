"""The review agent."""

from dataclasses import replace
from typing import Any

from agents.book.story import PageBrief
from agents.design import design
from agents.review import review
from swarm import Rework
from tests.agents.hands import LOOK, brief_of, hand
from tests.agents.volumes import STORY, grid_of, page_text


async def _reviewed(brief: PageBrief, text: str, round_: int = 0) -> Any:
    written = page_text(text)
    page = await hand(design, brief=brief, grid=grid_of(brief.renderings), write=written, author="Mia", **LOOK)
    return await hand(review, brief=brief, write=written, design=page, age=7, round_=round_)


async def test_review_approves_a_page_that_passes_every_gate() -> None:
    reviewed = await _reviewed(brief_of(), STORY, round_=1)

    assert reviewed.approved
    assert all(gate.passed for gate in reviewed.gates)
    assert reviewed.reworks == 1


async def test_review_sends_a_page_of_few_words_back_to_the_writer() -> None:
    wish = await _reviewed(brief_of(), "Pip ran. Pip sat.")

    assert isinstance(wish, Rework)
    assert wish.role == "write"
    assert "at least 50 words" in wish.notes
    assert not wish.result.approved


async def test_review_takes_the_persons_own_words_as_they_are() -> None:
    reviewed = await _reviewed(replace(brief_of(), fixed_text="Pip ran."), "Pip ran.")

    assert reviewed.approved
