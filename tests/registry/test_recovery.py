"""An agent that is down, and the door through which it comes back."""

import asyncio

import pytest

from registry import AgentState, Recovery, RestartPolicy
from swarm import Step, StepId
from swarm.events import AgentFailed, AgentRestarted, AgentWentDown, Event
from swarm.messages import Reply, Unavailable
from tests.registry.agents import Post, by_item, crash, hang, registry_of, reply, worker
from tests.swarm.orders import an_order

STRICT = RestartPolicy(intensity=1)
DOWN = "agent work is down: it died more than 1 times within 60 s, the last time of: ZeroDivisionError: of b"


def kinds(events: list[Event]) -> list[object]:
    """What each event is; of failures their kind."""
    return [event.kind if isinstance(event, AgentFailed) else type(event) for event in events]


async def brought_down(post: Post) -> None:
    for number, item in enumerate("ab", 1):
        post.send(item)
        await post.replied(number)
    await asyncio.sleep(1)


async def test_agent_goes_down_when_it_dies_more_often_than_it_may() -> None:
    events: list[Event] = []
    async with registry_of(worker(crash), policy=STRICT, events=events) as registry:
        post = Post(registry)
        await brought_down(post)
        post.send("c")
        (health,) = registry.health()

    assert post.replies[-1].outcome == Unavailable(DOWN)
    assert (post.replies[-1].incarnation, post.replies[-1].duration_s) == (0, 0.0)
    assert (health.state, health.workers, health.last_error) == (AgentState.DOWN, 0, DOWN)
    assert events[-1] == AgentWentDown("work", DOWN)


async def test_worker_is_replaced_when_its_reply_is_not_taken() -> None:
    def full(reply: Reply) -> None:
        raise asyncio.QueueFull

    async with registry_of(worker(reply)) as registry:
        registry.send(an_order(StepId("work", "a"), reply_to=full))
        await asyncio.sleep(1)
        (health,) = registry.health()

    assert (health.state, health.restarts, health.last_error) == (AgentState.RUNNING, 1, "QueueFull: ")


async def test_waiting_orders_are_turned_away_when_their_agent_goes_down() -> None:
    async with registry_of(worker(crash), policy=RestartPolicy(intensity=0)) as registry:
        post = Post(registry)
        post.send("a")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        post.send("b")

        outcomes = await post.replied(2)

    assert isinstance(outcomes[1], Unavailable)


async def test_agent_that_is_down_comes_back_with_a_clean_slate_when_it_is_recovered() -> None:
    async with registry_of(worker(crash, crash, crash, reply), policy=STRICT) as registry:
        post = Post(registry)
        await brought_down(post)

        recovery = await registry.recover_agent("work", "the model is loaded again")
        post.send("c")
        await post.replied(3)
        await asyncio.sleep(1)
        (health,) = registry.health()
        post.send("d")
        await post.replied(4)

    assert recovery == Recovery(True, "agent work was restarted after: the model is loaded again")
    assert (health.state, health.restarts_in_period, health.restarts) == (AgentState.RUNNING, 1, 3)
    assert post.gave() == ["did d"]


async def test_agent_that_runs_is_left_alone_when_it_is_recovered() -> None:
    events: list[Event] = []
    async with registry_of(worker(hang), events=events) as registry:
        post = Post(registry)
        post.send("a")
        await asyncio.sleep(1)

        recovery = await registry.recover_agent("work", "it looks idle")

        assert recovery == Recovery(True, "agent work is running")
        assert (registry.health()[0].in_hand, events, registry.health()[0].last_error) == (1, [], "")


async def test_agent_is_restarted_once_when_several_ask_for_it_at_the_same_time() -> None:
    events: list[Event] = []
    async with registry_of(worker(crash, crash, reply), policy=STRICT, events=events) as registry:
        post = Post(registry)
        await brought_down(post)
        events.clear()

        recoveries = await asyncio.gather(*(registry.recover_agent("work", f"asked by {n}") for n in range(5)))

        assert set(recoveries) == {Recovery(True, "agent work was restarted after: asked by 0")}
        assert [type(event) for event in events] == [AgentRestarted]
        assert registry.health()[0].workers == 1


async def test_recovery_is_waited_for_when_supervision_is_at_it_already() -> None:
    async with registry_of(worker(crash, reply), policy=RestartPolicy(backoff_s=9, most_backoff_s=9)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)

        recovery = await registry.recover_agent("work", "impatience")

        assert recovery == Recovery(True, "agent work was restarted after: ZeroDivisionError: of a")
        assert registry.health()[0].state is AgentState.RUNNING


async def test_recovery_goes_on_when_who_asked_for_it_is_cancelled() -> None:
    async with registry_of(worker(crash, reply), policy=RestartPolicy(backoff_s=9, most_backoff_s=9)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)
        asking = asyncio.create_task(registry.recover_agent("work", "impatience"))
        await asyncio.sleep(1)

        asking.cancel()
        await asyncio.sleep(10)

        assert registry.health()[0].state is AgentState.RUNNING


async def test_agent_goes_down_once_when_its_other_worker_dies_later() -> None:
    events: list[Event] = []

    async def crash_later(step: Step) -> str:
        await asyncio.sleep(8)
        raise ZeroDivisionError("late")

    spec = by_item(workers=2, late=crash_later, a=crash, b=crash)
    async with registry_of(spec, policy=RestartPolicy(intensity=1, period_s=5), events=events) as registry:
        post = Post(registry, deadline_s=99)
        post.send("late")
        await brought_down(post)
        await post.replied(3)
        await asyncio.sleep(10)
        (health,) = registry.health()

    assert kinds(events) == ["crash", AgentRestarted, "crash", AgentWentDown, "crash"]
    assert (health.state, health.workers) == (AgentState.DOWN, 0)


async def test_agent_goes_down_when_more_workers_die_while_it_is_being_restarted() -> None:
    events: list[Event] = []

    async def crash_soon(step: Step) -> str:
        await asyncio.sleep(1)
        raise ZeroDivisionError(f"of {step.id.item}")

    policy = RestartPolicy(intensity=1, backoff_s=9, most_backoff_s=9)
    async with registry_of(by_item(workers=2, a=crash, b=crash_soon), policy=policy, events=events) as registry:
        post = Post(registry)
        post.send("a", "b")
        await post.replied(2)
        await asyncio.sleep(10)
        (health,) = registry.health()

    assert kinds(events) == ["crash", "crash", AgentWentDown]
    assert (health.state, health.last_error) == (AgentState.DOWN, DOWN)


@pytest.mark.parametrize("is_down", [True, False])
async def test_agent_stays_away_when_it_is_recovered_after_the_registry_was_left(is_down: bool) -> None:
    async with registry_of(worker(crash), policy=STRICT) as registry:
        if is_down:
            await brought_down(Post(registry))

    recovery = await registry.recover_agent("work", "too late")

    assert recovery == Recovery(False, "agent work has been stopped")
    assert registry.health()[0].workers == 0


async def test_stopping_gives_up_a_restart_that_is_under_way() -> None:
    async with registry_of(worker(crash), policy=RestartPolicy(backoff_s=9, most_backoff_s=9)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)

    await asyncio.sleep(20)
    assert registry.health()[0].workers == 0
    assert post.replies[0].step == StepId("work", "a")


async def test_run_is_cancelled_without_a_restart_when_its_agent_is_down() -> None:
    async with registry_of(worker(crash), policy=STRICT) as registry:
        await brought_down(Post(registry))

        await registry.cancel("run")

        assert registry.health()[0].workers == 0
