"""The server at its socket: slow clients, clients that take nothing, clients that send anything at all."""

import asyncio
import random
import socket
import string
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from monitor import Health
from monitor.endpoint import Address, build_app, serve
from monitor.wire import MAX_HEADER_BYTES, PatientProtocol


def an_app() -> FastAPI:
    app = build_app(health=lambda: Health({}), is_ready=lambda: True, version="1")
    app.state.ended = asyncio.Event()

    @app.get("/much")
    async def much() -> StreamingResponse:
        async def drops() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 65_536
                    await asyncio.sleep(0)
            finally:
                app.state.ended.set()

        return StreamingResponse(drops())

    return app


@pytest.fixture
async def app() -> FastAPI:
    return an_app()


@pytest.fixture
async def address(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Address]:
    monkeypatch.setattr(PatientProtocol, "request_s", 0.4)
    monkeypatch.setattr(PatientProtocol, "answer_s", 0.4)
    async with serve(app) as address:
        yield address


async def lives(address: Address) -> bool:
    """Whether it answers to one who is given the usual time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PatientProtocol, "request_s", 30.0)
        return await _lives(address)


async def _lives(address: Address) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"{address.url}/livez", timeout=20)).status_code == 200


async def cut_off(reader: asyncio.StreamReader) -> bool:
    """Whether the server ends the connection by itself."""
    with suppress(ConnectionError):
        async with asyncio.timeout(20):
            while await reader.read(65_536):
                pass
    return True


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        b"POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf",
        b"POST /livez HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
    ],
)
async def test_a_request_that_is_never_whole_is_cut_off(address: Address, beginning: bytes) -> None:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(beginning)

    assert await cut_off(reader)
    assert await lives(address)
    writer.close()


async def test_dripping_a_header_does_not_buy_more_time(address: Address) -> None:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    ended = asyncio.create_task(cut_off(reader))
    writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n")
    drops = 0
    while not ended.done():
        with suppress(ConnectionError):
            writer.write(b"X-Drop: 1\r\n")
            await writer.drain()
        drops += 1
        await asyncio.sleep(0.02)
        assert drops < 500

    assert await ended
    writer.close()


async def test_a_second_request_on_a_connection_has_its_own_time(address: Address) -> None:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    request = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for _ in range(2):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r")[0]))
        await asyncio.sleep(0.2)
    writer.write(request[:20])

    assert await cut_off(reader)
    writer.close()


async def test_one_who_does_not_take_the_answer_is_cut_off(address: Address, app: FastAPI) -> None:
    with socket.create_connection((address.host, address.port)) as idle:
        idle.sendall(b"GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(20):
            await app.state.ended.wait()  # without anything being taken

    assert await lives(address)


async def test_headers_that_are_too_long_are_refused(address: Address) -> None:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * (2 * MAX_HEADER_BYTES))
    with suppress(ConnectionError):
        await writer.drain()

    assert (await reader.read(100)).startswith(b"HTTP/1.1 400")
    writer.close()


async def test_a_connection_that_is_reset_at_once_does_no_harm(address: Address) -> None:
    for _ in range(50):
        idle = socket.create_connection((address.host, address.port))
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        idle.send(b"GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n")
        idle.close()

    assert await lives(address)


def torn(chance: random.Random) -> bytes:
    """Bytes that look a little like HTTP, or not at all."""
    whole = (
        b"GET /livez HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
        b"POST /agents/a/recover HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody",
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        b"GET /%00%ff/..%2f..%2fetc/passwd?\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    )
    data = bytearray(chance.choice(whole) * chance.randint(1, 3))
    for _ in range(chance.choice((0, 1, 1, 3, 20))):
        match chance.randrange(4):
            case 0:
                data[chance.randrange(len(data))] = chance.randrange(256)
            case 1:
                del data[chance.randrange(len(data)) :]
                data += b"\r\n"
            case 2:
                data[chance.randrange(len(data)) : 0] = chance.randbytes(chance.randint(1, 30))
            case 3:
                data += "".join(chance.choices(string.printable, k=40)).encode()
    return bytes(data)


async def test_whatever_bytes_come_the_server_lives(address: Address) -> None:
    chance = random.Random(7)

    async def send() -> bytes:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        try:
            writer.write(torn(chance))
            if chance.random() < 0.5:
                writer.write_eof()
            with suppress(ConnectionError):
                async with asyncio.timeout(20):
                    return await reader.read(16)
        finally:
            writer.close()
        return b""

    answers = [answer for _ in range(12) for answer in await asyncio.gather(*(send() for _ in range(40)))]

    assert all(answer.startswith(b"HTTP/1.1 ") for answer in answers if answer)
    assert any(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    assert any(answer.startswith(b"HTTP/1.1 400") for answer in answers)
    assert not any(answer.startswith(b"HTTP/1.1 5") for answer in answers)
    assert await lives(address)
