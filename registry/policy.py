"""When a failed agent is restarted: OTP's restart intensity, with jittered exponential backoff on top (pure).

Source: Erlang/OTP supervisor behaviour (intensity restarts within a period; one more and the agent is given up);
OTP has no backoff. One step that kills its worker again and again counts once: the step is at fault, not the agent.
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """`intensity` restarts are allowed within `period_s`. The n-th death in a row is followed by a pause of
    `backoff_s` * 2^(n-1), at most `most_backoff_s`; after `healthy_s` without a death the row begins anew."""

    intensity: int = 5
    period_s: float = 60.0
    backoff_s: float = 0.01
    most_backoff_s: float = 0.5
    healthy_s: float = 10.0


@dataclass(slots=True)
class RestartLog:
    """The deaths of one agent's workers, as far as the policy remembers them."""

    policy: RestartPolicy
    _deaths: deque[tuple[float, Hashable]] = field(default_factory=deque)
    _row: int = 0
    _last: float = float("-inf")

    def note(self, now_s: float, step: Hashable) -> None:
        """A worker died at this monotonic time with this step in hand, or with None."""
        self._row = self._row + 1 if now_s - self._last < self.policy.healthy_s else 1
        self._last = now_s
        self._deaths.append((now_s, step))

    def recent(self, now_s: float) -> int:
        """The deaths within the period, each step counted once."""
        while self._deaths and now_s - self._deaths[0][0] > self.policy.period_s:
            self._deaths.popleft()
        steps = {step for _, step in self._deaths if step is not None}
        return len(steps) + sum(step is None for _, step in self._deaths)

    def is_exceeded(self, now_s: float) -> bool:
        """Whether the agent has died more often than its intensity allows."""
        return self.recent(now_s) > self.policy.intensity

    def pause_s(self, jitter: float) -> float:
        """How long to wait before the restart; `jitter` 0..1 spreads it over the upper half of the pause."""
        if self._row == 0:
            return 0.0
        pause_s = self.policy.backoff_s * 2.0 ** min(self._row - 1, 30)
        return min(self.policy.most_backoff_s, pause_s) * (0.5 + 0.5 * jitter)

    def forget(self) -> None:
        """Start afresh: a person has mended the agent."""
        self._deaths.clear()
        self._row = 0
