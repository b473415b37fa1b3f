"""`serve`: a swarm that is ready, with its page, until it is told to stop. On order it makes the sample book."""

import asyncio
import signal
import socket
import sys
from argparse import Namespace
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from agents.book.settings import Settings
from agents.services.credentials import Credentials
from agents.services.publishing import OutFolder
from monitor import Redactor, WorkflowMonitor, configured_logs, step_context
from monitor.access import rules_for
from monitor.endpoint import build_app, serve
from monitor.feed import Feed
from monitor.page.pages import add_page, login_page
from registry import AgentRegistry, ThreadPool
from wiring import VERSION
from wiring.endings import SIGNAL_CODES
from wiring.health import checkup_of
from wiring.orders import Orders
from wiring.plan import item_names, plan, specs
from wiring.tracing import traced
from wiring.watching import told
from wiring.window import window
from wiring.work import handled_signals

_CAUSE = "the server was stopped: what is done is kept, `python main.py resume` goes on with it"


@dataclass(slots=True)
class _Stopping:
    """What a signal does to a server, in the form in which a run's brake is pulled."""

    settings: Settings
    orders: Orders
    stopped_by: signal.Signals | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def brake(self) -> "_Stopping":
        """Itself: it stops the book in hand, and then the server."""
        return self

    def pull(self, _cause: str, *, drain_s: float) -> None:
        """Stop in good order."""
        self.orders.stop(_CAUSE, drain_s)
        self.over.set()


def serve_until_stopped(arguments: Namespace, settings: Settings, sample: Path | None, host: str, port: int) -> int:
    """Serve the runs of the output folder that the settings name. Gives the exit code: 0 when it was stopped at rest,
    130 or 143 when that interrupted a book. Raises MonitorError when it cannot listen there, OutputError."""
    out = OutFolder(Path(settings.out))
    out.prepare(source=sample, source_bytes=0)
    token = Credentials.read().doodlebound_monitor_token
    rules = rules_for(host, token.get_secret_value() if token else "", (socket.gethostname().lower(),))
    level: Any = "DEBUG" if arguments.debug else "WARNING"
    with configured_logs(level=level, form=settings.log_form, redact=Redactor([rules.token] if rules.token else [])):
        return asyncio.run(
            _serve(arguments, settings, sample, SimpleNamespace(out=out, rules=rules, host=host, port=port))
        )


async def _serve(arguments: Namespace, settings: Settings, sample: Path | None, place: SimpleNamespace) -> int:
    threads, agents = ThreadPool(settings.threads), specs()
    monitor = WorkflowMonitor(logs_steps=arguments.debug, item_names=item_names(), feed=Feed())
    around_step = partial(step_context, item_names=item_names())
    registry = AgentRegistry(agents, threads=threads, observe=told(monitor), around_step=around_step)
    orders = Orders(arguments, place.out, registry, threads, monitor)
    stopping = _Stopping(settings, orders)
    checkup = checkup_of(registry, place.out, orders.journal_fault, monitor, settings, sample)
    app = build_app(
        health=checkup.examine,
        is_ready=lambda: stopping.stopped_by is None,
        version=VERSION,
        metrics=monitor.metrics,
        rules=place.rules,
        login_page=login_page(VERSION),
    )
    order = orders.sample_from(sample) if sample else None
    page = add_page(app, window(place.out, plan(), registry, monitor, order), monitor, health=checkup.latest)
    async with AsyncExitStack() as stack:
        stack.enter_context(handled_signals(stopping))
        await stack.enter_async_context(traced(monitor, settings))
        await stack.enter_async_context(registry)
        address = await stack.enter_async_context(serve(app, place.host, place.port))
        print(f"open {address.url} in a browser; Ctrl-C ends it", file=sys.stderr, flush=True)
        await stopping.over.wait()
        await orders.ended()
        page.close()
    return SIGNAL_CODES[stopping.stopped_by or signal.SIGINT] if orders.was_interrupted else 0
