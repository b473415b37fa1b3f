"""How the parts of a swarm are, and the endpoint that says so during a run, where it is wanted."""

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from agents.book.settings import Settings
from agents.services.publishing import OutFolder
from monitor import Check, Checkup, Named, Status, WorkflowMonitor, disk_check, memory_check
from monitor.catalogue import COMMIT_SECONDS
from monitor.health import Probe
from monitor.metrics import Histogram
from registry import AgentHealth, AgentRegistry
from swarm import SwarmError
from wiring import VERSION
from wiring.job import Job
from wiring.plan import plan

_STATES = {"running": Status.PASS, "restarting": Status.WARN, "down": Status.FAIL}
_EMBEDDED = {
    "folder": "Pictures come from a folder of this machine.",
    "memory": "Likeness is indexed in this process.",
    "offline": "It is done in this process, without a service.",
}
_SLOW_COMMIT_S = 1.0


@asynccontextmanager
async def endpoint(job: Job, registry: AgentRegistry) -> AsyncIterator[None]:
    """Answer on the local port that the settings name."""
    if job.settings.monitor is None:
        yield
        return
    from monitor.endpoint import build_app, serve  # only here, since it costs the start of every run
    from monitor.page.pages import add_page
    from wiring.window import window

    shelf, source = job.shelf, Path(job.request.source)
    checkup = checkup_of(registry, shelf.out, lambda: shelf.writer.fault, job.monitor, job.settings, source)
    app = build_app(
        health=checkup.examine,
        is_ready=lambda: job.stopped_by is None,
        version=VERSION,
        metrics=job.monitor.metrics,
    )
    page = add_page(
        app, window(shelf.out, plan(job.settings), registry, job.monitor), job.monitor, health=checkup.latest
    )
    async with serve(app, port=job.settings.monitor) as address:
        print(f"health: {address.url}/health", file=sys.stderr)
        try:
            yield
        finally:
            page.close()


def checkup_of(
    registry: AgentRegistry,
    out: OutFolder,
    journal_fault: Callable[[], SwarmError | None],
    monitor: WorkflowMonitor,
    settings: Settings,
    source: Path | None,
) -> Checkup:
    """The checks of all parts of a swarm that works for an output folder, on a source or none yet. Services are judged
    by the calls that were made anyway: nothing is asked of them."""
    needed = plan(settings).required
    storage = "gcs" if str(source).startswith("gs:") else "folder"
    ports = {"storage": storage, "vectors": settings.vectors, "language": settings.language, "vision": settings.vision}
    quick: dict[str, Probe] = {
        **{f"agent:{agent.role}": partial(_agent, registry, agent.role, needed) for agent in registry.health()},
        **{f"{port}:{by}": partial(_service, monitor, by) for port, by in ports.items()},
        "journal": lambda: _journal(journal_fault(), monitor),
        "alerts": lambda: _alerts(monitor),
    }
    slow: dict[str, Probe] = {"disk": lambda: disk_check(out.root), "memory": memory_check}
    if storage == "folder":
        slow["storage:folder"] = lambda: _folder(source)
        del quick["storage:folder"]
    return Checkup(quick, slow, named=Named(VERSION, "doodlebound", "makes picture books"))


def _agent(registry: AgentRegistry, role: str, needed: frozenset[str]) -> tuple[Check, ...]:
    """State, restarts and queue; an agent that no book needs only warns when it is down."""
    health = next(health for health in registry.health() if health.role == role)
    restarts, lately = health.restarts, health.restarts_in_period
    status = _STATES[health.state.value]
    if status is Status.FAIL and role not in needed:
        status = Status.WARN
    return (
        Check(status, observed_value=health.state.value, observed_unit="state", output=_said(health)),
        Check(
            Status.WARN if lately else Status.PASS,
            observed_value=lately,
            observed_unit="restarts",
            output=f"Workers of {role} were replaced {lately} times lately, {restarts} times in all.",
        ),
        Check(
            observed_value=health.waiting,
            observed_unit="steps",
            output=f"{health.waiting} steps wait for {role}, {health.in_hand} are in hand.",
        ),
    )


def _said(health: AgentHealth) -> str:
    workers = f"Agent {health.role} is {health.state.value} with {health.workers} workers."
    return f"{workers} The last error: {health.last_error}" if health.last_error else workers


def _service(monitor: WorkflowMonitor, by: str) -> Check:
    if by in _EMBEDDED:
        return Check(observed_value="ready", observed_unit="state", output=_EMBEDDED[by])
    return monitor.services.check(by)


def _folder(source: Path | None) -> Check:
    if source is None:
        return Check(component_type="datastore", observed_value="idle", output="No book is being made.")
    try:
        with os.scandir(source) as entries:
            next(entries, None)
    except OSError as error:
        said = f"The pictures cannot be read any more: {error.strerror}; bring {source} back."
        return Check(Status.FAIL, "datastore", "unreadable", "state", said)
    return Check(Status.PASS, "datastore", "readable", "state", "The folder of the pictures can be read.")


def _journal(fault: SwarmError | None, monitor: WorkflowMonitor) -> Check:
    if fault:
        return Check(Status.FAIL, "datastore", "unusable", "state", str(fault))
    family = monitor.metrics.families.get(COMMIT_SECONDS.name)
    spread = family.series.get(()) if isinstance(family, Histogram) else None
    seconds = spread.quantile_s(0.95) if spread else 0.0
    status = Status.PASS if seconds < _SLOW_COMMIT_S else Status.WARN
    said = (
        f"{spread.count if spread else 0} transactions are durable; 95 % of them took {seconds * 1000:.0f} ms at most."
    )
    return Check(status, "datastore", round(seconds, 6), "s", said)


def _alerts(monitor: WorkflowMonitor) -> tuple[Check, ...]:
    """What somebody should know, if anything."""
    return tuple(
        Check(Status.WARN, observed_value=alert.kind, observed_unit="alert", output=alert.sentence)
        for alert in monitor.alerts
    )
