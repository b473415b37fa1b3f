"""Serving a peer over loopback HTTP: in a thread with a loop of its own, on any free port, with a log."""

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from aiohttp import web

_LARGEST_BODY = 2**30
_PIECES = 8
_NO_WAIT = struct.pack("ii", 1, 0)
"""SO_LINGER with which a closed connection is reset instead of ended."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in: `target` is path and query as on the wire, the names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path without the query, decoded."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """The query, decoded; the last value of each name."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:  # a request says what it likes
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer goes over the wire: it begins `after_s`, the body takes `over_s`, and stops at byte `cut_at`, where
    the connection is closed, or reset; reset at byte 0, not even the status arrives."""

    after_s: float = 0.0
    over_s: float = 0.0
    cut_at: int | None = None
    is_reset: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer says, and how it is delivered."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery()

    @classmethod
    def of(cls, value: object, status: int = 200, **headers: str) -> "Answer":
        """A value as JSON."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, json.dumps(value).encode(), {"content-type": "application/json"} | named)


class Peer(Protocol):
    """A server without its sockets; it is asked by one thread."""

    async def answer(self, asked: Asked) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and how it was answered; times in seconds of the monotonic clock. `is_over` is false where whoever
    asked did not wait for the answer."""

    asked: Asked
    status: int
    began_s: float
    ended_s: float
    is_over: bool = True


@dataclass(slots=True)
class Served:
    """A peer at its address. `log` has the exchanges in the order in which they ended."""

    url: str
    log: list[Exchange] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    def most_at_once(self) -> int:
        """The largest number of requests in hand at the same time."""
        moments = [(exchange.began_s, 1) for exchange in self.log] + [(exchange.ended_s, -1) for exchange in self.log]
        in_hand = most = 0
        for _, change in sorted(moments):
            in_hand += change
            most = max(most, in_hand)
        return most


@contextmanager
def served(peer: Peer, *, port: int = 0) -> Iterator[Served]:
    """Serve a peer until the end of the block; a peer that raised is raised there."""
    started: list[Served | OSError] = []
    is_started, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        try:
            async with asyncio.timeout(10):
                here, runner = await _listening(peer, port)
            started.append(here)
        except OSError as error:
            started.append(error)
            return
        finally:
            is_started.set()
        await stop.wait()
        await runner.cleanup()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, name="peer", daemon=True)
    thread.start()
    is_started.wait()
    here = started[0]
    if isinstance(here, OSError):
        raise here
    try:
        yield here
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
    if here.faults:
        raise here.faults[0]


async def _listening(peer: Peer, port: int) -> tuple[Served, web.ServerRunner]:
    here = Served("")

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await _handled(peer, here, request)

    def make(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:  # as aiohttp has it
        loop = asyncio.get_running_loop()
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_LARGEST_BODY)

    runner = web.ServerRunner(web.Server(handle, request_factory=make, access_log=None), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    here.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return here, runner


async def _handled(peer: Peer, here: Served, request: web.BaseRequest) -> web.StreamResponse:
    began_s = time.monotonic()
    headers = {name.lower(): value for name, value in request.headers.items()}
    asked, status, is_over = Asked(request.method, request.raw_path, headers), 0, False
    try:
        asked = Asked(request.method, request.raw_path, headers, await request.read())
        answer = await peer.answer(asked)
        status = answer.status
        response = await _delivered(answer, request)
        is_over = True
        return response
    except ConnectionError:
        return web.Response()
    except Exception as error:
        here.faults.append(error)
        raise
    finally:
        here.log.append(Exchange(asked, status, began_s, time.monotonic(), is_over))


async def _delivered(answer: Answer, request: web.BaseRequest) -> web.StreamResponse:
    how = answer.delivery
    await _wait(how.after_s)
    if how.is_reset and how.cut_at == 0:
        return _cut_off(request, is_reset=True)
    if how.cut_at is None and not how.over_s:
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    body = answer.body[: how.cut_at]
    step = max(1, -(-len(body) // _PIECES))
    for start in range(0, len(body), step):
        await _wait(how.over_s / _PIECES)
        await response.write(body[start : start + step])
    return response if how.cut_at is None else _cut_off(request, is_reset=how.is_reset)


async def _wait(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)


def _cut_off(request: web.BaseRequest, *, is_reset: bool) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        if is_reset:
            with suppress(OSError):
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_WAIT)
            transport.abort()
        else:
            transport.close()
    return web.Response()
