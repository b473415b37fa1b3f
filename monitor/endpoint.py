"""The HTTP endpoint: is it alive, is it ready, how is it, how much. Served on the swarm's own loop, on loopback only.

Being on the same loop, `/livez` answers late when the loop is late: that is what it is for.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

import uvicorn
from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from loguru import logger

from monitor import names
from monitor.access import ANYONE_HERE, LOOPBACK, REFUSALS, Door, Rules
from monitor.errors import MonitorError
from monitor.exposition import exposed, registry_of
from monitor.health import MEDIA_TYPE, Check, Health, Status
from monitor.metrics import Metrics
from monitor.wire import MAX_CONNECTIONS, MAX_HEADER_BYTES, PatientProtocol

T = TypeVar("T")
AsksHealth: TypeAlias = Callable[[], Health | Awaitable[Health]]
Verbose = Annotated[str | None, Query(description="Name every part with its status.", max_length=10)]
Excluded = Annotated[Sequence[str], Query(description="Parts that do not count.", max_length=50)]

_GRACE_S = 1
"""How long a request under way may take at the end."""
_CLOSE_S = 5.0
_HEALTH_S = 10.0
_DRAINING = "draining"


class _HealthResponse(JSONResponse):
    media_type = MEDIA_TYPE


_EXPOSED: dict[int | str, dict[str, Any]] = {
    200: {"content": {key: {"schema": {"type": "string"}} for key in ("text/plain", "application/openmetrics-text")}}
}
_FAILED: dict[int | str, dict[str, Any]] = {
    503: {"description": "Not well, or not ready.", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the endpoint listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """For a browser, without a slash at the end."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


def build_app(
    *,
    health: AsksHealth,
    is_ready: Callable[[], bool],
    version: str,
    metrics: Metrics | None = None,
    rules: Rules = ANYONE_HERE,
    login_page: Callable[[str], str] = str,
) -> FastAPI:
    """The application with `/livez`, `/readyz`, `/health` and `/metrics`; more routes may be added by the caller.

    `metrics` are those that `/metrics` exposes, in a registry of this application's own. `health` (which may be waited
    for) and `is_ready` are asked at each request, on the loop; one that raises counts as a failure (503), and so does a
    health that takes longer than ten seconds. `rules` say who may look: without any, whoever asks on this machine,
    under a name of the loopback. `login_page` is the form that asks for a token.
    """
    app = FastAPI(title="Doodlebound", version=version, docs_url=None, redoc_url=None, responses=REFUSALS)
    app.state.rules = rules
    app.add_middleware(Door, rules=rules, login_page=login_page)

    described: dict[str, Any] = {"response_class": _HealthResponse, "responses": _FAILED}

    @app.get("/livez", summary="Whether the loop turns; nothing else is asked.", **described)
    async def livez() -> JSONResponse:
        return _answer({"status": Status.PASS.value})

    @app.get(
        "/readyz", summary="Whether steps are taken: 503 while draining, and while a needed part is down.", **described
    )
    async def readyz(verbose: Verbose = None, exclude: Excluded = ()) -> JSONResponse:
        return _readiness(await _health(health, version), _asked(is_ready, instead=False), verbose is not None, exclude)

    @app.get("/health", summary="All checks; 503 when one fails.", **described)
    async def whole() -> JSONResponse:
        return _answer((await _health(health, version)).as_dict())

    registry = registry_of(metrics or Metrics())

    @app.get(
        "/metrics",
        summary="The metrics as Prometheus reads them, as OpenMetrics if that is accepted.",
        response_class=PlainTextResponse,
        responses=_EXPOSED,
    )
    async def scraped(request: Request) -> Response:
        body, content_type = exposed(registry, request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    return app


@asynccontextmanager
async def serve(app: FastAPI, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Address]:
    """Serve until the end of the block, on this loop. Port 0 takes any free one; the address tells which.

    Signals stay with whoever handles them. A server that breaks later is logged and changes nothing else. The end
    takes a fraction of a second, at most a few if a request hangs.

    Raises MonitorError if the port cannot be had, or if `host` is not the loopback and the application's rules do not
    open it to others.
    """
    listener = _bound(host, port, is_open=app.state.rules.is_open)
    with listener:
        address = Address(*listener.getsockname()[:2])
        server = _Server(
            uvicorn.Config(
                app,
                http=PatientProtocol,
                ws="none",
                h11_max_incomplete_event_size=MAX_HEADER_BYTES,
                limit_concurrency=MAX_CONNECTIONS,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        task = asyncio.create_task(server.guarded(listener), name="monitor-endpoint")
        try:
            await server.settled.wait()
            yield address
        finally:
            await _closed(server, task)


class _Server(uvicorn.Server):
    """uvicorn as a guest on our loop: it takes no signals and cannot end the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: one Ctrl-C counts once, with our own handler."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.settled.set()

    async def guarded(self, listener: socket.socket) -> None:
        """Serve until told to stop; never raises but for a cancellation."""
        try:
            await self.serve([listener])
        except (Exception, SystemExit) as fault:
            logger.opt(exception=fault).warning(names.ENDPOINT_BROKE)
        finally:
            self.settled.set()


async def _closed(server: _Server, task: asyncio.Task[None]) -> None:
    server.should_exit = True
    _, late = await asyncio.wait({task}, timeout=_CLOSE_S)
    for left in late:
        left.cancel()
        await asyncio.wait({left})


def _bound(host: str, port: int, *, is_open: bool) -> socket.socket:
    if host not in LOOPBACK and not is_open:
        known = ", ".join(LOOPBACK)
        raise MonitorError(f"the monitor listens on this machine only, not on {host!r}; use one of {known}")
    try:
        return _listening(LOOPBACK.get(host) or _resolved(host), port)
    except (OSError, OverflowError, UnicodeError) as cause:
        why = getattr(cause, "strerror", None) or cause
        raise MonitorError(f"the monitor cannot listen on {host} port {port}: {why}; use another port") from cause


def _resolved(host: str) -> str:
    return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])


def _listening(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _readiness(health: Health, is_ready: bool, is_verbose: bool, excluded: Collection[str]) -> JSONResponse:
    failing = set(health.failing) | (set() if is_ready else {_DRAINING})
    status = {
        name: (Status.FAIL if name in failing else Status.PASS).value
        for name in (_DRAINING, *health.checks)
        if name not in excluded
    }
    worst = Status.FAIL if failing - set(excluded) else Status.PASS
    return _answer({"status": worst.value, **({"checks": status} if is_verbose else {})})


async def _health(ask: AsksHealth, version: str) -> Health:
    try:
        answer = ask()
        if isinstance(answer, Health):
            return answer
        async with asyncio.timeout(_HEALTH_S):
            return await answer
    except Exception as fault:
        logger.opt(exception=fault).warning(names.HEALTH_UNKNOWN)
        unknown = Check(Status.FAIL, output="The checks could not be made; the log says why.")
        return Health({"monitor": (unknown,)}, version)


def _asked(question: Callable[[], T], *, instead: T) -> T:
    try:
        return question()
    except Exception as fault:
        logger.opt(exception=fault).warning(names.HEALTH_UNKNOWN)
        return instead


def _answer(body: dict[str, object]) -> JSONResponse:
    return _HealthResponse(
        body,
        status_code=503 if body["status"] == Status.FAIL else 200,
        headers={"Cache-Control": "no-store"},
    )
