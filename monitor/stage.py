"""The running tally of one role's steps, changed by events."""

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
    ready: dict[str, float] = field(default_factory=dict)
    in_hand: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Which attempt each step is that is with its agent, and since when (monotonic seconds)."""
    settled: dict[str, str] = field(default_factory=dict)
    standing: dict[str, int] = field(default_factory=dict)

    def send(self, item: str, attempt: int, now: float) -> float | None:
        """A step is with the agent, perhaps again. Gives for how long it was ready, if it was said to be."""
        self.sent += 1
        self.in_hand[item] = attempt, now
        if self.began_at is None:
            self.began_at = now
        if item in self.settled:
            self._reopen(item)
        ready_at = self.ready.pop(item, None)
        return None if ready_at is None else now - ready_at

    def end(self, item: str, outcome: str, duration_s: float, now: float) -> int:
        """A step is answered; one that is sent back will be done again. Gives which attempt it was, 0 for none."""
        held = self.in_hand.pop(item, None)
        self.ready.pop(item, None)
        self.work_s += duration_s
        self.ended_at = now
        if item in self.settled:
            self._reopen(item)
        if outcome == "rework":
            self.reworked += 1
        else:
            self.settled[item] = outcome
            self.standing[outcome] = self.standing.get(outcome, 0) + 1
        return held[0] if held else 0

    def retry(self, item: str) -> None:
        """A step will be sent again."""
        self.retried += 1
        self.in_hand.pop(item, None)
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
            waiting=len(self.ready),
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
