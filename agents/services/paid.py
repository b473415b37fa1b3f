"""Calls that cost money: asked once, answered from the ledger where they were paid for before, and never over the caps.

The answer to a question is written down before anybody gets it. A question that is in hand is not asked a second time:
who asks the same waits for the same answer. And a call that has begun is brought to its end also when the step that
made it was cancelled, so that its answer is there for the next try.
"""

import asyncio
import hashlib
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias

from agents.book.prices import Price
from agents.services.calling import Attempt, Service
from agents.services.purse import Amount, Purse
from swarm.agent import ROLE
from swarm.ledger import MICRO, Booking, Ledger

_UNSURE = ("timeout", "lost")
"""Outcomes after which nobody knows whether the request was carried out, and so billed."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request to a model. `body` is all that determines the answer, in values of JSON; the tokens are the most that
    it can take, of which `likely_tokens` are counted against the limit of a minute."""

    path: str
    model: str
    body: Mapping[str, Any]
    input_tokens: int
    output_tokens: int = 0
    likely_tokens: int = 0
    version: int = 0
    deadline_s: float = 240.0

    @property
    def operation(self) -> str:
        """What is asked for, as OpenTelemetry calls it where it has a name."""
        asked = self.path.rpartition("/")[2]
        return "chat" if asked == "responses" else asked

    @property
    def digest(self) -> str:
        """Names the question: SHA-256 over path, model, prompt version and body."""
        asked = json.dumps([self.path, self.model, self.version, self.body], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class Usage:
    """The tokens that a request took, by kind; unknown where the service did not say."""

    input: int = 0
    output: int = 0
    cached: int = 0
    is_known: bool = True

    def as_tokens(self) -> dict[str, int]:
        """By kind, without those that are none; what came from the service's cache is not counted twice."""
        kinds = {"input": self.input - self.cached, "cached": self.cached, "output": self.output}
        return {kind: count for kind, count in kinds.items() if count}


@dataclass(slots=True)
class Exchange:
    """One attempt at a question. Who makes it fills in the usage as soon as it is known, also when the attempt fails
    after that."""

    attempt: Attempt
    usage: Usage = field(default_factory=lambda: Usage(is_known=False))
    answer: bytes = b""


Post: TypeAlias = Callable[[Question, Exchange], Awaitable[bytes]]
"""Makes a request once and gives the body of the answer. Raises what the service's classifier knows."""


class PaidCalls:
    """Asks one service. Entered for a run and left at its end, where calls in hand get `drain_s` seconds more."""

    def __init__(
        self,
        service: Service,
        post: Post,
        *,
        ledger: Ledger,
        purse: Purse,
        price: Callable[[str], Price | None],
        drain_s: float = 5.0,
    ) -> None:
        self._service = service
        self._post = post
        self._ledger = ledger
        self._purse = purse
        self._price = price
        self._drain_s = drain_s
        self._in_hand: dict[str, asyncio.Task[bytes]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = list(self._in_hand.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._drain_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(self, question: Question) -> bytes:
        """The answer to a question, paid for now or before. Raises ServiceError, AccountRefused, CapReached."""
        task = self._in_hand.get(question.digest)
        if task is None:
            task = asyncio.create_task(self._answer(question), name=f"call {question.path}")
            self._in_hand[question.digest] = task
            task.add_done_callback(lambda task: self._settled(question.digest, task))
        return await asyncio.shield(task)

    async def reject(self, question: Question) -> None:
        """The answer to this question was of no use: the next time it is asked anew."""
        await self._ledger.reject(question.digest)

    def _settled(self, digest: str, task: asyncio.Task[bytes]) -> None:
        self._in_hand.pop(digest, None)
        if not task.cancelled():
            task.exception()  # whoever waits is told; nobody may be left

    async def _answer(self, question: Question) -> bytes:
        kept = await self._ledger.find(self._booking(question))
        if kept is not None:
            return kept
        most = Amount(1, question.input_tokens + question.output_tokens, self._most(question))
        async with self._purse.held(most):
            answer = await self._service.call(
                lambda attempt: self._try(question, attempt, most),
                deadline_s=question.deadline_s,
                model=question.model,
                tokens=question.likely_tokens,
            )
        await self._ledger.written()
        return answer

    async def _try(self, question: Question, attempt: Attempt, most: Amount) -> bytes:
        """One attempt, written down before it is made and when it has ended, however it ended."""
        if attempt.number > 1:
            self._purse.check()
        booking, exchange = self._booking(question), Exchange(attempt)
        self._ledger.begin(booking)
        attempt.operation = question.operation
        attempt.at_end = lambda outcome: self._book(booking, exchange, outcome, most)
        exchange.answer = await self._post(question, exchange)
        return exchange.answer

    def _book(self, booking: Booking, exchange: Exchange, outcome: str, most: Amount) -> None:
        usage = exchange.usage
        is_unsure = not usage.is_known and (outcome in _UNSURE or outcome == "ok")
        cost = self._cost(booking.model, usage) if usage.is_known else 0
        tokens = usage.as_tokens() if usage.is_known else {}
        exchange.attempt.tokens.update(tokens)
        exchange.attempt.cost_usd = cost / MICRO
        unsure = most.cost if is_unsure else 0
        self._purse.spend(Amount(1, most.tokens if is_unsure else sum(tokens.values()), cost + unsure))
        self._ledger.end(booking, outcome, tokens=tokens, cost=cost, unsure=unsure, answer=exchange.answer)

    def _booking(self, question: Question) -> Booking:
        return Booking(question.digest, self._service.name, question.model, ROLE.get(), self._most(question))

    def _most(self, question: Question) -> int:
        return self._cost(question.model, Usage(question.input_tokens, question.output_tokens))

    def _cost(self, model: str, usage: Usage) -> int:
        """In millionths of a dollar, rounded up; 0 for a model whose price nobody knows."""
        price = self._price(model)
        if price is None:
            return 0
        usd = price.usd(input_tokens=usage.input, output_tokens=usage.output, cached_tokens=usage.cached)
        return math.ceil(usd * MICRO - 1e-9)
