"""A run at one moment, as values that no longer change."""

from dataclasses import dataclass
from typing import NamedTuple


class Loss(NamedTuple):
    """A step that stands failed, and why; the reason is free of secrets."""

    role: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class StageView:
    """All steps of one role.

    `steps` is None until their number is known. Of them, `done`, `reused` and `failed` stand answered, `in_hand` are
    with the agent now, `waiting` are ready and wait for it. `sent`, `reworked` and `retried` count how often that
    happened, restarts those of the agent.
    `work_s` is the sum of all durations, `span_s` the time from the first step sent to the last one answered.
    """

    role: str
    steps: int | None
    sent: int
    in_hand: int
    waiting: int
    done: int
    reused: int
    failed: int
    reworked: int
    retried: int
    restarts: int
    work_s: float
    span_s: float
    down: str

    @property
    def finished(self) -> int:
        """How many steps stand answered."""
        return self.done + self.reused + self.failed

    @property
    def is_complete(self) -> bool:
        """Whether every step is answered; a stage without steps never is."""
        return bool(self.steps) and self.finished >= (self.steps or 0)


@dataclass(frozen=True, slots=True)
class RunView:
    """The newest run. `state` is `waiting` before it, `running`, then as it ended; `reason` is that of a failure.

    `losses` may leave some out, `losses_total` counts all. `elapsed_s` stops at the end of the run.
    """

    run: str
    state: str
    reason: str
    elapsed_s: float
    stages: tuple[StageView, ...]
    losses: tuple[Loss, ...]

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.state not in {"waiting", "running"}

    @property
    def losses_total(self) -> int:
        """How many steps stand failed."""
        return sum(stage.failed for stage in self.stages)

    @property
    def restarts(self) -> int:
        """How often any agent was restarted."""
        return sum(stage.restarts for stage in self.stages)
