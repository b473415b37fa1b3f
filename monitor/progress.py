"""How far the newest run is: the stages of its roles, and what was lost."""

from collections.abc import Callable

from monitor.metrics import Values
from monitor.stage import Stage
from monitor.text import Redact, shortened
from monitor.view import Loss, RunView
from swarm.agent import StepId
from swarm.events import (
    AgentRestarted,
    AgentWentDown,
    Event,
    RunEnded,
    RunStarted,
    StepEnded,
    StepRetried,
    StepSent,
    StepsOpened,
    StepsReady,
)

_REASON_CHARS = 500


class Progress:
    """Follows one run after the other; what is told of an older one changes nothing any more.

    `clock` gives monotonic seconds, `redact` takes secrets out of reasons; at most `max_losses` failed steps are kept
    with theirs.
    """

    def __init__(self, clock: Callable[[], float], redact: Redact, max_losses: int) -> None:
        self._clock = clock
        self._redact = redact
        self._max_losses = max_losses
        self._begin("", ())
        self._state = "waiting"

    def ready(self, event: StepsReady) -> None:
        """Steps wait for their agents from now on."""
        now = self._clock()
        for role, item in event.steps if event.run == self._run else ():
            if stage := self._stages.get(role):
                stage.ready[item] = now

    def sent(self, event: StepSent) -> float | None:
        """A step is with its agent; gives for how long it waited, if that is known."""
        role, item = event.step
        stage = self._stages.get(role)
        if not stage or event.run != self._run:
            return None
        if self._losses:
            self._losses.pop(event.step, None)
        return stage.send(item, event.attempt, self._clock())

    def ended(self, event: StepEnded) -> int:
        """A step is answered; gives the attempt that it was, 0 if that is not known."""
        role, item = event.step
        stage = self._stages.get(role)
        if not stage or event.run != self._run:
            return 0
        if event.outcome == "failed":
            self._lose(event)
        elif self._losses:
            self._losses.pop(event.step, None)
        return stage.end(item, event.outcome, event.duration_s, self._clock())

    def follow(self, event: Event) -> None:
        """Take any other event."""
        match event:
            case RunStarted(run, roles):
                self._begin(run, roles)
            case StepsOpened(run, role, steps):
                if stage := self.stage(run, role):
                    stage.steps = steps
            case StepRetried(run, (role, item)):
                if stage := self.stage(run, role):
                    stage.retry(item)
                    self._losses.pop(event.step, None)
            case AgentRestarted() | AgentWentDown():
                self._note(event)
            case RunEnded():
                self._end(event)
            case _:
                pass

    def queues(self) -> dict[Values, float]:
        """How many steps of each role are ready and wait."""
        return {(role,): len(stage.ready) for role, stage in self._stages.items()}

    def in_hand(self) -> list[tuple[StepId, float]]:
        """The steps that are with their agents, and since when."""
        return [
            (StepId(role, item), since)
            for role, stage in self._stages.items()
            for item, (_, since) in stage.in_hand.items()
        ]

    def stage(self, run: str, role: str) -> Stage | None:
        """The stage of a role, if it belongs to the run in view."""
        return self._stages.get(role) if run == self._run else None

    def snapshot(self) -> RunView:
        """The run as it is now; costs a few microseconds a stage."""
        elapsed_s = self._clock() - self._began_at if self._state == "running" else self._elapsed_s
        return RunView(
            run=self._run,
            state=self._state,
            reason=self._reason,
            elapsed_s=elapsed_s,
            stages=tuple(stage.view() for stage in self._stages.values()),
            losses=tuple(self._losses.values()),
        )

    def _begin(self, run: str, roles: tuple[str, ...]) -> None:
        self._run = run
        self._state = "running"
        self._reason = ""
        self._began_at = self._clock()
        self._elapsed_s = 0.0
        self._stages = {role: Stage(role) for role in roles}
        self._losses: dict[StepId, Loss] = {}

    def _note(self, event: AgentRestarted | AgentWentDown) -> None:
        stage = self._stages.get(event.role)
        if stage is None:
            return
        if isinstance(event, AgentRestarted):
            stage.restarts += 1
            stage.down = ""
        else:
            stage.down = self._shown(event.cause)

    def _end(self, event: RunEnded) -> None:
        if event.run == self._run:
            self._state = event.state
            self._reason = self._shown(event.reason)
            self._elapsed_s = event.duration_s
            for stage in self._stages.values():
                stage.ready.clear()
                stage.in_hand.clear()

    def _lose(self, event: StepEnded) -> None:
        if len(self._losses) < self._max_losses or event.step in self._losses:
            self._losses[event.step] = Loss(*event.step, self._shown(event.reason))

    def _shown(self, reason: str) -> str:
        return shortened(self._redact(reason), _REASON_CHARS)
