"""The workers of an agent: one reply to each order, incarnations, and what a death costs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from registry import AgentRegistry, AgentState, RestartPolicy, ThreadPool, UnknownAgent
from swarm import Step
from swarm.events import AgentFailed, AgentRestarted, Event
from swarm.messages import Died, Gave, Order, Refused
from tests.registry.agents import Post, by_item, crash, dead_to_the_world, deaf, hang, leave, registry_of, reply, worker
from tests.swarm.clockwork import now_s


async def test_each_order_is_answered_once_when_its_step_is_done() -> None:
    async with registry_of(worker(reply, workers=2)) as registry:
        post = Post(registry)
        post.send("a", "b")

        await post.replied(2)
        await asyncio.sleep(10)

    assert [(answer.number, answer.step.item) for answer in post.replies] == [(1, "a"), (2, "b")]
    assert post.gave() == ["did a", "did b"]


async def test_crew_has_as_many_places_as_its_agent_says() -> None:
    async with registry_of(worker(hang, workers=3)) as registry:
        post = Post(registry)
        post.send(*"abc")
        await asyncio.sleep(1)
        post.send(*"def")

        assert registry.capacity("work") == 3
        assert [(health.in_hand, health.waiting) for health in registry.health()] == [(3, 3)]
        with pytest.raises(asyncio.QueueFull):
            post.send("g")


async def test_agent_is_unknown_when_there_is_none_of_this_role() -> None:
    sentence = r"^there is no agent ghost; there are work$"
    async with registry_of(worker(reply)) as registry:
        with pytest.raises(UnknownAgent, match=sentence):
            registry.capacity("ghost")
        with pytest.raises(UnknownAgent, match=sentence):
            Post(registry).send("a", role="ghost")
        with pytest.raises(UnknownAgent, match=sentence):
            await registry.recover_agent("ghost", "")


async def test_crashed_worker_is_replaced_by_the_next_incarnation() -> None:
    events: list[Event] = []
    async with registry_of(worker(crash, reply), events=events) as registry:
        post = Post(registry)
        post.send("a")
        outcomes = await post.replied(1)
        post.send("b")
        await post.replied(2)
        (health,) = registry.health()

    assert outcomes == [Died("ZeroDivisionError: of a", is_hang=False)]
    assert [answer.incarnation for answer in post.replies] == [1, 2]
    assert events == [
        AgentFailed("work", "crash", "ZeroDivisionError: of a", "run", "a", 1),
        AgentRestarted("work", 2, "ZeroDivisionError: of a", False, 0.01),
    ]
    assert (health.state, health.restarts, health.restarts_in_period) == (AgentState.RUNNING, 1, 1)
    assert health.last_error == "ZeroDivisionError: of a"


async def exits(step: Step) -> str:
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("conduct", "cause"),
    [
        (exits, "RuntimeError: the handler wanted to end the process"),
        (leave, "the handler cancelled its own worker"),
    ],
)
async def test_handler_crashes_its_worker_and_no_more_when_it(conduct: object, cause: str) -> None:
    async with registry_of(worker(conduct, reply)) as registry:  # type: ignore[arg-type]  # two conducts in one list
        post = Post(registry)
        post.send("a")
        await post.replied(1)
        post.send("b")

        assert await post.replied(2) == [Died(cause, is_hang=False), post.replies[1].outcome]
        assert post.gave() == ["did b"]


async def test_worker_is_replaced_when_its_step_passed_the_deadline() -> None:
    events: list[Event] = []
    async with registry_of(worker(hang, reply), events=events) as registry:
        post = Post(registry, deadline_s=5.0)
        post.send("a")
        outcomes = await post.replied(1)
        hung_s = now_s()
        post.send("b")
        await post.replied(2)

    assert outcomes == [Died("the step was not done within 5 s", is_hang=True)]
    assert 5.0 < hung_s < 5.1
    assert post.replies[0].duration_s == pytest.approx(5, abs=0.1)
    assert events == [
        AgentFailed("work", "hang", "the step was not done within 5 s", "run", "a", 1),
        AgentRestarted("work", 2, "the step was not done within 5 s", True, 0.01),
    ]
    assert post.gave() == ["did b"]


async def test_late_reply_carries_its_dead_incarnation_when_a_worker_was_given_up() -> None:
    async with registry_of(worker(deaf, reply)) as registry:
        post = Post(registry)
        post.send("a")

        await post.replied(2)

    died, late = post.replies
    assert (died.outcome, died.incarnation) == (Died("the step was not done within 5 s", is_hang=True), 1)
    assert (post.gave(), late.number, late.incarnation) == (["late"], 1, 1)


async def test_other_workers_go_on_when_one_dies() -> None:
    async with registry_of(by_item(workers=2, bad=crash)) as registry:
        post = Post(registry)
        post.send("bad", "a")
        await post.replied(2)
        post.send("b", "c")
        await post.replied(4)

    assert post.gave() == ["did a", "did b", "did c"]


async def test_agent_is_restarting_while_a_place_is_vacant() -> None:
    async with registry_of(worker(crash, reply), policy=RestartPolicy(backoff_s=9, most_backoff_s=9)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)
        (vacant,) = registry.health()
        post.send("b")
        await asyncio.sleep(10)
        (whole,) = registry.health()

    assert (vacant.state, vacant.workers, whole.state, whole.workers) == ("restarting", 0, "running", 1)
    assert post.gave() == ["did b"]


async def test_context_is_bound_round_each_step_when_one_is_given() -> None:
    around: list[tuple[str, int, str]] = []

    @contextmanager
    def bound(order: Order, incarnation: int) -> Iterator[None]:
        around.append(("in", incarnation, order.step.id.item))
        yield
        around.append(("out", incarnation, order.step.id.item))

    async with registry_of(worker(reply), around_step=bound) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)

    assert around == [("in", 1, "a"), ("out", 1, "a")]


async def test_orders_of_a_cancelled_run_are_dropped_wherever_they_are() -> None:
    started: list[str] = []

    async def note(step: Step) -> str:
        started.append(step.id.item)
        return await hang(step)

    async with registry_of(worker(note, note, reply, workers=2)) as registry:
        post = Post(registry)
        post.send("a", "b", run="one")
        await asyncio.sleep(1)
        post.send("c", run="one")
        post.send("d", run="two")

        await registry.cancel("one")
        await post.replied(1)
        await asyncio.sleep(10)

    assert started == ["a", "b"]
    assert [answer.step.item for answer in post.replies] == ["d"]


async def test_order_is_dropped_when_its_run_is_cancelled_before_a_worker_took_it() -> None:
    started: list[str] = []

    async def note(step: Step) -> str:
        started.append(step.id.item)
        return ""

    async with registry_of(worker(note)) as registry:
        await asyncio.sleep(1)
        post = Post(registry)
        post.send("a")

        await registry.cancel("run")
        await asyncio.sleep(10)

    assert (started, post.replies) == ([], [])


async def test_cancelled_order_is_not_answered_when_its_handler_brings_a_result_all_the_same() -> None:
    async with registry_of(worker(deaf)) as registry:
        post = Post(registry)
        post.send("a")
        await asyncio.sleep(1)

        await registry.cancel("run")
        await asyncio.sleep(10)

        assert post.replies == []


async def test_cancelling_ends_within_the_limit_when_a_handler_will_not_end() -> None:
    async with registry_of(worker(dead_to_the_world, reply), stop_s=2.0) as registry:
        post = Post(registry, deadline_s=9999)
        post.send("a")
        await asyncio.sleep(1)

        await registry.cancel("run")
        cancelled_s = now_s()
        post.send("b", run="next")
        await post.replied(1)

    assert cancelled_s == pytest.approx(3, abs=0.1)
    assert post.gave() == ["did b"]
    await asyncio.sleep(60)


async def test_refusal_and_wrong_result_leave_the_worker_alive() -> None:
    async def nonsense(step: Step) -> str:
        return 7  # type: ignore[return-value]  # the fault to be found

    async with registry_of(worker(nonsense, reply)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)
        post.send("b")
        await post.replied(2)
        (health,) = registry.health()

    assert isinstance(post.replies[0].outcome, Refused)
    assert isinstance(post.replies[1].outcome, Gave)
    assert (health.restarts, post.replies[1].incarnation) == (0, 1)


async def test_events_are_not_needed_when_nobody_observes() -> None:
    async with AgentRegistry([worker(crash, crash, reply)], threads=ThreadPool(1), clock=now_s) as registry:
        post = Post(registry)
        post.send("a")

        assert await post.replied(1) == [Died("ZeroDivisionError: of a", is_hang=False)]
