"""What the page looks at, of the swarm of this process and of the output folder that it works for."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib.resources import as_file, files

from agents.services.publishing import OutFolder
from monitor import WorkflowMonitor
from monitor.metrics import Histogram
from monitor.page.views import AgentCard, Ordered, Recovered, Window
from registry import AgentHealth, AgentRegistry, UnknownAgent
from swarm import Plan
from wiring.library import OutLibrary
from wiring.plan import LABELS


def window(
    out: OutFolder,
    plan: Plan,
    registry: AgentRegistry,
    monitor: WorkflowMonitor,
    order: Callable[[], Awaitable[Ordered]] | None = None,
) -> Window:
    """The window of a page; `order` begins the book that it may offer."""

    def cards() -> list[AgentCard]:
        return [_card(plan, health, monitor) for health in registry.health()]

    async def recover(agent_id: str) -> Recovered | None:
        try:
            recovery = await registry.recover_agent(agent_id, "asked for on the page")
        except UnknownAgent:
            return None
        return Recovered(recovery.is_back, recovery.reason)

    with as_file(files("agents.press").joinpath("fonts")) as fonts:
        return Window(
            library=OutLibrary(out, plan, LABELS),
            agents=cards,
            recover=recover,
            metrics=lambda: monitor.metrics,
            fonts=fonts,
            document_policy=_document_policy(),
            order=order,
            labels=LABELS,
        )


def _card(plan: Plan, health: AgentHealth, monitor: WorkflowMonitor) -> AgentCard:
    spec = plan.specs[health.role]
    durations = monitor.metrics.families.get("step_duration_seconds")
    spread = durations.series.get((health.role,)) if isinstance(durations, Histogram) else None
    return AgentCard(
        role=health.role,
        summary=spec.summary,
        scope=spec.scope,
        kind=spec.kind.value,
        version=health.version,
        state=health.state.value,
        workers=health.workers,
        in_hand=health.in_hand,
        waiting=health.waiting,
        restarts=health.restarts,
        restarts_in_period=health.restarts_in_period,
        p95_s=spread.quantile_s(0.95) if spread else 0.0,
        last_error=health.last_error,
    )


def _document_policy() -> str:
    """A book may show its own pictures and faces and run the script that we put into every book, and nothing else."""
    script = files("agents.press").joinpath("templates/book.js").read_bytes()
    digest = b64encode(sha256(script).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            "img-src 'self' data:",
            "font-src 'self'",
            "style-src 'unsafe-inline'",
            f"script-src 'sha256-{digest}'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
