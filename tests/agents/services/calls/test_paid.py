"""What was paid for is not paid for again: after a kill, by two who ask the same, by who was cancelled meanwhile."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.book.prices import Price
from agents.services.calling import Policy, Service
from agents.services.errors import ServiceUnavailable
from agents.services.paid import Exchange, PaidCalls, Question, Usage
from agents.services.purse import Amount, CapReached, Caps, Purse
from swarm.agent import ROLE
from swarm.events import CallEnded, Event
from tests.agents.services.calls.memory import MemoryLedger
from tests.agents.services.calls.scripted import Fault, classify
from tests.swarm.clockwork import now_s


@dataclass
class Till:
    """Paid calls to a scripted service: an exception is raised, a number takes so many seconds, a text is the answer;
    each request takes 100 tokens in and 10 out, at 1 dollar for a thousand of either."""

    script: list[Any] = field(default_factory=lambda: ["hello"])
    caps: Caps = field(default_factory=Caps)
    policy: Policy = field(default_factory=Policy)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    usage: Usage = field(default_factory=lambda: Usage(100, 10))
    price: Callable[[str], Price | None] = lambda _model: Price(input=1000, output=1000)
    events: list[Event] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self.purse = Purse(self.caps)
        service = Service(
            "peer", classify, observe=self.events.append, policy=self.policy, clock=now_s, chance=lambda: 1.0
        )
        self.calls = PaidCalls(service, self._post, ledger=self.ledger, purse=self.purse, price=self.price, drain_s=5)

    async def _post(self, question: Question, exchange: Exchange) -> bytes:
        self.asked += 1
        what = self.script[min(self.asked, len(self.script)) - 1]
        if isinstance(what, float):
            await asyncio.sleep(what)
        exchange.usage = self.usage
        if isinstance(what, Exception):
            raise what
        return str(what).encode()


QUESTION = Question("/v1/responses", "m", {"input": "hello?"}, 200, 50)


async def test_answer_is_written_down_before_it_is_given() -> None:
    till = Till(ledger=MemoryLedger(takes_s=3))
    ROLE.set("write")

    assert await till.calls.ask(QUESTION) == b"hello"

    assert now_s() == 3
    assert till.ledger.ended == [("write", "ok", {"input": 100, "output": 10}, 110_000, 0)]
    assert till.purse.spent == Amount(1, 110, 110_000)
    (told,) = till.events
    assert isinstance(told, CallEnded)
    assert (told.role, told.model, told.tokens, told.cost_usd) == ("write", "m", (("input", 100), ("output", 10)), 0.11)


async def test_question_that_was_paid_for_is_not_asked_again() -> None:
    till = Till()
    await till.calls.ask(QUESTION)

    assert await till.calls.ask(QUESTION) == b"hello"

    assert till.asked == 1


@pytest.mark.parametrize(
    "other",
    [
        Question("/v1/responses", "m", {"input": "hello!"}, 200, 50),
        Question("/v1/responses", "n", {"input": "hello?"}, 200, 50),
        Question("/v1/embeddings", "m", {"input": "hello?"}, 200, 50),
        Question("/v1/responses", "m", {"input": "hello?"}, 200, 50, version=1),
    ],
    ids=["body", "model", "path", "prompt version"],
)
def test_question_is_another_one_when_anything_that_matters_is(other: Question) -> None:
    assert other.digest != QUESTION.digest


def test_question_is_the_same_with_its_parts_in_another_order() -> None:
    one, other = (Question("/", "m", body, 1) for body in ({"a": 1, "b": 2}, {"b": 2, "a": 1}))

    assert one.digest == other.digest


async def test_two_who_ask_the_same_at_the_same_time_pay_once() -> None:
    till = Till([5.0])

    answers = await asyncio.gather(*(till.calls.ask(QUESTION) for _ in range(4)))

    assert (answers, till.asked) == ([b"5.0"] * 4, 1)


async def test_answer_that_comes_after_who_asked_was_cancelled_is_kept() -> None:
    till = Till([5.0])
    asking = asyncio.ensure_future(till.calls.ask(QUESTION))
    await asyncio.sleep(1)
    asking.cancel()
    await asyncio.sleep(1)

    assert await till.calls.ask(QUESTION) == b"5.0"
    assert till.asked == 1


async def test_call_in_hand_at_the_end_of_the_run_may_end_within_the_drain() -> None:
    till = Till([5.0])
    async with till.calls:
        asking = asyncio.ensure_future(till.calls.ask(QUESTION))
        await asyncio.sleep(1)

    assert till.ledger.answers == {QUESTION.digest: b"5.0"}
    assert await asking == b"5.0"


async def test_call_that_takes_longer_than_the_drain_is_broken_off_and_booked_at_its_most() -> None:
    till = Till([50.0])
    async with till.calls:
        asking = asyncio.ensure_future(till.calls.ask(QUESTION))
        await asyncio.sleep(1)

    assert now_s() == 6
    await asyncio.gather(asking, return_exceptions=True)
    assert till.ledger.ended == [("", "lost", {}, 0, 250_000)]
    assert till.purse.spent == Amount(1, 250, 250_000)


async def test_usage_of_a_failed_call_is_booked() -> None:
    till = Till([Fault("failed"), "hello"])

    await till.calls.ask(QUESTION)

    assert [(outcome, cost) for _, outcome, _, cost, _ in till.ledger.ended] == [("failed", 110_000), ("ok", 110_000)]
    assert till.purse.spent == Amount(2, 220, 220_000)


async def test_call_that_is_not_answered_in_time_is_booked_at_its_most_and_made_again() -> None:
    till = Till([50.0, "hello"], policy=Policy(attempt_s=10))

    assert await till.calls.ask(QUESTION) == b"hello"

    assert [(outcome, cost, unsure) for _, outcome, _, cost, unsure in till.ledger.ended] == [
        ("timeout", 0, 250_000),
        ("ok", 110_000, 0),
    ]


async def test_answer_without_usage_is_booked_at_its_most() -> None:
    till = Till(usage=Usage(is_known=False))

    await till.calls.ask(QUESTION)

    assert till.ledger.ended == [("", "ok", {}, 0, 250_000)]


async def test_calls_stop_at_the_cap() -> None:
    till = Till(caps=Caps(cost=400_000))
    questions = [Question("/", "m", {"input": number}, 200, 50) for number in range(9)]

    ends = await asyncio.gather(*(till.calls.ask(question) for question in questions), return_exceptions=True)

    assert [type(end) for end in ends if isinstance(end, Exception)] == [CapReached] * 7
    assert till.purse.spent.cost == 220_000
    assert till.asked == 2


async def test_retry_does_not_pass_the_cap() -> None:
    till = Till([Fault("failed"), "hello"], caps=Caps(calls=1))

    with pytest.raises(CapReached):
        await till.calls.ask(QUESTION)

    assert till.asked == 1


async def test_what_is_in_the_cache_of_the_service_costs_less_and_is_counted_once() -> None:
    till = Till(usage=Usage(100, 0, 80), price=lambda _model: Price(input=1000, cached=100))

    await till.calls.ask(QUESTION)

    assert till.ledger.ended == [("", "ok", {"input": 20, "cached": 80}, 28_000, 0)]


async def test_small_sums_are_rounded_up() -> None:
    till = Till(usage=Usage(1), price=lambda _model: Price(input=0.02))

    await till.calls.ask(QUESTION)

    assert till.purse.spent.cost == 1


async def test_error_of_a_call_is_told_to_who_asked() -> None:
    till = Till([Fault("failed")], policy=Policy(max_attempts=2))

    with pytest.raises(ServiceUnavailable):
        await till.calls.ask(QUESTION)

    assert till.asked == 2
