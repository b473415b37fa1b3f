"""Calls are retried where that helps, end at their deadline, and never storm a service that is down."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.services.calling import Attempt, Policy
from agents.services.errors import (
    AccountRefused,
    BadAnswer,
    CircuitOpen,
    ServiceError,
    ServiceRefused,
    ServiceUnavailable,
)
from agents.services.limits import Left
from swarm import SwarmError
from swarm.agent import ROLE
from swarm.events import CallEnded
from tests.agents.services.calls.scripted import Fault, Scripted
from tests.swarm.clockwork import SkippingLoop, now_s


async def test_call_gives_what_the_service_answers() -> None:
    peer = Scripted(["hello"])

    assert await peer.call() == "hello"

    assert peer.outcomes == ["ok"]
    assert peer.retries == []


@pytest.mark.parametrize("outcome", ["failed", "lost", "rate-limited", "timeout"])
async def test_call_is_made_again_when_that_may_help(outcome: str) -> None:
    peer = Scripted([Fault(outcome), Fault(outcome), "hello"])

    assert await peer.call() == "hello"

    assert peer.outcomes == [outcome, outcome, "ok"]
    assert peer.retries == [outcome, outcome]


@pytest.mark.parametrize(("fault", "error"), [("refused", ServiceRefused), ("account", AccountRefused)])
async def test_call_is_not_made_again_when_that_cannot_help(fault: str, error: type[Exception]) -> None:
    peer = Scripted([Fault(fault), "hello"])

    with pytest.raises(error):
        await peer.call()

    assert peer.outcomes == ["refused"]


async def test_call_that_is_not_to_be_retried_is_made_once() -> None:
    peer = Scripted([Fault("failed"), "hello"])

    with pytest.raises(ServiceUnavailable):
        await peer.call(is_retried=False)

    assert peer.outcomes == ["failed"]


async def test_call_goes_on_after_a_bad_answer() -> None:
    peer = Scripted([BadAnswer("it is cut off"), "hello"])

    assert await peer.call() == "hello"

    assert peer.outcomes == ["bad-answer", "ok"]


async def test_waits_between_attempts_double_up_to_the_longest() -> None:
    policy = Policy(max_attempts=6, first_wait_s=1, longest_wait_s=4, breaker_failures=99)
    peer = Scripted([Fault("failed")], policy)

    with pytest.raises(ServiceUnavailable):
        await peer.call()

    assert peer.began_s == pytest.approx([0, 1, 3, 7, 11, 15])


async def test_waits_have_jitter() -> None:
    peer = Scripted([Fault("failed"), "hello"], Policy(first_wait_s=1), chance=lambda: 0.0)

    await peer.call()

    assert peer.began_s == pytest.approx([0, 0.5])


async def test_call_waits_as_long_as_the_service_asks_for() -> None:
    peer = Scripted([Fault("rate-limited", 30), "hello"], chance=lambda: 0.0)

    await peer.call()

    assert peer.began_s == [0, 30]


async def test_other_calls_wait_too_when_the_service_asks_for_it() -> None:
    peer = Scripted([Fault("rate-limited", 30), "hello"], chance=lambda: 0.0)
    first = asyncio.ensure_future(peer.call())
    await asyncio.sleep(1)

    await peer.call()
    await first

    assert peer.began_s == [0, 30, 30]


async def test_call_is_given_up_when_the_service_asks_for_too_long_a_wait() -> None:
    peer = Scripted([Fault("rate-limited", 120), "hello"])

    with pytest.raises(ServiceUnavailable) as caught:
        await peer.call(1000)

    assert caught.value.retry_after_s == 120
    assert now_s() == 0


async def test_call_is_given_up_when_the_next_attempt_would_begin_after_the_deadline() -> None:
    peer = Scripted([Fault("rate-limited", 30), "hello"])

    with pytest.raises(ServiceUnavailable, match="does not work"):
        await peer.call(20)

    assert now_s() == 0


async def test_deadline_ends_the_work() -> None:
    peer = Scripted([100.0])

    with pytest.raises(ServiceUnavailable, match="within 7 s") as caught:
        await peer.call(7)

    assert (now_s(), peer.in_hand) == (7, 0)
    assert caught.value.outcome == "timeout"
    assert peer.outcomes == ["timeout"]


async def test_attempt_that_takes_too_long_is_made_again() -> None:
    peer = Scripted([100.0, "hello"], Policy(attempt_s=5))

    assert await peer.call() == "hello"

    assert peer.outcomes == ["timeout", "ok"]


async def test_deadline_counts_while_a_call_waits_for_its_turn() -> None:
    peer = Scripted([50.0, 50.0], Policy(max_in_flight=1))
    first = asyncio.ensure_future(peer.call())
    await asyncio.sleep(0)

    with pytest.raises(ServiceUnavailable):
        await peer.call(3)

    assert now_s() == 3
    await first
    assert len(peer.began_s) == 1


async def test_call_that_is_cancelled_is_told_of_and_gives_its_place_back() -> None:
    peer = Scripted([50.0, "hello"], Policy(max_in_flight=1))
    first = asyncio.ensure_future(peer.call())
    await asyncio.sleep(1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    assert await peer.call() == "hello"

    assert peer.outcomes == ["lost", "ok"]


async def test_no_more_requests_are_in_hand_than_allowed() -> None:
    peer = Scripted([1.0], Policy(max_in_flight=3))

    await asyncio.gather(*(peer.call() for _ in range(10)))

    assert peer.most_in_hand == 3
    assert now_s() == 4


async def test_requests_a_minute_are_kept_to() -> None:
    peer = Scripted(policy=Policy(max_in_flight=99, requests_per_minute=60))

    await asyncio.gather(*(peer.call(1000) for _ in range(70)))

    assert peer.began_s == pytest.approx([0.0] * 10 + [float(second) for second in range(1, 61)])


async def test_tokens_a_minute_are_kept_to() -> None:
    peer = Scripted(policy=Policy(tokens_per_minute=6000))

    await asyncio.gather(*(peer.call(1000, tokens=500) for _ in range(6)))

    assert peer.began_s == pytest.approx([0, 0, 5, 10, 15, 20])


async def test_what_the_service_says_is_left_is_believed() -> None:
    def nearly_empty(attempt: Attempt) -> str:
        attempt.requests_left = Left(0, 20)
        return "hello"

    peer = Scripted([nearly_empty, "hello"])
    await peer.call()

    await peer.call()

    assert peer.began_s == [0, 20]


async def test_breaker_leaves_a_failing_service_alone_and_tries_it_with_one_request() -> None:
    policy = Policy(max_attempts=1, breaker_failures=3, breaker_open_s=10)
    peer = Scripted([Fault("failed")] * 4 + ["hello"], policy)
    for _ in range(3):
        with pytest.raises(ServiceUnavailable):
            await peer.call()
    with pytest.raises(CircuitOpen, match="left alone"):
        await peer.call()
    await asyncio.sleep(10)
    with pytest.raises(ServiceUnavailable):
        await peer.call()
    await asyncio.sleep(10)

    assert await peer.call() == "hello"

    assert peer.circuits == ["open", "half-open", "open", "half-open", "closed"]
    assert len(peer.began_s) == 5


async def test_call_waits_for_the_breaker_as_far_as_its_deadline_lets_it() -> None:
    policy = Policy(max_attempts=5, first_wait_s=1, breaker_failures=2, breaker_open_s=10)
    peer = Scripted([Fault("failed")] * 2 + ["hello"], policy, chance=lambda: 0.0)

    assert await peer.call() == "hello"

    assert peer.began_s == pytest.approx([0, 0.5, 10.5])


async def test_what_is_refused_says_that_the_service_is_well() -> None:
    peer = Scripted([Fault("refused")], Policy(breaker_failures=2))

    for _ in range(5):
        with pytest.raises(ServiceRefused):
            await peer.call()

    assert peer.circuits == []


async def test_retries_are_at_most_a_fifth_of_the_calls_and_ten() -> None:
    peer = Scripted([Fault("failed")], Policy(breaker_failures=10**6, max_attempts=3))

    for _ in range(200):
        with pytest.raises(ServiceUnavailable):
            await peer.call()

    assert len(peer.retries) == pytest.approx(40, abs=1)
    assert len(peer.outcomes) == 200 + len(peer.retries)


async def test_first_retries_are_free() -> None:
    peer = Scripted([Fault("failed")], Policy(breaker_failures=10**6, max_attempts=20))

    with pytest.raises(ServiceUnavailable):
        await peer.call(1000)

    assert len(peer.retries) == 10


async def test_error_that_no_client_should_raise_goes_through() -> None:
    peer = Scripted([KeyError("bug"), "hello"])

    with pytest.raises(KeyError):
        await peer.call()

    assert peer.outcomes == ["failed"]


async def test_error_from_before_the_request_is_no_request() -> None:
    peer = Scripted([SwarmError("no money is left in the purse")])

    with pytest.raises(SwarmError):
        await peer.call()

    assert peer.outcomes == []


async def test_what_a_request_cost_is_told_also_when_it_failed() -> None:
    def costly(attempt: Attempt) -> str:
        attempt.tokens["input"] = 12
        attempt.cost_usd = 0.5
        raise Fault("failed")

    peer = Scripted([costly])
    ROLE.set("write")

    with pytest.raises(ServiceError):
        await peer.call(is_retried=False, model="m")

    (event,) = peer.events
    assert event == CallEnded("peer", "failed", 0.0, "write", "m", (("input", 12),), 0.5)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    share=st.sampled_from([0.1, 0.3, 0.5, 1.0]),
    calls=st.integers(1, 60),
    limit=st.integers(1, 8),
)
def test_every_call_ends_in_bounded_time_whatever_fails(seed: int, share: float, calls: int, limit: int) -> None:
    chance = random.Random(seed)
    faults = [Fault("failed"), Fault("lost"), Fault("rate-limited", 3.0), Fault("refused"), 20.0, BadAnswer("none")]
    script = [chance.choice(faults) if chance.random() < share else "hello" for _ in range(1000)]

    async def all_calls() -> tuple[list[object], float, Scripted]:
        peer = Scripted(script, Policy(max_in_flight=limit, attempt_s=10), chance=chance.random)
        ends = await asyncio.gather(*(peer.call(60) for _ in range(calls)), return_exceptions=True)
        return list(ends), now_s(), peer

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        ends, took_s, peer = runner.run(all_calls())

    assert took_s <= 60
    assert all(end in ("hello", 20.0) or isinstance(end, ServiceError) for end in ends)
    assert peer.most_in_hand <= limit
    assert len(peer.retries) <= max(10, calls / 5)
    assert len(peer.outcomes) == len(peer.began_s) <= calls + len(peer.retries)
