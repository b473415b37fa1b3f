"""What a step that cannot be done costs: its item, the run, or nothing but itself."""

import asyncio
from typing import Any

import pytest

from swarm import AgentSpec, Gathered, Rework, Step, StepError, StepId, agent
from swarm.errors import RunBroken
from swarm.events import StepSent
from swarm.request import CAPPED
from tests.swarm.harness import Brief, Opening, Swarm, story
from tests.swarm.plans import LISTED, OPENED


def torn(item: str = "b") -> AgentSpec:
    @agent(scope=LISTED)
    async def look(step: Step, *, brief: Brief) -> str:
        if step.id.item == item:
            raise StepError("the picture is torn", code="unreadable")
        return brief.text

    return look


async def test_item_is_left_out_with_its_reason_when_a_required_step_fails() -> None:
    calls: list[StepId] = []
    swarm = Swarm(story(calls, torn()))

    result = await swarm.run("a", "b")

    assert result.state == "partial"
    assert result.value == {"a": "TEXT OF A", "no b": "the picture is torn"}
    assert result.lost == {(LISTED, "b"): "the picture is torn"}
    assert StepId("write", "b") not in calls


async def test_run_fails_with_the_code_of_the_error_when_it_is_strict() -> None:
    result = await Swarm(story([], torn())).run("a", "b", strict=True)

    assert (result.state, result.value, result.failure) == ("failed", None, "the picture is torn")
    assert (result.code, result.failed_step) == ("unreadable", StepId("look", "b"))


async def test_run_fails_when_a_step_of_the_book_fails() -> None:
    @agent(scope="book", needs=("write",))
    async def bind(step: Step, *, write: Gathered[str]) -> str:
        raise StepError("the disk is full", code="no-space")

    result = await Swarm(story([], bind)).run("a")

    assert (result.failure, result.code, result.failed_step) == ("the disk is full", "no-space", StepId("bind"))


async def test_nothing_more_is_sent_when_the_run_has_failed() -> None:
    swarm = Swarm(story([], torn("i0")))

    await swarm.run(*(f"i{n}" for n in range(20)), strict=True, max_in_flight=1)

    assert [event.step.item for event in swarm.events if isinstance(event, StepSent)] == ["i0"]


async def test_step_fails_with_a_sentence_when_its_error_says_nothing() -> None:
    @agent(scope=LISTED)
    async def look(step: Step) -> str:
        raise StepError("")

    swarm = Swarm(story([], look))

    lost = await swarm.run("a")
    failed = await swarm.run("a", strict=True)

    assert lost.value == {"no a": "agent look gave no reason"}
    assert (failed.state, failed.failure) == ("failed", "agent look gave no reason")


def giving(value: object) -> AgentSpec:
    @agent(scope=LISTED)
    async def look(step: Step) -> str:
        return value  # type: ignore[return-value]  # the fault to be found

    return look


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (7, "agent look gave int, which is no str: Expected `str`, got `int`"),
        (None, "agent look gave NoneType, which is no str: Expected `str`, got "),
        (object(), "agent look gave object, which is no str: Encoding objects of type object is unsupported"),
        (2**70, "agent look gave int, which is no str: too large to be journalled: "),
        ("\ud800", "agent look gave str, which is no str: 'utf-8' codec can't encode"),
        (Rework("look", "", "x"), "agent look asked look for rework, which it may not"),
    ],
    ids=["type", "nothing", "no value", "too large", "no text", "rework"],
)
async def test_step_fails_with_a_sentence_when_its_result_is_wrong(value: object, sentence: str) -> None:
    swarm = Swarm(story([], giving(value)))

    result = await swarm.run("a")

    assert result.lost[LISTED, "a"].startswith(sentence)
    assert not [state for state in (h.restarts for h in swarm.registry().health()) if state]


async def test_run_fails_when_an_agent_opens_a_page_twice() -> None:
    @agent(scope="book", opens=OPENED)
    async def sequence(step: Step) -> Opening:
        return Opening((Brief("p1"), Brief("p2"), Brief("p1")))

    @agent(scope=OPENED)
    async def write(step: Step) -> str:
        return ""

    result = await Swarm(story([], sequence, write)).run()

    assert result.failure == "agent sequence opened page p1 twice"


async def test_run_does_not_start_when_an_item_is_listed_twice() -> None:
    with pytest.raises(ValueError, match="lists a twice"):
        await Swarm(story([])).run("a", "a")


def broken(how: str) -> AgentSpec:
    """An optional agent that never gives a result."""

    @agent(scope=LISTED, needs=("look",), before="write", deadline_s=1.0)
    async def note(step: Step, *, look: str) -> str:
        if how == "hangs":
            await asyncio.Event().wait()
        if how == "gives nonsense":
            return 7  # type: ignore[return-value]  # the fault to be found
        if how == "exits":
            raise SystemExit(3)
        if how == "cancels":
            raise asyncio.CancelledError
        raise StepError("no") if how == "refuses" else RuntimeError("no")

    return note


@pytest.mark.parametrize("how", ["raises", "refuses", "hangs", "gives nonsense", "exits", "cancels"])
async def test_optional_agent_costs_nothing_but_its_result_when_it(how: str) -> None:
    extras_seen: list[Any] = []

    @agent(scope=LISTED, needs=("look",))
    async def write(step: Step, *, look: str, extras: dict[str, Any]) -> str:
        extras_seen.append(extras)
        return look.upper()

    result = await Swarm(story([], write, broken(how))).run("a", "b", "c")

    assert result.state == "complete"
    assert result.value == {"a": "TEXT OF A", "b": "TEXT OF B", "c": "TEXT OF C"}
    assert extras_seen == [{}, {}, {}]


@pytest.mark.parametrize(("code", "state"), [("broken", "failed"), (CAPPED, "interrupted")])
async def test_run_stops_with_the_code_of_what_every_step_would_meet(code: str, state: str) -> None:
    calls: list[StepId] = []

    @agent(scope=LISTED, may_fall_back=True)
    async def look(step: Step, *, brief: Brief) -> str:
        calls.append(step.id)
        raise RunBroken("the purse is empty", code=code)

    result = await Swarm(story([], look)).run("a", "b", "c", max_in_flight=1)

    assert (result.state, result.failure, result.code) == (state, "the purse is empty", code)
    assert len(calls) == 1
