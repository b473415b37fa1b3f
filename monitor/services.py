"""How the services are, as their calls tell: nothing is asked of them for it, so it costs nothing and slows nothing."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from monitor.health import Check, Status
from swarm.events import CallEnded, CircuitChanged, Event

_MOST_CALLS = 100
_FEW_CALLS = 5
_WARN_RATIO = 0.5


class Call(NamedTuple):
    """A request that was answered or not: when (monotonic seconds), how long it took, and how it went."""

    at: float
    duration_s: float
    outcome: str


@dataclass(slots=True)
class Recent:
    """The newest calls to one service, and the state of the breaker before it."""

    circuit: str = "closed"
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_MOST_CALLS))

    def within(self, since: float) -> list[Call]:
        """The calls that ended after this time."""
        return [call for call in self.calls if call.at > since]


class Services:
    """Follows calls and breakers. `clock` gives monotonic seconds; older calls than `window_s` count no more."""

    def __init__(self, clock: Callable[[], float], *, window_s: float = 300.0) -> None:
        self._clock = clock
        self._window_s = window_s
        self._recent: dict[str, Recent] = {}

    def observe(self, event: Event) -> None:
        """Take an event of the swarm."""
        if isinstance(event, CallEnded):
            self._of(event.service).calls.append(Call(self._clock(), event.duration_s, event.outcome))
        elif isinstance(event, CircuitChanged):
            self._of(event.service).circuit = event.state

    @property
    def recent(self) -> Mapping[str, list[Call]]:
        """The calls within the window by service."""
        since = self._clock() - self._window_s
        return {service: recent.within(since) for service, recent in self._recent.items()}

    def circuit(self, service: str) -> str:
        """The state of the breaker before a service: closed, open or half-open."""
        recent = self._recent.get(service)
        return recent.circuit if recent else "closed"

    def check(self, service: str) -> Check:
        """How a service is: failed while its breaker is open, in doubt while that tries or half of the calls fail."""
        calls = self.recent.get(service, [])
        failed = [call for call in calls if call.outcome != "ok"]
        circuit = self.circuit(service)
        value, unit = (round(median(call.duration_s for call in calls), 3), "s a call") if calls else (None, "")
        status, output = (
            Status.PASS,
            f"{len(calls)} calls within {self._window_s:.0f} s, {len(failed)} not answered well.",
        )
        if circuit == "open":
            status, output = Status.FAIL, f"Too many calls to {service} failed: it is left alone for a while. {output}"
        elif circuit != "closed":
            status, output = Status.WARN, f"It is being tried whether {service} is back. {output}"
        elif len(calls) >= _FEW_CALLS and len(failed) >= _WARN_RATIO * len(calls):
            status, output = Status.WARN, f"Many calls to {service} fail, the last one: {failed[-1].outcome}. {output}"
        return Check(status, "datastore", value, unit, output)

    def _of(self, service: str) -> Recent:
        return self._recent.setdefault(service, Recent())
