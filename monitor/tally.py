"""The swarm's events as figures: what each adds to which."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, assert_never

from monitor import catalogue
from monitor.alerts import Standing
from monitor.metrics import Counter, Gauge, Histogram, Metrics, Values
from swarm.agent import StepId
from swarm.events import (
    AgentFailed,
    AgentRestarted,
    AgentWentDown,
    CallEnded,
    CallRetried,
    CircuitChanged,
    Event,
    JournalCommitted,
    LoopBlocked,
    LoopTurned,
    RunEnded,
    RunStarted,
    StepEnded,
    StepRetried,
    StepSent,
    StepsOpened,
    StepsReady,
)

Measure: TypeAlias = Callable[[], Mapping[Values, float]]

_OPENNESS = {"closed": 0, "half-open": 0.5, "open": 1}


class Tally:
    """Counts into `metrics`; `waits` takes how long a step was ready before it was sent. The length of the agents'
    queues, and how many alerts there are, is asked when somebody wants to know."""

    def __init__(self, metrics: Metrics, queues: Measure, alerts: Measure) -> None:
        def counter(figure: catalogue.Figure) -> Counter:
            return metrics.counter(figure.name, *figure.labels)

        def gauge(figure: catalogue.Figure) -> Gauge:
            return metrics.gauge(figure.name, *figure.labels)

        def histogram(figure: catalogue.Figure) -> Histogram:
            return metrics.histogram(figure.name, *figure.labels)

        self._steps = counter(catalogue.STEPS)
        self._durations = histogram(catalogue.STEP_SECONDS)
        self._step_retries = counter(catalogue.STEP_RETRIES)
        self.waits = histogram(catalogue.QUEUE_SECONDS)
        self._restarts = counter(catalogue.RESTARTS)
        self._failures = counter(catalogue.FAILURES)
        self._up = gauge(catalogue.UP)
        self._runs = counter(catalogue.RUNS)
        self._calls = counter(catalogue.CALLS)
        self._call_durations = histogram(catalogue.CALL_SECONDS)
        self._retries = counter(catalogue.RETRIES)
        self._tokens = counter(catalogue.TOKENS)
        self._cost = counter(catalogue.COST)
        self._circuits = gauge(catalogue.CIRCUIT)
        self._commits = histogram(catalogue.COMMIT_SECONDS)
        self._lag = gauge(catalogue.LAG)
        gauge(catalogue.QUEUE).measure = queues
        gauge(catalogue.ALERTS).measure = alerts

    def standing(self, in_hand: Sequence[tuple[StepId, float]]) -> Standing:
        """How the steps stand, with those that are in hand."""
        longest_s = {role: spread.max_s for (role,), spread in self._durations.series.items()}
        ended = failed = 0
        for (_, outcome), count in self._steps.series.items():
            ended += int(count) if outcome != "reused" else 0
            failed += int(count) if outcome == "failed" else 0
        return Standing(in_hand, longest_s, ended, failed)

    def step_ended(self, event: StepEnded) -> None:
        """A step was answered."""
        role = event.step.role
        self._steps.add((role, event.outcome))
        if event.outcome != "reused":
            self._durations.observe((role,), event.duration_s)

    def add(self, event: Event) -> None:
        """Count what any other event says."""
        match event:
            case RunStarted() | StepsOpened() | StepsReady() | StepSent():
                for role in event.roles if isinstance(event, RunStarted) else ():
                    self._up.set((role,), 1)
            case StepEnded():
                self.step_ended(event)
            case StepRetried():
                self._step_retries.add((event.step.role,))
            case RunEnded():
                self._runs.add((event.state,))
            case LoopTurned(lag_s):
                self._lag.set((), lag_s)
            case JournalCommitted(seconds):
                self._commits.observe((), seconds)
            case AgentFailed() | AgentRestarted() | AgentWentDown() | LoopBlocked():
                self._add_trouble(event)
            case CallEnded() | CallRetried() | CircuitChanged():
                self._add_call(event)
            case _:
                assert_never(event)

    def _add_trouble(self, event: AgentFailed | AgentRestarted | AgentWentDown | LoopBlocked) -> None:
        match event:
            case AgentFailed(role, kind):
                self._failures.add((role, kind))
            case AgentRestarted(role):
                self._restarts.add((role,))
                self._up.set((role,), 1)
            case AgentWentDown(role):
                self._up.set((role,), 0)
            case LoopBlocked(role):
                self._failures.add((role, "block"))
            case _:
                assert_never(event)

    def _add_call(self, event: CallEnded | CallRetried | CircuitChanged) -> None:
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
                self._circuits.set((service,), _OPENNESS.get(state, 1))
            case _:
                assert_never(event)
