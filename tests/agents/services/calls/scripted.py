"""A service that answers as a script says, and all that was observed of the calls to it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agents.services.calling import Attempt, Policy, Service
from agents.services.errors import AccountRefused, ServiceError, ServiceRefused, ServiceUnavailable
from swarm.events import CallEnded, CallRetried, CircuitChanged, Event
from tests.swarm.clockwork import now_s


class Fault(Exception):
    """What the client of the scripted service raises."""

    def __init__(self, outcome: str, retry_after_s: float | None = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.retry_after_s = retry_after_s


def classify(error: Exception) -> ServiceError | AccountRefused | None:
    """What its faults mean."""
    if not isinstance(error, Fault):
        return None
    if error.outcome == "account":
        return AccountRefused("no money is left")
    if error.outcome == "refused":
        return ServiceRefused("it will have none of it")
    return ServiceUnavailable("it does not work", outcome=error.outcome, retry_after_s=error.retry_after_s)


@dataclass
class Scripted:
    """A service on the clock of the loop; `script` gives what the n-th request does, the last for all that follow."""

    script: list[Any] = field(default_factory=lambda: ["ok"])
    policy: Policy = field(default_factory=Policy)
    chance: Callable[[], float] = lambda: 1.0
    events: list[Event] = field(default_factory=list)
    began_s: list[float] = field(default_factory=list)
    in_hand: int = 0
    most_in_hand: int = 0

    def __post_init__(self) -> None:
        self.service = Service(
            "peer",
            classify,
            observe=self.events.append,
            policy=self.policy,
            clock=now_s,
            chance=self.chance,
        )

    async def call(self, deadline_s: float = 100.0, **more: Any) -> Any:
        return await self.service.call(self._request, deadline_s=deadline_s, **more)

    async def _request(self, attempt: Attempt) -> Any:
        """A fault is raised, a number is a request that takes so many seconds, anything else is the answer."""
        self.began_s.append(now_s())
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        try:
            what = self.script[min(len(self.began_s), len(self.script)) - 1]
            if isinstance(what, Exception):
                raise what
            if isinstance(what, float):
                await asyncio.sleep(what)
            if callable(what):
                return what(attempt)
            return what
        finally:
            self.in_hand -= 1

    @property
    def outcomes(self) -> list[str]:
        """How the requests ended."""
        return [event.outcome for event in self.events if isinstance(event, CallEnded)]

    @property
    def retries(self) -> list[str]:
        """Why requests were made again."""
        return [event.reason for event in self.events if isinstance(event, CallRetried)]

    @property
    def circuits(self) -> list[str]:
        """The changes of the breaker."""
        return [event.state for event in self.events if isinstance(event, CircuitChanged)]
