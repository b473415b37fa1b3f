"""What somebody should know now: decided from events and the time alone, and over as soon as its cause is.

stuck_step     a step is in hand far longer than any of its agent before
agent_down     an agent takes no steps any more
error_ratio    many of the steps that ended lately failed
budget         a cap of money, calls or tokens is near
slow_service   calls to a service take long
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from monitor.services import Services
from monitor.text import Redact, redacted, shortened
from swarm.agent import StepId
from swarm.events import AgentRestarted, AgentWentDown, CallEnded, Event, RunStarted

_CAUSE_CHARS = 500

KINDS = ("stuck_step", "agent_down", "error_ratio", "budget", "slow_service")


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on there is an alert.

    A step is stuck after `stuck_s` seconds, or five times the longest of its agent, whichever is more. Of the steps
    that ended within `window_s`, `few_steps` at least, at most `error_ratio` may fail. A service is slow when the
    median of `few_calls` calls at least within the window is over `slow_s`. `caps` are those of a run by their names
    (`cost_usd`, `calls`, `tokens`); at `near_ratio` of one it is near.
    """

    stuck_s: float = 60.0
    stuck_factor: float = 5.0
    window_s: float = 300.0
    few_steps: int = 10
    error_ratio: float = 0.3
    few_calls: int = 5
    slow_s: float = 30.0
    near_ratio: float = 0.8
    caps: Mapping[str, float] = field(default_factory=dict)


class Alert(NamedTuple):
    """One thing that is wrong: its kind, what it is about (a step, a role, a service, a cap), a sentence on it, and
    since when it is known (monotonic seconds)."""

    kind: str
    about: str
    sentence: str
    since: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How the steps stand: those in hand with since when, the longest that was well of each role (s), and how many
    have ended, and failed, in all."""

    in_hand: Sequence[tuple[StepId, float]] = ()
    longest_s: Mapping[str, float] = field(default_factory=dict)
    ended: int = 0
    failed: int = 0


class Alerts:
    """Watches for what is wrong. `clock` gives monotonic seconds, `redact` takes secrets out of causes."""

    def __init__(self, clock: Callable[[], float], limits: Limits | None = None, *, redact: Redact = redacted) -> None:
        self.services = Services(clock)
        self.active: tuple[Alert, ...] = ()
        self._clock = clock
        self._limits = limits or Limits()
        self._redact = redact
        self._ends = deque([(clock(), 0, 0)])
        self._down: dict[str, str] = {}
        self._spent: dict[str, float] = {}

    def observe(self, event: Event) -> None:
        """Take an event of the swarm; those of steps say nothing here."""
        match event:
            case CallEnded():
                self._spend(event)
            case RunStarted():
                self._spent.clear()
            case AgentWentDown(role, cause):
                self._down[role] = shortened(self._redact(cause), _CAUSE_CHARS)
            case AgentRestarted(role):
                self._down.pop(role, None)
            case _:
                pass
        self.services.observe(event)

    def look(self, standing: Standing) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
        """See how things are now, and give the alerts that are new and those that are over."""
        before = {alert[:2]: alert for alert in self.active}
        now = {alert[:2]: alert for alert in self._found(standing)}
        kept = {about: now[about]._replace(since=before.get(about, now[about]).since) for about in now}
        self.active = tuple(kept.values())
        new = tuple(alert for about, alert in kept.items() if about not in before)
        return new, tuple(alert for about, alert in before.items() if about not in kept)

    def by_kind(self) -> dict[tuple[str, ...], float]:
        """How many alerts there are of each kind."""
        return {(kind,): sum(alert.kind == kind for alert in self.active) for kind in KINDS}

    def _spend(self, event: CallEnded) -> None:
        tokens = sum(count for _, count in event.tokens)
        for name, amount in (("cost_usd", event.cost_usd), ("calls", 1), ("tokens", tokens)):
            self._spent[name] = self._spent.get(name, 0) + amount

    def _found(self, standing: Standing) -> Iterator[Alert]:
        now = self._clock()
        yield from self._stuck(standing, now)
        for role, cause in self._down.items():
            yield Alert("agent_down", role, f"Agent {role} takes no steps any more: {cause}", now)
        yield from self._failing(standing, now)
        for name, cap in self._limits.caps.items():
            spent = self._spent.get(name, 0)
            if cap > 0 and spent >= self._limits.near_ratio * cap:
                yield Alert("budget", name, f"The run has used {spent / cap:.0%} of its cap of {cap:g} {name}.", now)
        yield from self._slow(now)

    def _stuck(self, standing: Standing, now: float) -> Iterator[Alert]:
        for (role, item), since in standing.in_hand:
            longest_s = standing.longest_s.get(role, 0.0)
            if now - since > max(self._limits.stuck_s, self._limits.stuck_factor * longest_s):
                step = f"{role}/{item}" if item else role
                yield Alert("stuck_step", step, f"The step {step} is in hand for {now - since:.0f} s.", now)

    def _failing(self, standing: Standing, now: float) -> Iterator[Alert]:
        self._ends.append((now, standing.ended, standing.failed))
        while self._ends[1][0] <= now - self._limits.window_s:
            self._ends.popleft()
        _, ended_before, failed_before = self._ends[0]
        ended, failed = standing.ended - ended_before, standing.failed - failed_before
        if ended >= self._limits.few_steps and failed > self._limits.error_ratio * ended:
            yield Alert("error_ratio", "steps", f"{failed} of the {ended} steps that ended lately failed.", now)

    def _slow(self, now: float) -> Iterator[Alert]:
        for service, calls in self.services.recent.items():
            if len(calls) >= self._limits.few_calls:
                middle_s = median(call.duration_s for call in calls)
                if middle_s > self._limits.slow_s:
                    told = f"Calls to {service} take {middle_s:.0f} s, half of them longer."
                    yield Alert("slow_service", service, told, now)
