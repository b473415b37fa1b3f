"""What a second run takes from the journal, and what it does again."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from swarm import AgentSpec, Gathered, Kind, MemoryJournal, Rework, Step, StepId, agent
from tests.swarm.harness import Brief, LaterJournal, Opening, Swarm, Voice, story, voices
from tests.swarm.plans import LISTED, OPENED


def counted(calls: list[StepId], kind: Kind = Kind.PURE) -> AgentSpec:
    @agent(scope=LISTED, settings=("age",), ports=("voice",), kind=kind)
    async def look(step: Step, *, age: int, voice: Voice, brief: Brief) -> str:
        calls.append(step.id)
        return f"{brief.text} {age} {voice.identity}"

    return look


OPTIONS: dict[str, Any] = {"settings": {"age": 5}, "ports": voices(voice="offline"), "code_digest": "c1"}


async def test_no_handler_is_called_when_all_was_done_before() -> None:
    calls: list[StepId] = []
    swarm = Swarm(story(calls))
    first = await swarm.run("a", "b", run="first")
    calls.clear()

    second = await swarm.run("a", "b", run="second")

    assert calls == []
    assert second == first
    assert [outcome for *_, outcome in swarm.ended()[5:]] == ["reused"] * 5


async def test_others_get_their_turn_when_a_long_run_is_reused() -> None:
    items = [f"i{n}" for n in range(300)]
    swarm = Swarm(story([]))
    await swarm.run(*items)
    ended_at_turn: list[int] = []

    async def watch() -> None:
        while True:
            ended_at_turn.append(len(swarm.ended()))
            await asyncio.sleep(0)

    swarm.events.clear()
    watching = asyncio.create_task(watch())
    await swarm.run(*items)
    watching.cancel()

    steps = [later - earlier for earlier, later in pairwise(ended_at_turn)]
    assert len(swarm.ended()) == 601
    assert max(steps) <= 250


async def test_only_what_depends_on_it_is_done_again_when_a_brief_changes() -> None:
    calls: list[StepId] = []
    swarm = Swarm(story(calls))
    await swarm.run("a", Brief("b", "old"))
    calls.clear()

    result = await swarm.run("a", Brief("b", "new"))

    assert calls == [("look", "b"), ("write", "b"), ("bind", "")]
    assert result.value == {"a": "TEXT OF A", "b": "NEW"}


@pytest.mark.parametrize("kind", [Kind.PURE, Kind.HAZARDOUS])
async def test_step_that_works_through_a_paid_port_is_kept_when_the_code_changes(kind: Kind) -> None:
    calls: list[StepId] = []
    swarm = Swarm(story([], counted(calls, kind)))
    paid = OPTIONS | {"ports": voices(is_paid=True, voice="cloud")}
    await swarm.run("a", **paid)

    await swarm.run("a", **paid | {"code_digest": "c2"})

    assert len(calls) == 1


@pytest.mark.parametrize(
    ("kind", "is_paid", "claimed"),
    [
        (Kind.PURE, True, [Kind.PAID]),
        (Kind.PURE, False, []),
        (Kind.HAZARDOUS, True, [Kind.HAZARDOUS]),
        (Kind.EFFECT, True, [Kind.EFFECT]),
    ],
)
async def test_start_of_a_step_that_works_through_a_paid_port_is_recorded(
    kind: Kind, is_paid: bool, claimed: list[Kind]
) -> None:
    journal = LaterJournal()
    swarm = Swarm(story([], counted([], kind)), journal=journal)

    await swarm.run("a", **OPTIONS | {"ports": voices(is_paid=is_paid, voice="cloud")})

    assert [begun for _, step, begun in journal.begun if step.role == "look"] == claimed


async def test_change_stops_when_a_result_stays_the_same() -> None:
    calls: list[StepId] = []

    @agent(scope=LISTED)
    async def look(step: Step, *, brief: Brief) -> str:
        calls.append(step.id)
        return brief.text.strip()

    swarm = Swarm(story(calls, look))
    await swarm.run(Brief("a", "same"))
    calls.clear()

    await swarm.run(Brief("a", "same  "))

    # the text is taken up again, for its brief is another; what is bound of it is not
    assert calls == [("look", "a"), ("write", "a")]
    assert swarm.ended()[-1] == ("bind", "", "reused")


@pytest.mark.parametrize(
    ("kind", "change", "is_redone"),
    [
        (Kind.PURE, {"code_digest": "c2"}, True),
        (Kind.PAID, {"code_digest": "c2"}, False),
        (Kind.PAID, {"settings": {"age": 6}}, True),
        (Kind.PURE, {"ports": voices(is_paid=True, voice="offline")}, True),
        (Kind.PURE, {"settings": {"age": 5, "mood": "calm"}}, False),
        (Kind.PURE, {"ports": voices(voice="cloud")}, True),
        (Kind.PURE, {"ports": voices(voice="offline", eye="cloud")}, False),
        (Kind.HAZARDOUS, {}, False),
        (Kind.EFFECT, {}, True),
    ],
)
async def test_step_is_done_again_only_when_what_it_declares_changes(
    kind: Kind, change: dict[str, Any], is_redone: bool
) -> None:
    calls: list[StepId] = []
    swarm = Swarm(story([], counted(calls, kind)))
    await swarm.run("a", **OPTIONS)

    await swarm.run("a", **OPTIONS | change)

    assert len(calls) == 1 + is_redone


async def test_pages_are_opened_as_before_when_their_opener_is_reused() -> None:
    @agent(scope="book", opens=OPENED)
    async def sequence(step: Step) -> Opening:
        return Opening((Brief("p1"), Brief("p2")))

    @agent(scope=OPENED)
    async def write(step: Step) -> str:
        return step.id.item

    swarm = Swarm(story([], sequence, write))
    first = await swarm.run()

    assert await swarm.run() == first
    assert first.value == {"p1": "p1", "p2": "p2"}


async def test_rework_is_asked_again_when_its_review_is_reused() -> None:
    calls: list[StepId] = []

    @agent(scope=LISTED, needs=("look",))
    async def write(step: Step, *, look: str) -> str:
        calls.append(step.id)
        return f"draft {step.round}"

    @agent(scope=LISTED, needs=("write",), may_rework=("write",))
    async def review(step: Step, *, write: str) -> str | Rework[str]:
        calls.append(step.id)
        return Rework("write", "again", "poor") if step.round == 0 else "good"

    swarm = Swarm(story([], write, review))
    first = await swarm.run("a")
    calls.clear()

    assert await swarm.run("a") == first
    assert first.value == {"a": "draft 1"}
    assert calls == []


async def test_failure_is_not_reused_when_the_step_may_go_well_now() -> None:
    calls: list[StepId] = []

    @agent(scope=LISTED)
    async def look(step: Step) -> str:
        calls.append(step.id)
        if len(calls) == 1:
            raise ConnectionError("no line")
        return "seen"

    swarm = Swarm(story([], look))
    lost = await swarm.run("a", max_attempts=1)

    assert (lost.state, (await swarm.run("a")).value) == ("partial", {"a": "SEEN"})


async def test_start_is_recorded_before_the_step_when_it_is_not_free_to_repeat() -> None:
    journal = LaterJournal()
    begun: list[int] = []

    @agent(scope=LISTED, kind=Kind.HAZARDOUS)
    async def look(step: Step) -> str:
        begun.append(len(journal.begun))
        return ""

    await Swarm(story([], look), journal=journal).run("a")

    assert begun == [1]
    assert journal.begun == [("run", StepId("look", "a"), Kind.HAZARDOUS)]


async def test_result_is_taken_as_the_type_asked_for_when_two_types_have_the_same_bytes() -> None:
    seen: list[object] = []

    @agent(scope=LISTED)
    async def look(step: Step, *, brief: Brief) -> Gist:
        return Gist(brief.item, brief.text)

    @agent(scope=LISTED, needs=("look",))
    async def write(step: Step, *, look: Gist, brief: Brief) -> str:
        seen.extend([look, brief])
        return ""

    await Swarm(story([], look, write), journal=MemoryJournal()).run(Brief("a", "b"))

    assert seen == [Gist("a", "b"), Brief("a", "b")]


class Gist(Brief):
    """Has the fields of a brief, and so its bytes."""


async def test_gathered_values_are_all_there_when_they_are_more_than_fit_at_hand() -> None:
    @agent(scope=LISTED, needs=("look",), workers=8)
    async def write(step: Step, *, look: str, brief: Brief) -> str:
        return f"{look} {brief.text}"

    @agent(scope="book", needs=("look", "write"))
    async def bind(step: Step, *, look: Gathered[str], write: Gathered[str]) -> int:
        return len(look) + len(write)

    swarm = Swarm(story([], write, bind), journal=LaterJournal())

    result = await swarm.run(*(f"i{n}" for n in range(300)), max_in_flight=16)

    assert result.value == 600
