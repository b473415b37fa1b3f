"""A run from end to end: what each agent is given, what comes out, and what is observed."""

from collections.abc import Mapping
from typing import Any

import pytest

from swarm import Gathered, PlanError, RunRequest, RunResult, Step, StepId, agent
from swarm.events import RunEnded, RunStarted, StepEnded, StepSent, StepsOpened, StepsReady
from tests.swarm.harness import Brief, LaterJournal, Opening, Swarm, Voice, story, voices
from tests.swarm.plans import LISTED, OPENED


async def test_run_gives_the_value_of_its_goal_when_all_is_done() -> None:
    calls: list[StepId] = []
    swarm = Swarm(story(calls))

    result = await swarm.run("a", "b")

    assert result == RunResult({"a": "TEXT OF A", "b": "TEXT OF B"}, "", "", None, {})
    assert result.state == "complete"
    assert sorted(calls) == [("bind", ""), ("look", "a"), ("look", "b"), ("write", "a"), ("write", "b")]


async def test_run_is_observed_from_start_to_end() -> None:
    swarm = Swarm(story([]))

    await swarm.run("a")

    look = StepId("look", "a")
    sent = [event for event in swarm.events if isinstance(event, StepSent)]
    ended = [event for event in swarm.events if isinstance(event, StepEnded)]
    assert swarm.events[0] == RunStarted("run", ("look", "write", "bind"))
    assert swarm.events[1:4] == [StepsOpened("run", role, 1) for role in ("bind", "look", "write")]
    assert swarm.events[4] == StepsReady("run", (look,))
    assert swarm.events[5] == sent[0] == StepSent("run", look, 1, 0)
    assert [step for event in swarm.events if isinstance(event, StepsReady) for step in event.steps] == [
        event.step for event in sent
    ]
    assert ended[0] == StepEnded("run", look, "done", 0.0, 0)
    assert [event.step.role for event in ended] == ["look", "write", "bind"]
    assert swarm.events[-1] == RunEnded("run", "complete", 0.0, "")


async def test_run_of_no_items_gives_the_value_of_its_goal() -> None:
    assert (await Swarm(story([])).run()).value == {}


async def test_page_steps_get_their_own_brief_when_a_role_opens_pages() -> None:
    @agent(scope="book", needs=("look",), opens=OPENED)
    async def sequence(step: Step, *, look: Gathered[str]) -> Opening:
        return Opening(tuple(Brief(f"p{n}", text) for n, text in enumerate(look.values())))

    @agent(scope=OPENED, needs=("sequence",))
    async def write(step: Step, *, sequence: Opening, brief: Brief) -> str:
        return f"{brief.text} of {len(sequence.briefs)}"

    swarm = Swarm(story([], sequence, write))

    result = await swarm.run(Brief("a", "one"), Brief("b", "two"))

    assert result.value == {"p0": "one of 2", "p1": "two of 2"}
    assert StepsOpened("run", "write", 2) in swarm.events


async def test_agent_gets_its_declared_settings_ports_and_extras_and_no_others() -> None:
    given: dict[str, Any] = {}

    @agent(scope=LISTED, before="write")
    async def note(step: Step) -> str:
        return "a note"

    @agent(scope=LISTED, settings=("age",), ports=("voice",))
    async def write(step: Step, *, age: int, voice: Voice, extras: Mapping[str, Any]) -> str:
        given.update(age=age, voice=voice, extras=extras, step=step)
        return ""

    swarm = Swarm(story([], note, write))

    await swarm.run("a", settings={"age": 5, "colour": "red"}, ports=voices(voice="offline", eye="sharp"))

    assert (given["age"], given["voice"], given["extras"]) == (5, Voice("offline"), {"note": "a note"})
    step = given["step"]
    assert (step.id, step.run, step.round, step.notes, step.is_fallback) == (StepId("write", "a"), "run", 0, "", False)


async def test_agent_runs_blocking_work_in_a_thread_with_its_arguments() -> None:
    @agent(scope=LISTED)
    async def look(step: Step) -> str:
        return await step.run_blocking("{}{end}".format, "read", end=".")

    assert (await Swarm(story([], look)).run("a")).value == {"a": "READ."}


async def test_run_does_not_start_when_a_setting_is_missing() -> None:
    @agent(scope=LISTED, settings=("age",))
    async def look(step: Step, *, age: int) -> str:
        return ""

    swarm = Swarm(story([], look))

    with pytest.raises(KeyError):
        await swarm.run("a")
    assert isinstance(swarm.events[-1], RunEnded)
    assert (swarm.events[-1].state, swarm.events[-1].reason) == ("interrupted", "KeyError")


async def test_run_does_not_start_when_a_scope_of_the_source_is_not_listed() -> None:
    swarm = Swarm(story([]))

    async with swarm.registry() as crew:
        with pytest.raises(PlanError, match=f"lists no items for {LISTED}"):
            await swarm.coordinator(crew).run(RunRequest("run", {}))

    assert swarm.events == []


async def test_result_is_the_same_when_the_journal_answers_later_and_in_another_order() -> None:
    items = [f"i{n}" for n in range(40)]
    at_once = await Swarm(story([])).run(*items)

    later = await Swarm(story([]), journal=LaterJournal()).run(*items, max_in_flight=8)

    assert later == at_once
    assert later.state == "complete"
