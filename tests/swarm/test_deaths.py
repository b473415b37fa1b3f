"""Workers that die with a step in hand: what is sent again, what is set aside, what is kept all the same."""

import asyncio

import pytest

from registry import RestartPolicy
from swarm import AgentSpec, Kind, Step, StepId, agent
from swarm.events import AgentRestarted, AgentWentDown, StepRetried, StepSent
from tests.swarm.harness import Brief, LaterJournal, Swarm, story
from tests.swarm.plans import LISTED


def dying(times: int, seen: list[str], *, hang: bool = False, kind: Kind = Kind.PURE) -> AgentSpec:
    """Dies so often of each item, then looks at it."""

    @agent(scope=LISTED, kind=kind, deadline_s=5.0, workers=2)
    async def look(step: Step, *, brief: Brief) -> str:
        seen.append(step.id.item)
        if seen.count(step.id.item) <= times:
            if hang:
                await asyncio.Event().wait()
            raise ZeroDivisionError(f"of {step.id.item}")
        return brief.text

    return look


def retries(swarm: Swarm) -> list[str]:
    return [event.cause for event in swarm.events if isinstance(event, StepRetried)]


@pytest.mark.parametrize("kind", Kind)
async def test_step_is_sent_again_when_its_worker_crashed(kind: Kind) -> None:
    seen: list[str] = []
    swarm = Swarm(story([], dying(2, seen, kind=kind)), journal=LaterJournal())

    result = await swarm.run("a")

    assert (result.state, seen) == ("complete", ["a"] * 3)
    assert retries(swarm) == ["ZeroDivisionError: of a"] * 2
    attempts = [event.attempt for event in swarm.events if isinstance(event, StepSent) and event.step.role == "look"]
    assert attempts == [1, 2, 3]


async def test_step_is_set_aside_when_it_crashed_its_worker_too_often() -> None:
    swarm = Swarm(story([], dying(9, [])))

    result = await swarm.run("a")

    assert result.value == {"no a": "set aside after it crashed its worker 3 times: ZeroDivisionError: of a"}


async def test_run_fails_with_the_code_of_a_step_set_aside_when_it_is_strict() -> None:
    result = await Swarm(story([], dying(9, []))).run("a", strict=True, max_attempts=1)

    assert result.code == "set-aside"


async def test_step_is_sent_again_when_it_passed_its_deadline() -> None:
    seen: list[str] = []
    swarm = Swarm(story([], dying(1, seen, hang=True)))

    result = await swarm.run("a", "b")

    assert result.state == "complete"
    assert sorted(seen) == ["a", "a", "b", "b"]
    assert retries(swarm) == ["the step was not done within 5 s"] * 2
    assert all(event.is_hang for event in swarm.events if isinstance(event, AgentRestarted))


async def test_step_is_set_aside_when_it_hung_too_often() -> None:
    swarm = Swarm(story([], dying(9, [], hang=True)))

    result = await swarm.run("a", max_attempts=2)

    assert result.value == {"no a": "set aside after it hung 2 times: the step was not done within 5 s"}


async def test_steps_fail_fast_when_their_agent_is_down() -> None:
    seen: list[str] = []
    swarm = Swarm(story([], dying(9, seen)), policy=RestartPolicy(intensity=1, backoff_s=0.0))

    result = await swarm.run(*"abcdefgh", max_attempts=9)

    downs = [event for event in swarm.events if isinstance(event, AgentWentDown)]
    reason = "agent look is down: it died more than 1 times within 60 s, the last time of: ZeroDivisionError: of "
    assert len(downs) == 1
    assert downs[0].cause.startswith(reason)
    assert len(seen) <= 4
    assert sorted(item for _, item in result.lost) == list("abcdefgh")
    assert all(lost.startswith(reason) for lost in result.lost.values())


async def test_run_fails_with_the_code_of_an_agent_that_is_down_when_it_is_strict() -> None:
    swarm = Swarm(story([], dying(9, [])), policy=RestartPolicy(intensity=0))

    result = await swarm.run("a", strict=True)

    assert result.code == "agent-down"


async def test_agent_stays_up_when_one_step_alone_kills_its_workers() -> None:
    seen: list[str] = []
    swarm = Swarm(story([], dying(4, seen)), policy=RestartPolicy(intensity=1))

    result = await swarm.run("a", max_attempts=5)

    assert (result.state, seen) == ("complete", ["a"] * 5)


def deaf(kind: Kind, seen: list[int]) -> AgentSpec:
    """Hangs at first, swallows that it is cancelled, and brings its result late; the second is on time."""

    @agent(scope=LISTED, kind=kind, deadline_s=1.0)
    async def look(step: Step, *, brief: Brief) -> str:
        seen.append(len(seen))
        if len(seen) > 1:
            await asyncio.sleep(0.9)
            return "on time"
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.3)
        return "late"

    return look


@pytest.mark.parametrize(("kind", "kept"), [(Kind.PAID, ["late", "on time"]), (Kind.PURE, ["on time"])])
async def test_late_result_changes_nothing_but_is_kept_when_it_was_paid_for(kind: Kind, kept: list[str]) -> None:
    journal, seen = LaterJournal(), list[int]()
    swarm = Swarm(story([], deaf(kind, seen)), journal=journal)

    result = await swarm.run("a")

    entries = [entry for entry in journal.recorded if entry.step == StepId("look", "a")]
    assert result.value == {"a": "ON TIME"}
    assert [entry.data[1:].decode() for entry in entries] == kept
    assert len({entry.key for entry in entries}) == 1
    assert swarm.ended("look") == [("look", "a", "done")]


async def test_late_refusal_changes_nothing() -> None:
    seen: list[int] = []

    @agent(scope=LISTED, kind=Kind.PAID, deadline_s=1.0)
    async def look(step: Step) -> str:
        seen.append(len(seen))
        if len(seen) == 1:
            try:
                await asyncio.Event().wait()
            finally:
                return 7  # type: ignore[return-value]  # noqa: B012  # it swallows the cancellation, and gives nonsense
        await asyncio.sleep(0.5)
        return "on time"

    result = await Swarm(story([], look)).run("a")

    assert result.value == {"a": "ON TIME"}
