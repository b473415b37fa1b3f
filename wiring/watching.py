"""The monitor as the rest of the swarm meets it: whatever it does, the work goes on."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from loguru import logger

from monitor import WorkflowMonitor, figures
from swarm.events import Event, Observe

T = TypeVar("T")


def told(monitor: WorkflowMonitor) -> Observe:
    """What tells a monitor, and never raises: it guards itself, and this guards against its guard."""

    def tell(event: Event) -> None:
        try:
            monitor.observe(event)
        except Exception as fault:
            _excuse(fault)

    return tell


def figures_of(monitor: WorkflowMonitor, run: str) -> dict[str, object]:
    """The figures for a report; only the run where there are none."""
    return _or(lambda: figures(monitor), {"run": run})


def _or(ask: Callable[[], T], instead: T) -> T:
    try:
        return ask()
    except Exception as fault:
        _excuse(fault)
        return instead


def _excuse(fault: Exception) -> None:
    with suppress(Exception):  # what failed may have been the log itself
        logger.opt(exception=fault).debug("monitor_broke")
