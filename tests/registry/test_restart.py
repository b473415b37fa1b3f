"""What follows when a worker ends: OTP's restart types and intensity, under any conduct of the handlers."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import AgentHealth, AgentState, Recovery, RestartPolicy
from swarm import Restart, Step
from swarm.events import AgentFailed, AgentRestarted, AgentWentDown, Event
from swarm.messages import Died, Gave, Refused, Reply, Unavailable
from tests.registry.agents import Conduct, Post, crash, hang, leave, refuse, registry_of, reply, worker
from tests.swarm.clockwork import SkippingLoop, now_s

CONDUCTS: dict[str, Conduct] = {"reply": reply, "crash": crash, "hang": hang, "leave": leave, "refuse": refuse}
LOST = ("crash", "hang", "leave")


@dataclass
class Told:
    """All that was observed and answered, with its time, and how the agent was at the end."""

    events: list[tuple[float, Event]]
    replies: list[Reply]
    health: AgentHealth

    def times(self, kind: type[Event]) -> list[float]:
        return [at_s for at_s, event in self.events if isinstance(event, kind)]


def skipping(main: Coroutine[Any, Any, Told]) -> Told:
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(main)


async def acted(
    script: Sequence[tuple[float, str]],
    *,
    policy: RestartPolicy,
    restart: Restart = Restart.PERMANENT,
    workers: int = 1,
) -> Told:
    """Send a step after each pause, whose handler conducts itself as told; no two steps are the same. Those with the
    same pause of 0 fall together."""
    events: list[tuple[float, Event]] = []

    async def conducted(step: Step) -> str:
        return await CONDUCTS[step.id.item.partition("-")[0]](step)

    registry = registry_of(
        worker(conducted, workers=workers, restart=restart),
        policy=policy,
        observe=lambda event: events.append((now_s(), event)),
    )
    async with registry:
        post = Post(registry)
        for number, (pause_s, conduct) in enumerate(script, 1):
            await asyncio.sleep(pause_s)
            if number > workers:
                await post.replied(number - workers)
            post.send(f"{conduct}-{number}")
        await post.replied(len(script))
        await asyncio.sleep(policy.most_backoff_s)
        (health,) = registry.health()
    return Told(events, post.replies, health)


scripts = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 3.0, 20.0]), st.sampled_from(list(CONDUCTS))), max_size=14)
policies = st.builds(
    RestartPolicy,
    intensity=st.integers(0, 4),
    period_s=st.sampled_from([1.0, 10.0, 60.0]),
    backoff_s=st.just(0.0),
    most_backoff_s=st.just(0.0),
)


@given(scripts, policies, st.integers(1, 3))
def test_restarts_are_never_more_than_the_intensity_within_any_period(
    script: list[tuple[float, str]], policy: RestartPolicy, workers: int
) -> None:
    told = skipping(acted(script, policy=policy, workers=workers))

    restarts = told.times(AgentRestarted)
    for end_s in restarts:
        assert sum(0 <= end_s - at_s <= policy.period_s for at_s in restarts) <= policy.intensity


@given(scripts, policies, st.integers(1, 3))
def test_agent_is_down_when_it_died_once_more_than_it_may_and_not_before(
    script: list[tuple[float, str]], policy: RestartPolicy, workers: int
) -> None:
    told = skipping(acted(script, policy=policy, workers=workers))

    deaths = [at_s for at_s, event in told.events if isinstance(event, AgentFailed) and event.kind != "step"]
    too_many = [at for at in deaths if sum(0 <= at - one <= policy.period_s for one in deaths) > policy.intensity]
    assert told.times(AgentWentDown) == too_many[:1]
    assert (told.health.state is AgentState.DOWN) == bool(too_many)


@given(scripts, st.sampled_from(Restart), st.integers(1, 3))
def test_each_order_is_answered_once_by_what_became_of_it(
    script: list[tuple[float, str]], restart: Restart, workers: int
) -> None:
    told = skipping(acted(script, policy=RestartPolicy(intensity=3), restart=restart, workers=workers))

    assert sorted(reply.number for reply in told.replies) == list(range(1, len(script) + 1))
    kinds = {"reply": Gave, "refuse": Refused, "crash": Died, "hang": Died, "leave": Died}
    for answer in told.replies:
        conduct = answer.step.item.partition("-")[0]
        assert isinstance(answer.outcome, (kinds[conduct], Unavailable))


@given(scripts, st.sampled_from(Restart), st.integers(1, 3))
def test_places_are_filled_again_as_the_agent_declares(
    script: list[tuple[float, str]], restart: Restart, workers: int
) -> None:
    told = skipping(acted(script, policy=RestartPolicy(intensity=99), restart=restart, workers=workers))

    died = [answer.step.item.partition("-")[0] for answer in told.replies if isinstance(answer.outcome, Died)]
    followed = {Restart.PERMANENT: LOST, Restart.TRANSIENT: ("crash", "hang"), Restart.TEMPORARY: ()}[restart]
    stays_empty = sum(conduct not in followed for conduct in died)
    assert told.health.workers == workers - stays_empty
    assert told.health.restarts == len(told.times(AgentRestarted)) == len(died) - stays_empty
    assert (told.health.state is AgentState.DOWN) == (told.health.workers == 0)
    assert told.health.crashes == died.count("crash") + (restart is not Restart.TRANSIENT) * died.count("leave")
    assert told.health.hangs == died.count("hang")
    refused = [answer for answer in told.replies if isinstance(answer.outcome, Refused)]
    assert told.health.failed_steps == len(refused)


async def test_one_step_that_kills_its_worker_again_and_again_counts_once() -> None:
    async with registry_of(worker(crash), policy=RestartPolicy(intensity=1)) as registry:
        post = Post(registry)
        for number in range(1, 7):
            post.send("same")
            await post.replied(number)
            await asyncio.sleep(1)
        (health,) = registry.health()

    assert (health.state, health.restarts, health.crashes, health.restarts_in_period) == ("running", 6, 6, 1)


async def test_step_of_the_same_name_counts_again_when_it_is_of_another_run() -> None:
    async with registry_of(worker(crash), policy=RestartPolicy(intensity=2)) as registry:
        post = Post(registry)
        for number, run in enumerate(("one", "two", "three"), 1):
            post.send("same", run=run)
            await post.replied(number)
            await asyncio.sleep(1)
        (health,) = registry.health()

    assert (health.state, health.restarts_in_period) == ("down", 3)


async def test_restarts_back_off_and_begin_anew_after_a_healthy_while() -> None:
    events: list[Event] = []
    policy = RestartPolicy(intensity=9, backoff_s=0.1, most_backoff_s=0.3, healthy_s=10)
    async with registry_of(worker(crash), policy=policy, events=events) as registry:
        post = Post(registry)
        for number, pause_s in enumerate((0.5, 0.5, 0.5, 11, 0.5), 1):
            post.send(str(number))
            await post.replied(number)
            await asyncio.sleep(pause_s)

    delays_s = [event.delay_s for event in events if isinstance(event, AgentRestarted)]
    assert delays_s == pytest.approx([0.1, 0.2, 0.3, 0.3, 0.1])


@pytest.mark.parametrize(
    ("restart", "conduct", "cause"),
    [
        (Restart.TEMPORARY, crash, "ZeroDivisionError: of a"),
        (Restart.TEMPORARY, hang, "the step was not done within 5 s"),
        (Restart.TEMPORARY, leave, "the handler cancelled its own worker"),
        (Restart.TRANSIENT, leave, "the handler cancelled its own worker"),
    ],
)
async def test_agent_is_down_when_no_worker_follows_its_last(restart: Restart, conduct: Conduct, cause: str) -> None:
    events: list[Event] = []
    async with registry_of(worker(conduct, reply, restart=restart), events=events) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)
        post.send("b")
        (health,) = registry.health()
        recovery = await registry.recover_agent("work", "somebody wants it back")
        post.send("c")
        await post.replied(3)
        (back,) = registry.health()

    reason = f"agent work is down: its last worker ended, and none follows because it is {restart}; the cause: {cause}"
    assert post.replies[1].outcome == Unavailable(reason)
    assert (health.state, health.workers, health.restarts, health.last_error) == ("down", 0, 0, reason)
    assert AgentWentDown("work", reason) in events
    assert recovery == Recovery(True, "agent work was restarted after: somebody wants it back")
    assert (back.state, back.workers, post.gave()) == ("running", 1, ["did c"])


async def test_place_that_stays_empty_is_filled_when_the_agent_is_recovered() -> None:
    async with registry_of(worker(crash, reply, workers=2, restart=Restart.TEMPORARY)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)
        (before,) = registry.health()
        await registry.cancel("another run")
        (still,) = registry.health()

        recovery = await registry.recover_agent("work", "two are better")
        (after,) = registry.health()

    assert (before.state, before.workers, still.workers) == ("running", 1, 1)
    assert recovery == Recovery(True, "agent work was restarted after: two are better")
    assert (after.workers, after.restarts) == (2, 1)


async def test_pause_before_a_restart_is_kept_when_a_run_is_cancelled_meanwhile() -> None:
    async with registry_of(worker(crash, reply), policy=RestartPolicy(backoff_s=9, most_backoff_s=9)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)

        await registry.cancel("run")
        (paused,) = registry.health()
        await asyncio.sleep(10)
        (back,) = registry.health()

    assert (paused.state, paused.workers) == ("restarting", 0)
    assert (back.state, back.workers) == ("running", 1)
