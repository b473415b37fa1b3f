"""How a registry is left: in what order, within which limits, and what becomes of the orders."""

import asyncio

import pytest

from registry import AgentState, Recovery, RestartPolicy
from swarm import AgentSpec, Kind, Step, agent
from swarm.events import AgentRestarted, Event
from swarm.messages import Died, Gave, Unavailable
from tests.registry.agents import (
    Conduct,
    Post,
    crash,
    dead_to_the_world,
    deaf,
    hang,
    refuse,
    registry_of,
    reply,
    worker,
)
from tests.swarm.clockwork import now_s

STOPPED = Unavailable("agent work has been stopped")


async def takes_a_second(step: Step) -> str:
    await asyncio.sleep(1)
    return f"did {step.id.item}"


async def test_step_in_hand_may_finish_when_its_agent_is_stopped() -> None:
    async with registry_of(worker(takes_a_second), stop_s=2.0) as registry:
        post = Post(registry)
        post.send("a")
        await asyncio.sleep(0.5)

    assert post.gave() == ["did a"]
    assert now_s() == pytest.approx(1, abs=0.1)


async def test_step_is_cancelled_and_turned_away_when_it_does_not_finish_within_the_limit() -> None:
    async with registry_of(worker(hang), stop_s=2.0) as registry:
        post = Post(registry, deadline_s=99)
        post.send("a")
        await asyncio.sleep(1)

    assert [answer.outcome for answer in post.replies] == [STOPPED]
    assert now_s() == pytest.approx(3, abs=0.1)


async def test_stopping_ends_a_second_after_the_limit_when_a_handler_will_not_end() -> None:
    async with registry_of(worker(dead_to_the_world), stop_s=2.0) as registry:
        post = Post(registry, deadline_s=99)
        post.send("a")
        await asyncio.sleep(1)

    assert now_s() == pytest.approx(4, abs=0.1)
    await asyncio.sleep(60)
    assert [answer.outcome for answer in post.replies] == [STOPPED]


async def test_waiting_and_later_orders_are_turned_away_when_their_agent_is_stopped() -> None:
    async with registry_of(worker(takes_a_second)) as registry:
        post = Post(registry)
        post.send("a")
        await asyncio.sleep(0.5)
        post.send("b")
    post.send("c")

    assert [(answer.number, answer.outcome) for answer in post.replies[::2]] == [(2, STOPPED), (3, STOPPED)]
    assert post.gave() == ["did a"]
    assert registry.health()[0].state is AgentState.DOWN


def named(role: str, ended: list[str]) -> AgentSpec:
    """An agent that notes when it is cancelled, and takes its time to clean up."""

    async def handler(step: Step) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.2)
            ended.append(role)
        return ""

    handler.__name__ = role
    return agent(scope="image")(handler)


async def test_agents_stop_in_the_reverse_of_their_order() -> None:
    ended: list[str] = []
    async with registry_of(*(named(role, ended) for role in ("first", "second", "third")), stop_s=1.0) as registry:
        post = Post(registry, deadline_s=99)
        for role in ("second", "first", "third"):
            post.send("a", role=role)
        await asyncio.sleep(1)

    assert ended == ["third", "second", "first"]
    assert now_s() == pytest.approx(1 + 3 * 1.2, abs=0.1)


async def test_worker_that_dies_while_it_is_stopped_answers_and_is_not_replaced() -> None:
    events: list[Event] = []

    async def crash_soon(step: Step) -> str:
        await asyncio.sleep(1)
        return await crash(step)

    async with registry_of(worker(crash_soon), events=events) as registry:
        post = Post(registry)
        post.send("a")
        await asyncio.sleep(0.5)

    await asyncio.sleep(10)
    assert [answer.outcome for answer in post.replies] == [Died("ZeroDivisionError: of a", is_hang=False)]
    assert (registry.health()[0].crashes, registry.health()[0].workers) == (1, 0)
    assert not any(isinstance(event, AgentRestarted) for event in events)


async def test_hang_is_still_noticed_while_agents_stop() -> None:
    async with registry_of(worker(hang), stop_s=9.0) as registry:
        post = Post(registry, deadline_s=2.0)
        post.send("a")
        await asyncio.sleep(1)

    assert [answer.outcome for answer in post.replies] == [Died("the step was not done within 2 s", is_hang=True)]
    assert now_s() == pytest.approx(2, abs=0.2)


async def test_nothing_more_is_waited_for_when_leaving_is_cancelled() -> None:
    post: list[Post] = []

    async def inside() -> None:
        async with registry_of(worker(hang), stop_s=60.0) as registry:
            post.append(Post(registry, deadline_s=99))
            post[0].send("a")
            await asyncio.sleep(1)

    leaving = asyncio.create_task(inside())
    await asyncio.sleep(5)
    leaving.cancel()
    await asyncio.wait([leaving])

    assert leaving.cancelled()
    assert now_s() == pytest.approx(5, abs=0.1)
    assert [answer.outcome for answer in post[0].replies] == [STOPPED]


async def test_who_asked_for_an_agent_is_told_when_it_is_stopped_instead() -> None:
    async with registry_of(worker(crash, reply), policy=RestartPolicy(backoff_s=9, most_backoff_s=9)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)
        asking = asyncio.create_task(registry.recover_agent("work", "impatience"))
        await asyncio.sleep(1)

    assert await asking == Recovery(False, "agent work has been stopped")


@pytest.mark.parametrize(("is_paid", "late"), [(True, ["late"]), (False, [])])
async def test_late_result_of_a_cancelled_run_is_answered_only_when_it_was_paid_for(
    is_paid: bool, late: list[str]
) -> None:
    async with registry_of(worker(deaf, reply)) as registry:
        post = Post(registry)
        post.send("a", is_paid=is_paid)
        await asyncio.sleep(1)

        await registry.cancel("run")
        await asyncio.sleep(1)

        assert post.gave() == late
        assert [answer.incarnation for answer in post.replies] == [1] * len(late)


async def deaf_for_long(step: Step) -> str:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.sleep(20)
    return "late"


@pytest.mark.parametrize("how", ["dismissed", "hung"])
async def test_late_result_is_not_answered_when_the_registry_has_been_left(how: str) -> None:
    async with registry_of(worker(deaf_for_long, reply)) as registry:
        post = Post(registry)
        post.send("a", is_paid=True)
        await asyncio.sleep(1)
        if how == "dismissed":
            await registry.cancel("run")
        else:
            await post.replied(1)

    await asyncio.sleep(60)
    assert not any(isinstance(answer.outcome, Gave) for answer in post.replies)


@pytest.mark.parametrize("ending", [crash, refuse])
async def test_late_failure_of_a_cancelled_paid_step_is_not_answered(ending: Conduct) -> None:
    async def fail_late(step: Step) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            await ending(step)
        return ""

    async with registry_of(worker(fail_late, reply, kind=Kind.PAID)) as registry:
        post = Post(registry)
        post.send("a")
        await asyncio.sleep(1)
        await registry.cancel("run")
        await asyncio.sleep(1)
        (health,) = registry.health()

    assert (post.replies, health.workers) == ([], 1)
    assert (health.crashes, health.failed_steps, health.restarts) == (0, 0, 0)
