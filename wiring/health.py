"""The health endpoint during a run, where it is wanted."""

import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from agents.services.publishing import OutFolder
from monitor import Check, Health, Status, disk_check, examine, memory_check
from registry import AgentRegistry
from swarm import SwarmError
from wiring import VERSION
from wiring.job import Job
from wiring.plan import plan

_STATES = {"running": Status.PASS, "restarting": Status.WARN, "down": Status.FAIL}


@asynccontextmanager
async def endpoint(job: Job, registry: AgentRegistry) -> AsyncIterator[None]:
    """Answer on the local port that the settings name."""
    if job.settings.monitor is None:
        yield
        return
    from monitor.endpoint import build_app, serve  # only here, since it costs the start of every run
    from monitor.page.pages import add_page
    from wiring.window import window

    began = time.monotonic()

    def health() -> Health:
        return examined(registry, job.shelf.out, lambda: job.shelf.writer.fault, time.monotonic() - began)

    app = build_app(
        health=health, is_ready=lambda: job.stopped_by is None, version=VERSION, metrics=job.monitor.metrics
    )
    page = add_page(app, window(job.shelf.out, plan(), registry, job.monitor), job.monitor, health=health)
    async with serve(app, port=job.settings.monitor) as address:
        print(f"health: {address.url}/health", file=sys.stderr)
        try:
            yield
        finally:
            page.close()


def examined(
    registry: AgentRegistry, out: OutFolder, journal_fault: Callable[[], SwarmError | None], uptime_s: float
) -> Health:
    """The health of all parts of a swarm that works for an output folder."""

    def parts() -> Mapping[str, Callable[[], Check]]:
        named = ("storage:folder", "vectors:memory", "language:offline", "vision:offline")
        return dict.fromkeys(named, Check)

    def agent_check(role: str) -> Check:
        health = next(health for health in registry.health() if health.role == role)
        return Check(
            _STATES[health.state.value],
            observed_value=health.in_hand,
            observed_unit="steps in hand",
            output=health.last_error,
        )

    def journal_check() -> Check:
        fault = journal_fault()
        return Check(Status.FAIL, output=str(fault)) if fault else Check()

    agents = {f"agent:{health.role}": (lambda role=health.role: agent_check(role)) for health in registry.health()}
    probes = {
        **agents,
        **parts(),
        "journal": journal_check,
        "disk": lambda: disk_check(out.root),
        "memory": memory_check,
    }
    return examine(probes, version=VERSION, service_id="doodlebound", uptime_s=uptime_s)
