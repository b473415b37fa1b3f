import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from monitor.endpoint import Address, build_app, serve
from monitor.errors import MonitorError
from monitor.health import Check, Health, Status

if TYPE_CHECKING:
    from loguru import Record


def an_app(
    *checks: Check,
    is_ready: Callable[[], bool] = lambda: True,
    health: Callable[[], Health] | None = None,
) -> FastAPI:
    return build_app(health=health or (lambda: Health({"agents": checks}, "1.2")), is_ready=is_ready, version="1.2")


def raises() -> bool:
    raise RuntimeError("secret place")


async def get(app: FastAPI, path: str, **headers: str) -> httpx.Response:
    """The app's answer, without a server between."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(path, headers=headers)


async def test_livez_asks_nothing_else() -> None:
    answer = await get(an_app(Check(Status.FAIL), is_ready=raises), "/livez")

    assert (answer.status_code, answer.json()) == (200, {"status": "pass"})
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("is_ready", "code"), [(lambda: True, 200), (lambda: False, 503), (raises, 503)])
async def test_readyz_tells_whether_steps_are_taken(is_ready: Callable[[], bool], code: int) -> None:
    answer = await get(an_app(is_ready=is_ready), "/readyz")

    assert answer.status_code == code
    assert answer.json() == {"status": "pass" if code == 200 else "fail"}


@pytest.mark.parametrize(
    ("query", "code"),
    [("", 503), ("?exclude=agents", 200), ("?exclude=disk", 503), ("?exclude=disk&exclude=agents", 200)],
)
async def test_readyz_fails_while_a_needed_part_is_down_and_can_be_told_to_pass_it_over(query: str, code: int) -> None:
    answer = await get(an_app(Check(), Check(Status.FAIL)), f"/readyz{query}")

    assert answer.status_code == code


@pytest.mark.parametrize("query", ["verbose", "verbose=1", "verbose=true"])
async def test_readyz_names_every_part_when_it_is_to_be_verbose(query: str) -> None:
    app = an_app(Check(Status.WARN), is_ready=lambda: False)

    answer = await get(app, f"/readyz?{query}")
    without = await get(app, f"/readyz?{query}&exclude=draining&exclude=nothing")

    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "fail", "checks": {"draining": "fail", "agents": "pass"}},
    )
    assert (without.status_code, without.json()) == (200, {"status": "pass", "checks": {"agents": "pass"}})


@pytest.mark.parametrize("path", ["/health", "/readyz"])
async def test_health_may_be_waited_for_but_not_for_ever(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def well() -> Health:
        return Health({"agents": (Check(),)})

    async def hangs() -> Health:
        await asyncio.sleep(3600)
        return Health({})

    monkeypatch.setattr("monitor.endpoint._HEALTH_S", 0.05)
    answers = [await get(build_app(health=ask, is_ready=lambda: True, version="1"), path) for ask in (well, hangs)]

    assert [answer.status_code for answer in answers] == [200, 503]


@pytest.mark.parametrize(("status", "code"), [("pass", 200), ("warn", 200), ("fail", 503)])
async def test_health_answers_with_its_media_type_and_status(status: str, code: int) -> None:
    answer = await get(an_app(Check(Status(status))), "/health")

    assert answer.status_code == code
    assert answer.headers["content-type"] == "application/health+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["status"] == status
    assert answer.json()["version"] == "1.2"


async def test_health_fails_without_details_when_it_cannot_be_told(records: list["Record"]) -> None:
    def broken() -> Health:
        raise RuntimeError("secret place")

    answer = await get(an_app(health=broken), "/health")

    assert answer.status_code == 503
    assert "secret place" not in answer.text
    assert [r["message"] for r in records] == ["health_unknown"]


@pytest.mark.parametrize(("host", "code"), [("localhost:1", 200), ("[::1]:1", 200), ("evil.example", 400)])
async def test_it_answers_to_the_names_of_the_loopback_only(host: str, code: int) -> None:
    assert (await get(an_app(), "/livez", Host=host)).status_code == code


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
async def test_serve_yields_the_true_address(host: str) -> None:
    try:
        async with serve(an_app(), host, 0) as address, httpx.AsyncClient(trust_env=False) as client:
            assert address.port > 0
            answer = await client.get(f"{address.url}/health")
            assert (answer.status_code, answer.json()["status"]) == (200, "pass")
            assert "server" not in answer.headers
    except MonitorError:
        if host != "::1":  # not every machine has it
            raise


def test_address_puts_the_newer_kind_into_brackets() -> None:
    assert Address("::1", 80).url == "http://[::1]:80"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "evil.example", ""])
async def test_serve_refuses_other_hosts(host: str) -> None:
    with pytest.raises(MonitorError, match="this machine only"):
        async with serve(an_app(), host):
            pass


@pytest.mark.parametrize("port", [-1, 65_536])
async def test_serve_refuses_a_port_that_cannot_be(port: int) -> None:
    with pytest.raises(MonitorError, match=f"port {port}"):
        async with serve(an_app(), port=port):
            pass


async def test_serve_says_that_the_port_is_taken() -> None:
    async with serve(an_app()) as address:
        with pytest.raises(MonitorError, match=r"in use; use another port"):
            async with serve(an_app(), port=address.port):
                pass


async def test_the_port_is_free_again_afterwards() -> None:
    async with serve(an_app()) as address:
        pass
    async with serve(an_app(), port=address.port) as again:
        assert again == address


async def test_the_end_does_not_wait_for_idle_connections() -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        async with serve(an_app()) as address:
            await client.get(f"{address.url}/livez")
            half = socket.create_connection((address.host, address.port))
            half.sendall(b"GET /livez HTTP/1.1\r\n")
            began = time.monotonic()
        assert time.monotonic() - began < 1
        half.close()


async def test_the_end_cuts_off_a_request_that_hangs() -> None:
    app = an_app()

    @app.get("/slow")
    async def slow() -> StreamingResponse:
        async def forever() -> AsyncIterator[bytes]:
            while True:
                yield b"x"
                await asyncio.sleep(0.05)

        return StreamingResponse(forever())

    async with httpx.AsyncClient(trust_env=False) as client:
        async with serve(app) as address:
            request = asyncio.create_task(client.get(f"{address.url}/slow"))
            await asyncio.sleep(0.2)
            began = time.monotonic()
        assert time.monotonic() - began < 4
        await asyncio.wait({request}, timeout=5)
        assert request.done()
        request.exception()


async def test_an_error_of_the_body_comes_through_as_it_is() -> None:
    with pytest.raises(KeyError):
        async with serve(an_app()):
            raise KeyError


async def test_the_block_goes_on_when_the_server_breaks(
    monkeypatch: pytest.MonkeyPatch, records: list["Record"]
) -> None:
    async def broken(*_: object) -> None:
        raise SystemExit(3)

    monkeypatch.setattr("uvicorn.Server.startup", broken)
    async with serve(an_app()):
        went_on = True

    assert went_on
    assert [r["message"] for r in records] == ["endpoint_broke"]


async def test_a_server_that_will_not_stop_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stuck(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("uvicorn.Server._wait_tasks_to_complete", stuck)
    monkeypatch.setattr("monitor.endpoint._GRACE_S", 60)
    monkeypatch.setattr("monitor.endpoint._CLOSE_S", 0.2)
    began = time.monotonic()
    async with serve(an_app()):
        pass

    assert time.monotonic() - began < 2


async def test_a_crashing_route_is_a_500_and_no_more() -> None:
    app = an_app()

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("secret place")

    async with serve(app) as address, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{address.url}/crash")
        after = await client.get(f"{address.url}/health")

    assert after.status_code == 200
    assert (answer.status_code, "secret" in answer.text) == (500, False)


CHILD = """
import asyncio, signal
from monitor.endpoint import build_app, serve
from monitor.health import Health

async def main():
    loop, seen, stop = asyncio.get_running_loop(), [], asyncio.Event()
    def on_signal():
        seen.append(1)
        stop.set()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    before = signal.getsignal(signal.SIGINT)
    async with serve(build_app(health=lambda: Health({}), is_ready=lambda: True, version="1")) as address:
        same = signal.getsignal(signal.SIGINT) is before
        print(address.url, same, flush=True)
        await stop.wait()
        await asyncio.sleep(0.3)
    await asyncio.sleep(0.3)
    print(len(seen), flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_counts_once_and_reaches_our_own_handler(number: signal.Signals) -> None:
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        url, same = child.stdout.readline().split()
        assert httpx.get(f"{url}/livez", trust_env=False).status_code == 200
        child.send_signal(number)
        said, _ = child.communicate(timeout=10)

    assert same == "True"
    assert said.strip() == "1"
    assert child.returncode == 0
