"""The workflow monitor: folds what the swarm tells into metrics, log lines and a view of the run.

It observes and never changes. Whatever goes wrong in here stays in here, is counted, and is logged once.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias, assert_never

from loguru import logger
from msgspec.structs import asdict

from monitor.catalogue import (
    CALL_SECONDS,
    CALLS,
    COST,
    FAILURES,
    LAG,
    RESTARTS,
    RETRIES,
    STEP_SECONDS,
    STEPS,
    TOKENS,
    Figure,
)
from monitor.feed import Feed
from monitor.metrics import Metrics
from monitor.stage import Stage
from monitor.text import Redact, redacted, shortened
from monitor.view import Loss, RunView
from swarm.agent import StepId
from swarm.events import (
    AgentFailed,
    AgentRestarted,
    AgentWentDown,
    CallEnded,
    CallRetried,
    CircuitChanged,
    Event,
    LoopBlocked,
    LoopTurned,
    RunEnded,
    RunStarted,
    StepEnded,
    StepRetried,
    StepSent,
    StepsOpened,
)

if TYPE_CHECKING:
    from loguru import Logger

_REASON_CHARS = 500

_Trouble: TypeAlias = AgentFailed | AgentRestarted | AgentWentDown | LoopBlocked
_Call: TypeAlias = CallEnded | CallRetried | CircuitChanged


class WorkflowMonitor:
    """Watches runs, one after the other; the view is of the newest, the metrics are of all.

    `clock` gives monotonic seconds, `redact` takes secrets out of reasons. With `logs_steps` each step's end is a
    DEBUG line; without, a healthy step writes none. At most `max_losses` failed steps are kept with their reasons.
    What is observed goes into `feed` as well, if there is one. All methods belong on the event loop.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        redact: Redact = redacted,
        logs_steps: bool = False,
        max_losses: int = 1_000,
        feed: Feed | None = None,
    ) -> None:
        self.metrics = Metrics()
        self.feed = feed
        self.faults = 0
        self._clock = clock
        self._redact = redact
        self._logs_steps = logs_steps
        self._max_losses = max_losses
        self._steps = self.metrics.counter(*_named(STEPS))
        self._durations = self.metrics.histogram(*_named(STEP_SECONDS))
        self._restarts = self.metrics.counter(*_named(RESTARTS))
        self._failures = self.metrics.counter(*_named(FAILURES))
        self._lag = self.metrics.gauge(*_named(LAG))
        self._calls = self.metrics.counter(*_named(CALLS))
        self._call_durations = self.metrics.histogram(*_named(CALL_SECONDS))
        self._retries = self.metrics.counter(*_named(RETRIES))
        self._tokens = self.metrics.counter(*_named(TOKENS))
        self._cost = self.metrics.counter(*_named(COST))
        self._begin("", ())
        self._state = "waiting"

    def track_workflow_metrics(self, event: Event) -> None:
        """Take an event of the swarm; never raises."""
        try:
            if isinstance(event, StepSent):  # the two that come with every step first
                self._on_sent(event)
            elif isinstance(event, StepEnded):
                self._on_ended(event)
            else:
                self._fold(event)
            if self.feed is not None:
                self.feed.tell(event)
        except Exception as fault:
            self._excuse(fault)

    observe = track_workflow_metrics

    def count(self, name: str, labels: Mapping[str, str], n: float = 1) -> None:
        """Add to a counter of the caller's: `count("calls_total", {"service": "x", "outcome": "ok"})`; never raises."""
        try:
            self.metrics.counter(name, *labels).add(tuple(labels.values()), n)
        except Exception as fault:
            self._excuse(fault)

    def measure(self, name: str, labels: Mapping[str, str], seconds: float) -> None:
        """Take a duration into a histogram of the caller's; never raises."""
        try:
            self.metrics.histogram(name, *labels).observe(tuple(labels.values()), seconds)
        except Exception as fault:
            self._excuse(fault)

    def level(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Take the newest level of a gauge of the caller's; never raises."""
        try:
            self.metrics.gauge(name, *labels).set(tuple(labels.values()), value)
        except Exception as fault:
            self._excuse(fault)

    def snapshot(self) -> RunView:
        """The newest run as it is now; costs a few microseconds a stage."""
        elapsed_s = self._clock() - self._began_at if self._state == "running" else self._elapsed_s
        return RunView(
            run=self._run,
            state=self._state,
            reason=self._reason,
            elapsed_s=elapsed_s,
            stages=tuple(stage.view() for stage in self._stages.values()),
            losses=tuple(self._losses.values()),
        )

    def _fold(self, event: StepRetried | StepsOpened | LoopTurned | RunStarted | RunEnded | _Trouble | _Call) -> None:
        match event:
            case StepRetried():
                self._on_retried(event)
            case StepsOpened(run, role, steps):
                if stage := self._stage(run, role):
                    stage.steps = steps
            case LoopTurned(lag_s):
                self._lag.set((), lag_s)
            case RunStarted(run, roles):
                self._begin(run, roles)
                logger.bind(run=run).info("run_started")
            case RunEnded():
                self._on_run_ended(event)
            case AgentFailed() | AgentRestarted() | AgentWentDown() | LoopBlocked():
                self._on_trouble(event)
            case CallEnded() | CallRetried() | CircuitChanged():
                self._on_call(event)
            case _:
                assert_never(event)

    def _begin(self, run: str, roles: tuple[str, ...]) -> None:
        self._run = run
        self._state = "running"
        self._reason = ""
        self._began_at = self._clock()
        self._elapsed_s = 0.0
        self._stages = {role: Stage(role) for role in roles}
        self._losses: dict[StepId, Loss] = {}

    def _stage(self, run: str, role: str) -> Stage | None:
        """The stage that an event is about, if it belongs to the run in view."""
        return self._stages.get(role) if run == self._run else None

    def _on_sent(self, event: StepSent) -> None:
        role, item = event.step
        stage = self._stages.get(role)
        if stage and event.run == self._run:
            stage.send(item, self._clock)
            if self._losses:
                self._losses.pop(event.step, None)

    def _on_ended(self, event: StepEnded) -> None:
        role, item = event.step
        self._steps.add((role, event.outcome))
        if event.outcome != "reused":
            self._durations.observe((role,), event.duration_s)
        stage = self._stages.get(role)
        if stage and event.run == self._run:
            stage.end(item, event.outcome, event.duration_s, self._clock())
            if event.outcome == "failed":
                self._lose(event)
            elif self._losses:
                self._losses.pop(event.step, None)
        if event.outcome == "failed":
            self._log_step(event).bind(reason=event.reason).warning("step_failed")
        elif self._logs_steps:
            self._log_step(event).bind(outcome=event.outcome).debug("step_ended")

    def _lose(self, event: StepEnded) -> None:
        if len(self._losses) < self._max_losses or event.step in self._losses:
            reason = shortened(self._redact(event.reason), _REASON_CHARS)
            self._losses[event.step] = Loss(*event.step, reason)

    def _on_retried(self, event: StepRetried) -> None:
        role, item = event.step
        if stage := self._stage(event.run, role):
            stage.retry(item)
            self._losses.pop(event.step, None)
        if self._logs_steps:
            line = logger.bind(run=event.run, role=role, item=item, cause=event.cause)
            line.debug("step_retried")

    def _on_trouble(self, event: _Trouble) -> None:
        match event:
            case AgentFailed(role, kind):
                self._failures.add((role, kind))
                if kind != "step":  # which is told where the step ends
                    logger.bind(**asdict(event)).warning("agent_failed")
            case AgentRestarted(role):
                self._restarts.add((role,))
                if stage := self._stages.get(role):
                    stage.restarts += 1
                logger.bind(**asdict(event)).warning("agent_restarted")
            case AgentWentDown(role, cause):
                if stage := self._stages.get(role):
                    stage.down = shortened(self._redact(cause), _REASON_CHARS)
                logger.bind(**asdict(event)).error("agent_went_down")
            case LoopBlocked(role):
                self._failures.add((role, "block"))
                logger.bind(**asdict(event)).warning("loop_turns_again")
            case _:
                assert_never(event)

    def _on_call(self, event: _Call) -> None:
        match event:
            case CallEnded(service, outcome, duration_s, _, model, tokens, cost_usd):
                self._calls.add((service, outcome))
                self._call_durations.observe((service,), duration_s)
                for kind, count in tokens:
                    self._tokens.add((model, kind), count)
                if cost_usd:
                    self._cost.add((model,), cost_usd)
            case CallRetried(service, reason):
                self._retries.add((service, reason))
            case CircuitChanged(service, state):
                logger.bind(service=service, state=state).warning("circuit_changed")
            case _:
                assert_never(event)

    def _on_run_ended(self, event: RunEnded) -> None:
        if event.run == self._run:
            self._state = event.state
            self._reason = shortened(self._redact(event.reason), _REASON_CHARS)
            self._elapsed_s = event.duration_s
        line = logger.bind(run=event.run, state=event.state, duration_s=round(event.duration_s, 3))
        (line.bind(reason=event.reason) if event.reason else line).info("run_ended")

    def _log_step(self, event: StepEnded) -> "Logger":
        return logger.bind(
            run=event.run,
            role=event.step.role,
            item=event.step.item,
            round=event.round,
            duration_s=round(event.duration_s, 6),
        )

    def _excuse(self, fault: Exception) -> None:
        self.faults += 1
        if self.faults == 1:
            with suppress(Exception):  # what failed may have been the log itself
                logger.opt(exception=fault).warning("monitor_failed")


def _named(figure: Figure) -> tuple[str, ...]:
    return figure.name, *figure.labels
