"""The running tally of one role's steps, changed by events."""

from collections.abc import Callable
from dataclasses import dataclass, field

from monitor.view import StageView


@dataclass(slots=True)
class Stage:
    """What is known of a role in the run. Repeated and missing events leave it consistent: a step is a name here."""

    role: str
    steps: int | None = None
    sent: int = 0
    reworked: int = 0
    retried: int = 0
    restarts: int = 0
    work_s: float = 0.0
    began_at: float | None = None
    ended_at: float = 0.0
    down: str = ""
    in_hand: set[str] = field(default_factory=set)
    settled: dict[str, str] = field(default_factory=dict)
    standing: dict[str, int] = field(default_factory=dict)

    def send(self, item: str, clock: Callable[[], float]) -> None:
        """A step is with the agent, perhaps again."""
        self.sent += 1
        self.in_hand.add(item)
        if self.began_at is None:
            self.began_at = clock()
        if item in self.settled:
            self._reopen(item)

    def end(self, item: str, outcome: str, duration_s: float, now: float) -> None:
        """A step is answered; one that is sent back will be done again."""
        self.in_hand.discard(item)
        self.work_s += duration_s
        self.ended_at = now
        if item in self.settled:
            self._reopen(item)
        if outcome == "rework":
            self.reworked += 1
        else:
            self.settled[item] = outcome
            self.standing[outcome] = self.standing.get(outcome, 0) + 1

    def retry(self, item: str) -> None:
        """A step will be sent again."""
        self.retried += 1
        self.in_hand.discard(item)
        if item in self.settled:
            self._reopen(item)

    def view(self) -> StageView:
        """The tally now."""
        began_at = self.ended_at if self.began_at is None else self.began_at
        return StageView(
            role=self.role,
            steps=self.steps,
            sent=self.sent,
            in_hand=len(self.in_hand),
            done=self.standing.get("done", 0),
            reused=self.standing.get("reused", 0),
            failed=self.standing.get("failed", 0),
            reworked=self.reworked,
            retried=self.retried,
            restarts=self.restarts,
            work_s=self.work_s,
            span_s=max(0.0, self.ended_at - began_at),
            down=self.down,
        )

    def _reopen(self, item: str) -> None:
        self.standing[self.settled.pop(item)] -= 1
