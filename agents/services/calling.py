"""Calls to a service, made safely: the only place that retries, and all that keeps a call from doing harm.

A `Service` stands before one service for all who call it. Each call has a deadline that ends its work; its attempts
are retried as far as the error says that this may help, the deadline lets them and the budget allows it (retries are
at most a fifth of the calls, and never under ten). Before an attempt stand the breaker, a bounded number of requests
at the same time, and the service's own limits.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from agents.services.breaker import Breaker, State
from agents.services.errors import AccountRefused, CircuitOpen, ServiceError, ServiceUnavailable
from agents.services.limits import Left, RateLimiter
from swarm import SwarmError
from swarm.agent import ROLE
from swarm.events import CallEnded, CallRetried, CircuitChanged, Observe

T = TypeVar("T")

Classify: TypeAlias = Callable[[Exception], ServiceError | AccountRefused | None]
"""What a client's exception means; None for one that no client should raise, which then goes through as it is."""

_ILL = ("failed", "timeout", "lost")
_RETRY_SHARE, _FREE_RETRIES = 0.2, 10


@dataclass(frozen=True, slots=True)
class Policy:
    """How a service is called. Waits between attempts double from `first_wait_s` up to `longest_wait_s`, with jitter;
    a service that asks to wait longer than `longest_retry_after_s` is not asked again. Limits of 0 are none."""

    max_in_flight: int = 8
    max_attempts: int = 5
    attempt_s: float = 60.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0
    longest_retry_after_s: float = 60.0
    requests_per_minute: float = 0.0
    tokens_per_minute: float = 0.0
    breaker_failures: int = 5
    breaker_open_s: float = 15.0


@dataclass(slots=True)
class Attempt:
    """One request: it may take `timeout_s` seconds. Who makes it writes down what it cost, whatever came of it, and
    what the answer says is left of the limits; `at_end` is called with the outcome of `CallEnded`, before that is told.
    """

    number: int
    timeout_s: float
    tokens: dict[str, int] = field(default_factory=dict)
    cost_usd: float = 0.0
    operation: str = ""
    requests_left: Left | None = None
    tokens_left: Left | None = None
    at_end: Callable[[str], None] = lambda _outcome: None


class RetryBudget:
    """Retries are at most a fifth of the calls, and never under ten: a service that is down is not made worse."""

    def __init__(self) -> None:
        self.calls = 0
        self.retries = 0

    @property
    def is_left(self) -> bool:
        """Whether one more retry may be made."""
        return self.retries + 1 <= max(_FREE_RETRIES, _RETRY_SHARE * self.calls)


class Service:
    """The way to one service. `observe` is told of each request, retry and change of the breaker; `clock` (monotonic
    seconds, those of the loop), `sleep` and `chance` (0..1) are passed in. Belongs to one event loop."""

    def __init__(
        self,
        name: str,
        classify: Classify,
        *,
        observe: Observe,
        policy: Policy = Policy(),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.policy = policy
        self.budget = RetryBudget()
        self._classify = classify
        self._observe = observe
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._slots = asyncio.Semaphore(policy.max_in_flight)
        self._limits = RateLimiter(
            requests_per_minute=policy.requests_per_minute,
            tokens_per_minute=policy.tokens_per_minute,
            clock=clock,
            sleep=sleep,
            longest_s=policy.longest_retry_after_s,
        )
        self._breaker = Breaker(
            failures=policy.breaker_failures,
            open_s=policy.breaker_open_s,
            clock=clock,
            tell=lambda state: observe(CircuitChanged(name, state)),
        )

    @property
    def circuit(self) -> State:
        """The state of the breaker."""
        return self._breaker.state

    async def call(
        self,
        make: Callable[[Attempt], Awaitable[T]],
        *,
        deadline_s: float,
        model: str = "",
        tokens: float = 0.0,
        is_retried: bool = True,
    ) -> T:
        """What `make` gives for an attempt, within `deadline_s` seconds in all; one takes about so many `tokens`.

        Raises the last attempt's ServiceError, AccountRefused at once, and ServiceUnavailable (timeout) when the
        deadline passes; other errors that `make` raises are nobody's to retry.
        """
        self.budget.calls += 1
        until_s = self._clock() + deadline_s
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: is_retried and self._may_retry(error)),
            stop=lambda state: self._is_over(state, until_s),
            wait=self._wait_s,
            sleep=self._sleep,
            before_sleep=self._tell_retry,
            reraise=True,
        )
        number = 0

        async def attempt() -> T:
            nonlocal number
            number += 1
            return await self._attempt(make, number, until_s, model, tokens)

        try:
            async with asyncio.timeout(deadline_s):
                return await retrying(attempt)
        except TimeoutError as error:
            raise self._too_late(deadline_s) from error

    # one attempt

    async def _attempt(
        self, make: Callable[[Attempt], Awaitable[T]], number: int, until_s: float, model: str, tokens: float
    ) -> T:
        async with self._slots:
            await self._limits.take(tokens)
            if (wait_s := self._breaker.wait_s()) > 0:
                said = f"{self.name} failed too often in a row and is left alone for {wait_s:.0f} s: try again later"
                raise CircuitOpen(said, retry_after_s=wait_s)
            left_s = max(0.001, until_s - self._clock())
            attempt = Attempt(number, min(self.policy.attempt_s, left_s))
            self._breaker.enter()
            return await self._watched(make, attempt, model)

    async def _watched(self, make: Callable[[Attempt], Awaitable[T]], attempt: Attempt, model: str) -> T:
        """Make a request, and draw the conclusions however it ends."""
        began_s = self._clock()
        try:
            async with asyncio.timeout(attempt.timeout_s):
                answer = await make(attempt)
        except asyncio.CancelledError:
            if self._clock() - began_s >= attempt.timeout_s:  # the call's deadline came first by a hair
                self._end(attempt, "timeout", began_s, model)
            else:
                self._breaker.left()
                self._tell_end(attempt, "lost", began_s, model)
            raise
        except Exception as error:
            known = self._known(error)
            if known is None and isinstance(error, SwarmError):  # no request was made
                self._breaker.left()
                raise
            self._end(attempt, known.outcome if known else "failed", began_s, model)
            if known is None or known is error:
                raise
            raise known from error
        self._end(attempt, "ok", began_s, model)
        return answer

    def _known(self, error: Exception) -> ServiceError | AccountRefused | None:
        """What an exception of an attempt means; None for one that is not the service's."""
        if isinstance(error, ServiceError | AccountRefused):
            return error
        if isinstance(error, SwarmError):
            return None
        known = self._classify(error)
        if known is None and isinstance(error, TimeoutError):
            return self._too_late(self.policy.attempt_s)
        return known

    def _end(self, attempt: Attempt, outcome: str, began_s: float, model: str) -> None:
        if outcome in _ILL:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        self._limits.heard(attempt.requests_left, attempt.tokens_left)
        self._tell_end(attempt, outcome, began_s, model)

    def _tell_end(self, attempt: Attempt, outcome: str, began_s: float, model: str) -> None:
        attempt.at_end(outcome)
        duration_s, tokens = self._clock() - began_s, tuple(attempt.tokens.items())
        cost_usd, operation = attempt.cost_usd, attempt.operation
        self._observe(CallEnded(self.name, outcome, duration_s, ROLE.get(), model, tokens, cost_usd, operation))

    # retrying

    def _may_retry(self, error: BaseException) -> bool:
        if not isinstance(error, ServiceError) or not error.retryable or not self.budget.is_left:
            return False
        return (error.retry_after_s or 0.0) <= self.policy.longest_retry_after_s

    def _is_over(self, state: RetryCallState, until_s: float) -> bool:
        """Whether there is no use in a further attempt: there were enough, or it would begin too late."""
        return state.attempt_number >= self.policy.max_attempts or self._clock() + state.upcoming_sleep >= until_s

    def _wait_s(self, state: RetryCallState) -> float:
        """What the service asked for and a little more, or a wait that doubles: from half of it to all of it."""
        error = _error_of(state)
        if error.retry_after_s is not None:
            if error.outcome == "rate-limited":
                self._limits.pause(error.retry_after_s)
            return error.retry_after_s * (1 + 0.1 * self._chance())
        longest_s = min(self.policy.longest_wait_s, self.policy.first_wait_s * 2.0 ** (state.attempt_number - 1))
        return longest_s * (1 + self._chance()) / 2

    def _tell_retry(self, state: RetryCallState) -> None:
        error = _error_of(state)
        if not isinstance(error, CircuitOpen):  # then none was made
            self.budget.retries += 1
            self._observe(CallRetried(self.name, error.outcome))

    def _too_late(self, seconds: float) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"{self.name} did not answer within {seconds:.0f} s: try again later", outcome="timeout"
        )


def _error_of(state: RetryCallState) -> ServiceError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, ServiceError)  # noqa: S101  (nothing else is retried)
    return error
