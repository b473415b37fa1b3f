"""The review agent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from agents.book.review import Critique, Gate
from agents.book.story import PageBrief
from agents.craft.gates import gates
from agents.design import design
from agents.review import review
from agents.services.absent import Unmoderated
from agents.services.errors import BadAnswer, ServiceError
from agents.services.storyteller import OfflineStoryteller
from agents.write import write
from swarm import Rework
from tests.agents.hands import LOOK, brief_of, hand
from tests.agents.volumes import STORY, grid_of, page_text

TELLER = OfflineStoryteller(asyncio.to_thread)
STRANGE = (
    ("yak", "emu"), ("gnu", "lynx"), ("tapir", "vole"), ("ibex", "egret"), ("newt", "skua"), ("stoat", "civet"),
    ("quoll", "okapi"), ("dingo", "kudu"), ("oryx", "eland"), ("puffin", "auk"), ("shrew", "marmot"),
)  # fmt: skip


async def _reviewed(brief: PageBrief, text: str, round_: int = 0) -> Any:
    written = page_text(text)
    page = await hand(design, brief=brief, grid=grid_of(brief.renderings), write=written, author="Mia", **LOOK)
    return await hand(review, language=TELLER, brief=brief, write=written, design=page, age=7, round_=round_)


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


async def test_planted_faults_are_found_and_mended_by_whom_the_review_names() -> None:
    brief = brief_of()
    grid, written = grid_of(brief.renderings), page_text(STORY)
    good = await hand(design, brief=brief, grid=grid, write=written, author="Mia", **LOOK)
    nameless = replace(good.renderings[0], alt="ou_1_0.jpg")
    faults = {
        "contrast": replace(good, ink="#bbbbbb"),
        "alternative texts": replace(good, renderings=(nameless, *good.renderings[1:])),
    }

    for name, planted in faults.items():
        wish = await hand(review, language=TELLER, brief=brief, write=written, design=planted, age=7)
        assert isinstance(wish, Rework)
        assert (wish.role, wish.notes.partition(" is ")[0]) == ("design", name)
        mended = await hand(
            design, brief=brief, grid=grid, write=written, author="Mia", notes=wish.notes, rejected=planted, **LOOK
        )
        assert (await hand(review, language=TELLER, brief=brief, write=written, design=mended, age=7)).approved


async def test_text_that_is_too_long_is_mended_by_the_storyteller_with_the_words_that_fit() -> None:
    brief = replace(brief_of(), page_count=1)
    long = page_text(" ".join(["Pip ran up the hill and saw the sea."] * 13))
    page = await hand(design, brief=brief, grid=grid_of(brief.renderings), write=long, author="Mia", **LOOK)
    wish = await hand(review, language=TELLER, brief=brief, write=long, design=page, age=7)

    again = await hand(
        write,
        brief=brief,
        age=7,
        seed=0,
        language=TELLER,
        text_moderation=Unmoderated(),
        notes=wish.notes,
        rejected=long,
    )
    page = await hand(design, brief=brief, grid=grid_of(brief.renderings), write=again, author="Mia", **LOOK)

    assert wish.role == "write"
    assert (await hand(review, language=TELLER, brief=brief, write=again, design=page, age=7)).approved


@pytest.mark.parametrize(
    ("planted", "gate"),
    [
        ("Pip ran. Pip sat.", "words"),
        ("Pip ran up. Pip ran down. " * 25, "words"),
        ("Pip ran up and down and up and down and round and round and in and out and on. " * 4, "mean sentence"),
        ("Pip ran. " * 24 + "Pip " + "ran and " * 14 + "sat.", "longest sentence"),
        ("Incidentally, Pip investigated extraordinary opportunities. " * 11, "reading grade"),
        (" ".join(f"A {one} saw a {two}." for one, two in STRANGE), "Spache grade"),
    ],
)
async def test_fault_in_the_words_is_mended_by_the_writer_in_the_rounds_that_it_has(planted: str, gate: str) -> None:
    brief, teller, age = brief_of(), OfflineStoryteller(asyncio.to_thread), 5
    failed = {found.name for found in await _gates(brief, planted, age) if not found.passed}
    assert gate in failed

    notes, rejected = f"{gate} is wrong", page_text(planted)
    for round_ in (1, 2):
        told = await hand(
            write,
            brief=brief,
            age=age,
            seed=0,
            language=teller,
            text_moderation=Unmoderated(),
            round_=round_,
            notes=notes,
            rejected=rejected,
        )
        page = await hand(design, brief=brief, grid=grid_of(brief.renderings), write=told, author="Mia", **LOOK)
        wish = await hand(review, language=TELLER, brief=brief, write=told, design=page, age=age, round_=round_)
        if not isinstance(wish, Rework) or wish.role != "write":
            break
        notes, rejected = wish.notes, told

    assert not {found.name for found in await _gates(brief, told.text, age) if not found.passed} & WORD_GATES


WORD_GATES = {"words", "mean sentence", "longest sentence", "reading grade", "Spache grade"}


async def _gates(brief: PageBrief, text: str, age: int) -> Sequence[Gate]:
    written = page_text(text)
    page = await hand(design, brief=brief, grid=grid_of(brief.renderings), write=written, author="Mia", **LOOK)
    return gates(brief, written, page, age=age)


CONTENT = Critique((("story", 0.9), ("warmth", 0.9)), "")


@dataclass(frozen=True)
class Critic(OfflineStoryteller):
    """A storyteller with a critic who always says the same."""

    says: Critique | ServiceError = CONTENT

    async def criticise(self, brief: PageBrief, text: str, *, age: int) -> Critique | None:
        if isinstance(self.says, ServiceError):
            raise self.says
        return self.says


async def _criticised(critic: Critic, text: str = STORY, **brief: Any) -> Any:
    page_brief, written = replace(brief_of(), **brief), page_text(text)
    page = await hand(
        design, brief=page_brief, grid=grid_of(page_brief.renderings), write=written, author="Mia", **LOOK
    )
    return await hand(review, language=critic, brief=page_brief, write=written, design=page, age=7)


async def test_scores_of_a_critic_stand_beside_the_measured_gates() -> None:
    reviewed = await _criticised(Critic(asyncio.to_thread))

    assert reviewed.approved
    assert {gate.name: gate.figure for gate in reviewed.gates if gate.name.startswith("critic")} == {
        "critic: story": 0.9,
        "critic: warmth": 0.9,
    }


async def test_critics_advice_goes_back_to_the_writer() -> None:
    says = Critique((("story", 0.9), ("warmth", 0.2)), "Let the hero laugh.")

    wish = await _criticised(Critic(asyncio.to_thread, says))

    assert isinstance(wish, Rework)
    assert (wish.role, wish.notes) == ("write", "critic: warmth is 0.2 of 1: Let the hero laugh.")
    assert not wish.result.approved


async def test_critic_is_not_asked_about_what_fails_a_gate_or_what_a_person_wrote() -> None:
    unasked = Critic(asyncio.to_thread, BadAnswer("it was asked"))

    short = await _criticised(unasked, "Pip ran. Pip sat.")
    own = await _criticised(unasked, "Pip ran.", fixed_text="Pip ran.")

    assert "at least 50 words" in short.notes
    assert own.approved


async def test_critic_that_cannot_be_had_costs_no_page() -> None:
    reviewed = await _criticised(Critic(asyncio.to_thread, BadAnswer("the answer is empty")))

    assert reviewed.approved
    assert not any(gate.name.startswith("critic") for gate in reviewed.gates)
