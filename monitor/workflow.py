"""The workflow monitor: takes what the swarm tells, and hands it to those who count it, follow it and write it down.

It observes and never changes. Whatever goes wrong in here stays in here, is counted, and is logged once.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from loguru import logger

from monitor import names
from monitor.alerts import Alert, Alerts, Limits
from monitor.chronicle import NO_NAMES, Chronicle
from monitor.feed import Feed
from monitor.metrics import Metrics
from monitor.progress import Progress
from monitor.services import Services
from monitor.tally import Tally
from monitor.text import Redact, redacted
from monitor.view import RunView
from swarm.events import Event, JournalCommitted, LoopTurned, Observe, RunEnded, StepEnded, StepSent, StepsReady


class WorkflowMonitor:
    """Watches runs, one after the other; the view is of the newest, the metrics are of all.

    `clock` gives monotonic seconds, `redact` takes secrets out of reasons. With `logs_steps` each step's end is a
    DEBUG line; without, a healthy step writes none; `item_names` says by role what its items are called there. At most
    `max_losses` failed steps are kept with their reasons; `limits` say from where on there is an alert. What is
    observed goes into `feed` as well, if there is one, and to the `others`, of whom none is kept from it by the fault
    of another. All methods belong on the event loop.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        redact: Redact = redacted,
        logs_steps: bool = False,
        item_names: Mapping[str, str] = NO_NAMES,
        max_losses: int = 1_000,
        feed: Feed | None = None,
        limits: Limits | None = None,
        others: Sequence[Observe] = (),
    ) -> None:
        self.metrics = Metrics()
        self.feed = feed
        self.faults = 0
        self._progress = Progress(clock, redact, max_losses)
        self._alerts = Alerts(clock, limits, redact=redact)
        self._tally = Tally(self.metrics, self._progress.queues, self._alerts.by_kind)
        self._chronicle = Chronicle(logs_steps=logs_steps, item_names=item_names)
        self._takes: dict[type, Callable[[Any], None]] = {  # of those that come with every step
            StepsReady: self._progress.ready,
            StepSent: self._on_sent,
            StepEnded: self._on_ended,
        }
        self._others = [*([feed.tell] if feed else ()), *others]

    def track_workflow_metrics(self, event: Event) -> None:
        """Take an event of the swarm; never raises."""
        try:
            self._takes.get(type(event), self._fold)(event)
        except Exception as fault:
            self._excuse(fault)
        for observe in self._others:
            try:
                observe(event)
            except Exception as fault:
                self._excuse(fault)

    observe = track_workflow_metrics

    def also(self, observe: Observe) -> None:
        """Have another observer told of everything from now on."""
        self._others.append(observe)

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
        return self._progress.snapshot()

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """What somebody should know now, as it was seen within the last second."""
        return self._alerts.active

    @property
    def services(self) -> Services:
        """How the services are, as their calls tell."""
        return self._alerts.services

    def _on_sent(self, event: StepSent) -> None:
        waited_s = self._progress.sent(event)
        if waited_s is not None:
            self._tally.waits.observe((event.step.role,), waited_s)

    def _on_ended(self, event: StepEnded) -> None:
        self._tally.step_ended(event)
        attempt = self._progress.ended(event)
        if event.outcome == "failed" or self._chronicle.logs_steps:
            self._chronicle.step_ended(event, attempt)

    def _fold(self, event: Event) -> None:
        self._tally.add(event)
        if isinstance(event, JournalCommitted):
            return
        if isinstance(event, LoopTurned):
            self._look()
            return
        self._alerts.observe(event)
        self._progress.follow(event)
        if isinstance(event, RunEnded):
            self._chronicle.run_ended(event, self._progress.snapshot())
        else:
            self._chronicle.tell(event)

    def _look(self) -> None:
        new, over = self._alerts.look(self._tally.standing(self._progress.in_hand()))
        for alert in new:
            self._chronicle.raise_alert(alert)
        for alert in over:
            self._chronicle.clear_alert(alert)

    def _excuse(self, fault: Exception) -> None:
        self.faults += 1
        if self.faults == 1:
            with suppress(Exception):  # what failed may have been the log itself
                logger.opt(exception=fault).warning(names.MONITOR_FAILED)
