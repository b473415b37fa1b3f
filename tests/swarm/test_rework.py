"""Reworks and fallbacks from end to end."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from swarm import AgentSpec, Gathered, Rework, Step, StepError, StepId, agent
from swarm.events import StepRetried
from tests.swarm.harness import LaterJournal, Swarm, Voice, story, voices
from tests.swarm.plans import LISTED

Drafts = list[tuple[int, str, object]]


def drafting(drafts: Drafts) -> AgentSpec:
    @agent(scope=LISTED, needs=("look",), workers=8)
    async def write(step: Step, *, look: str) -> str:
        drafts.append((step.round, step.notes, step.rejected))
        return f"draft {step.round}"

    return write


def reviewing(good_from: int, role: str = "write") -> AgentSpec:
    """A review that is content from this round on."""

    @agent(scope=LISTED, needs=("write",), may_rework=("write",), workers=8)
    async def review(step: Step, *, write: str) -> str | Rework[str]:
        if step.round >= good_from:
            return "good"
        return Rework(role, f"not {write}", "poor")

    return review


async def test_role_asked_for_rework_gets_the_notes_and_its_rejected_result() -> None:
    drafts: Drafts = []
    swarm = Swarm(story([], drafting(drafts), reviewing(good_from=2)))

    result = await swarm.run("a")

    assert drafts == [(0, "", None), (1, "not draft 0", "draft 0"), (2, "not draft 1", "draft 1")]
    assert result.value == {"a": "draft 2"}
    assert swarm.ended("review") == [("review", "a", outcome) for outcome in ("rework", "rework", "done")]


async def test_page_stays_as_it_is_when_no_round_is_left() -> None:
    drafts: Drafts = []
    swarm = Swarm(story([], drafting(drafts), reviewing(good_from=9)))

    result = await swarm.run("a", max_reworks=1)

    assert (result.state, result.value) == ("complete", {"a": "draft 1"})
    assert swarm.ended("review") == [("review", "a", "rework"), ("review", "a", "done")]


async def test_rework_of_one_item_leaves_the_others_alone() -> None:
    drafts: Drafts = []

    @agent(scope=LISTED, needs=("write",), may_rework=("write",))
    async def review(step: Step, *, write: str) -> str | Rework[str]:
        return Rework("write", "", "poor") if step.id.item == "b" and step.round == 0 else "good"

    swarm = Swarm(story([], drafting(drafts), review), journal=LaterJournal())

    result = await swarm.run("a", "b", "c")

    assert result.value == {"a": "draft 0", "b": "draft 1", "c": "draft 0"}
    assert len(drafts) == 4


async def test_item_is_kept_when_its_review_asks_for_what_it_may_not() -> None:
    swarm = Swarm(story([], drafting([]), reviewing(good_from=9, role="look")))

    result = await swarm.run("a")

    assert result.value == {"a": "draft 0"}
    assert swarm.reasons()[StepId("review", "a")] == "agent review asked look for rework, which it may not"


@pytest.mark.parametrize("redraft_s", [0, 10], ids=["its inputs are new", "its inputs are gone"])
async def test_step_called_back_while_it_waits_is_done_once_when(redraft_s: float) -> None:
    # the slow agent has one worker, so that its steps still wait when the reviews call them back
    notes: list[str] = []

    @agent(scope=LISTED, needs=("look",), workers=8)
    async def write(step: Step, *, look: str) -> str:
        await asyncio.sleep(redraft_s * step.round)
        return f"draft {step.round}"

    @agent(scope=LISTED, needs=("write",), workers=1)
    async def note(step: Step, *, write: str) -> str:
        notes.append(write)
        await asyncio.sleep(1)
        return write

    swarm = Swarm(story([], write, reviewing(good_from=1), note))

    result = await swarm.run("a", "b", "c", "d")

    assert result.value == dict.fromkeys("abcd", "draft 1")
    assert sorted(notes) == ["draft 0"] + ["draft 1"] * 4


async def test_step_falls_back_once_with_the_spare_ports_when_its_service_fails() -> None:
    tried: list[tuple[str, bool]] = []

    @agent(scope=LISTED, needs=("look",), ports=("voice", "eye"), may_fall_back=True)
    async def write(step: Step, *, look: str, voice: Voice, eye: Voice) -> str:
        tried.append((f"{voice.identity} {eye.identity}", step.is_fallback))
        if not step.is_fallback:
            raise StepError("no credit left")
        return "plain"

    swarm = Swarm(story([], write))

    result = await swarm.run("a", ports=voices(voice="cloud", eye="sharp"), fallback_ports=voices(voice="offline"))

    assert tried == [("cloud sharp", False), ("offline sharp", True)]
    assert result.value == {"a": "plain"}
    assert StepRetried("run", StepId("write", "a"), "fallback") in swarm.events


async def test_item_is_lost_when_its_fallback_fails_too() -> None:
    @agent(scope=LISTED, needs=("look",), may_fall_back=True)
    async def write(step: Step, *, look: str) -> str:
        raise StepError("mute" if step.is_fallback else "no credit left")

    result = await Swarm(story([], write)).run("a")

    assert (result.state, result.value) == ("partial", {"no a": "mute"})


async def test_rework_goes_through_all_roles_between_target_and_review() -> None:
    @agent(scope=LISTED, needs=("write",))
    async def design(step: Step, *, write: str) -> str:
        return f"{write} in blue"

    @agent(scope=LISTED, needs=("design",), may_rework=("write",))
    async def review(step: Step, *, design: str) -> str | Rework[str]:
        return Rework("write", "", "") if step.round == 0 else "good"

    @agent(scope="book", needs=("design",))
    async def bind(step: Step, *, design: Gathered[str], extras: Mapping[str, Any]) -> list[str]:
        return list(design.values())

    result = await Swarm(story([], drafting([]), design, review, bind)).run("a")

    assert result.value == ["draft 1 in blue"]
