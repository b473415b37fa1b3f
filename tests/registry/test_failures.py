"""Failures told apart: the count, the event and the reaction of each kind; and supervision that nobody can harm."""

import asyncio

import pytest

from registry import AgentRegistry, AgentState, RestartPolicy
from swarm import Kind, Step, StepId, agent
from swarm.events import AgentFailed, AgentRestarted, Event
from swarm.messages import Died, Gave, Order, Outcome, Refused, Reply
from tests.registry.agents import (
    Conduct,
    Post,
    by_item,
    crash,
    deaf,
    hang,
    refuse,
    registry_of,
    reply,
    worker,
)
from tests.swarm.harness import Brief, Swarm, story
from tests.swarm.orders import an_order
from tests.swarm.plans import LISTED


async def nonsense(step: Step) -> str:
    return 7  # type: ignore[return-value]  # the fault to be found


@pytest.mark.parametrize(
    ("conduct", "kind", "answer", "counts", "restarts"),
    [
        (refuse, "step", Refused, (1, 0, 0), 0),
        (nonsense, "step", Refused, (1, 0, 0), 0),
        (crash, "crash", Died, (0, 1, 0), 1),
        (hang, "hang", Died, (0, 0, 1), 1),
    ],
)
async def test_failure_has_its_own_count_event_and_reaction_when_the_handler(
    conduct: Conduct, kind: str, answer: type[Outcome], counts: tuple[int, int, int], restarts: int
) -> None:
    events: list[Event] = []
    async with registry_of(worker(conduct, reply), events=events) as registry:
        post = Post(registry)
        post.send("a", run="one")
        (outcome,) = await post.replied(1)
        post.send("b", run="one")
        await post.replied(2)
        (health,) = registry.health()

    failures = [event for event in events if isinstance(event, AgentFailed)]
    assert isinstance(outcome, answer)
    assert [(event.role, event.kind, event.run, event.item) for event in failures] == [("work", kind, "one", "a")]
    assert failures[0].cause == (outcome.reason if isinstance(outcome, Refused) else health.last_error)
    assert (health.failed_steps, health.crashes, health.hangs, health.blocks) == (*counts, 0)
    assert health.restarts == sum(isinstance(event, AgentRestarted) for event in events) == restarts
    assert post.replies[1].incarnation == 1 + restarts


async def test_done_step_is_no_failure() -> None:
    events: list[Event] = []
    async with registry_of(worker(reply), events=events) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)
        (health,) = registry.health()

    assert events == []
    assert (health.failed_steps, health.crashes, health.hangs, health.blocks, health.restarts) == (0,) * 5


async def test_late_reply_of_a_dead_incarnation_changes_no_count_and_no_state() -> None:
    async def deaf_and_refusing(step: Step) -> str:
        await deaf(step)
        await asyncio.sleep(1)
        return await refuse(step)

    events: list[Event] = []
    async with registry_of(worker(deaf_and_refusing, reply), events=events) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)
        await asyncio.sleep(0.5)
        before = registry.health()
        await post.replied(2)

        assert registry.health() == before
        assert (before[0].hangs, before[0].failed_steps, before[0].restarts) == (1, 0, 1)
        assert [type(event) for event in events] == [AgentFailed, AgentRestarted]
        assert isinstance(post.replies[1].outcome, Refused)


async def test_worker_lost_between_two_steps_names_none() -> None:
    def full(_: Reply) -> None:
        raise asyncio.QueueFull

    events: list[Event] = []
    async with registry_of(worker(reply), events=events) as registry:
        registry.send(an_order(StepId("work", "a"), reply_to=full))
        await asyncio.sleep(1)

    assert events[0] == AgentFailed("work", "crash", "QueueFull: ", "", "", 1)


@pytest.mark.parametrize("conduct", [crash, hang])
async def test_supervision_goes_on_when_who_is_told_of_a_death_raises(conduct: Conduct) -> None:
    def full(_: Reply) -> None:
        raise asyncio.QueueFull

    async with registry_of(worker(conduct, hang, reply)) as registry:
        registry.send(an_order(StepId("work", "a"), reply_to=full))
        await asyncio.sleep(10)
        post = Post(registry)
        post.send("b")
        outcomes = await post.replied(1)
        post.send("c")
        await post.replied(2)

    assert outcomes == [Died("the step was not done within 5 s", is_hang=True)]
    assert post.gave() == ["did c"]


async def test_agent_that_is_down_turns_all_away_when_one_does_not_take_it() -> None:
    def full(_: Reply) -> None:
        raise asyncio.QueueFull

    async with registry_of(worker(crash, workers=2), policy=RestartPolicy(intensity=0)) as registry:
        post = Post(registry)
        post.send("a", "b")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        registry.send(an_order(StepId("work", "c"), run="other", reply_to=full))
        post.send("d")
        await post.replied(3)
        (health,) = registry.health()

    assert (health.state, health.waiting) == (AgentState.DOWN, 0)


# two runs on one registry


async def test_orders_of_several_runs_are_held_when_each_keeps_to_the_capacity() -> None:
    async with registry_of(worker(reply, workers=2)) as registry:
        posts = [Post(registry) for _ in range(5)]
        for number, post in enumerate(posts):
            post.send("a", "b", run=f"run {number}")
        (health,) = registry.health()
        for post in posts:
            await post.replied(2)

    assert health.waiting == 10
    assert all(post.gave() == ["did a", "did b"] for post in posts)


async def test_run_is_refused_what_goes_beyond_its_own_capacity() -> None:
    async with registry_of(worker(reply, workers=2)) as registry:
        one, two = Post(registry), Post(registry)
        one.send("a", "b", run="one")
        two.send("a", run="two")
        with pytest.raises(asyncio.QueueFull):
            one.send("c", run="one")
        two.send("b", run="two")

        assert len(await one.replied(2)) == len(await two.replied(2)) == 2


async def test_runs_end_well_when_they_share_a_crew_at_the_same_time() -> None:
    swarm = Swarm(story([]))
    items = [str(number) for number in range(40)]
    async with swarm.registry() as crew:
        runs = [swarm.run_with(crew, *items, run=name) for name in ("one", "two", "three")]
        results = await asyncio.gather(*runs)
        healths = crew.health()

    assert [result.state for result in results] == ["complete"] * 3
    assert all(result.value == {item: f"TEXT OF {item}" for item in items} for result in results)
    assert [(health.crashes, health.waiting) for health in healths] == [(0, 0)] * 3


async def test_other_runs_wait_no_longer_for_their_orders_when_one_is_cancelled() -> None:
    async with registry_of(by_item(2, stuck=hang)) as registry:
        one, two = Post(registry, deadline_s=99), Post(registry)
        one.send("stuck", "stuck", run="one")
        await asyncio.sleep(1)
        one.send("stuck", "stuck", run="one")
        two.send("a", "b", run="two")

        await registry.cancel("one")

        await two.replied(2)
        (health,) = registry.health()

    assert (two.gave(), one.replies, health.waiting) == (["did a", "did b"], [], 0)


async def test_paid_result_that_comes_after_its_run_reaches_who_ordered_it_while_another_runs() -> None:
    @agent(scope=LISTED, kind=Kind.PAID, deadline_s=99)
    async def look(step: Step, *, brief: Brief) -> str:
        if step.run == "next":
            return brief.text
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(5)
        return "paid for"

    late: list[Reply] = []
    swarm = Swarm(story([], look))
    async with swarm.registry() as crew:
        crew.send(dated(crew, late))
        await asyncio.sleep(1)
        await crew.cancel("gone")
        result = await swarm.run_with(crew, "a", run="next")
        await asyncio.sleep(10)

    assert result.state == "complete"
    assert [answer.outcome.sealed.value for answer in late if isinstance(answer.outcome, Gave)] == ["paid for"]


def dated(crew: AgentRegistry, replies: list[Reply]) -> Order:
    """An order of a run that is over soon."""
    order = an_order(StepId("look", "a"), run="gone", deadline_s=99, reply_to=replies.append)
    return Order(order.number, order.step, 1, {"brief": Brief("a")}, 99, replies.append, is_paid=True)
