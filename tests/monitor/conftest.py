"""What the tests of the monitor share: log lines as records, a clock that is turned by hand, a told run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from monitor.workflow import WorkflowMonitor
from swarm.agent import StepId
from swarm.events import StepEnded, StepSent

if TYPE_CHECKING:
    from loguru import Message, Record


@dataclass
class Clock:
    """Seconds, as far as the test has turned it."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Told:
    """Tells a monitor of one run, `r1`."""

    monitor: WorkflowMonitor
    clock: Clock

    def step(self, role: str, item: str, outcome: str = "done", reason: str = "") -> None:
        """Send a step and end it two seconds later."""
        step = StepId(role, item)
        self.monitor.observe(StepSent("r1", step, 1, 0))
        self.clock.now += 2.0
        self.monitor.observe(StepEnded("r1", step, outcome, 2.0, 0, reason))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told(clock: Clock) -> Told:
    return Told(WorkflowMonitor(clock=clock), clock)


@pytest.fixture
def records() -> Iterator[list["Record"]]:
    """The log records of the test, from DEBUG up."""
    kept: list[Record] = []

    def keep(message: "Message") -> None:
        kept.append(message.record)

    sink = logger.add(keep, level="DEBUG", format="{message}")
    yield kept
    logger.remove(sink)
