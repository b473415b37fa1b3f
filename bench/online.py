"""An online book of 10 pages and 120 pictures against a server that answers in 50 ms, over its lower bound.

The lower bound is made of two things measured in the same run: the same book made offline, and the same requests made
bare, eight at a time, by the same client, in the order that a book forces (pictures, then the plan, then the pages).
What can go on at the same time (reading pictures and asking about them; laying out pages and asking for their words) is
counted once, by the longer of the two.
"""

import asyncio
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import main
from bench.table import Row
from tests.e2e.sources import make_source
from tests.peers.openai import OpenAI
from tests.peers.serving import served

LATENCY_S = 0.05
AT_A_TIME = 8
NAMES = ("fish", "house", "sun", "cat", "dog", "tree", "boat", "star", "moon", "car")
RENDERINGS = 11
_NO_LIMITS = {"REQUESTS_PER_MINUTE": "1000000", "TOKENS_PER_MINUTE": "1000000000", "IN_FLIGHT": "32"}


def rows() -> list[Row]:
    """The book over its lower bound, and what both are made of, in seconds."""
    with tempfile.TemporaryDirectory() as folder, _peer() as (url, asked):
        source = make_source(Path(folder, "source"), names=NAMES, renderings=RENDERINGS)
        online, requests = _made(source, Path(folder, "online"), url), asked()
        offline = _made(source, Path(folder, "offline"), "")
        looking, planning, telling = asyncio.run(_bare_s(url, _by_stage(requests)))
    spans = {role: stage["span_s"] for role, stage in offline["stages"].items()}
    rest_s = spans["pair"] + spans["sequence"] + spans["bind"]
    pages_s = max(0.0, offline["elapsed_s"] - spans["ingest"] - rest_s)
    bound_s = max(spans["ingest"], looking) + rest_s + planning + max(pages_s, telling)
    note = f"{online['elapsed_s']:.2f} s over {bound_s:.2f} s, {len(requests)} calls of {LATENCY_S * 1000:.0f} ms"
    return [
        Row("online book over its lower bound", online["elapsed_s"] / bound_s, "at most 1.05", note),
        Row("  bare calls about the pictures", looking, "seconds"),
        Row("  reading the pictures offline", spans["ingest"], "seconds"),
        Row("  the bare call that plans", planning, "seconds"),
        Row("  bare calls about the pages", telling, "seconds"),
        Row("  the pages offline", pages_s, "seconds"),
        Row("  pairing, planning and binding offline", rest_s, "seconds"),
    ]


@contextmanager
def _peer() -> Iterator[tuple[str, Any]]:
    """A server in a process of its own: its address, and a function that gives the requests so far."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    url = here.recv()

    def asked() -> list[tuple[str, bytes]]:
        here.send("log")
        requests: list[tuple[str, bytes]] = here.recv()
        return requests

    yield url, asked
    here.send("stop")
    process.join(10)


def _serve(pipe: Connection) -> None:
    contented = {"story": 0.9, "language": 0.9, "warmth": 0.9, "advice": ""}
    peer = OpenAI(latency_s=LATENCY_S, answers={"critique": lambda _prompt, _schema: contented})
    with served(peer) as server:
        pipe.send(server.url)
        while pipe.recv() == "log":
            pipe.send([(exchange.asked.path, exchange.asked.body) for exchange in server.log])


def _made(source: Path, out: Path, url: str) -> dict[str, Any]:
    """The report of a book, online where an address is given."""
    named = {f"DOODLEBOUND_{name}": value for name, value in _NO_LIMITS.items()} | {"OPENAI_BASE_URL": f"{url}/v1"}
    before = dict(os.environ)
    os.environ.update(named)
    try:
        words = ["make", str(source), "--out", str(out), "--quiet", *(["--online"] if url else [])]
        assert main.main(words) == main.OK
    finally:
        os.environ.clear()
        os.environ.update(before)
    (report,) = out.glob("*/report.json")
    document: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return document


def _by_stage(requests: Sequence[tuple[str, bytes]]) -> tuple[list[Any], list[Any], list[Any]]:
    """The requests about pictures, the one that plans, and those about pages."""
    planned = next(place for place, (_, body) in enumerate(requests) if b'"story_plan"' in body)
    return list(requests[:planned]), [requests[planned]], list(requests[planned + 1 :])


async def _bare_s(url: str, stages: tuple[list[Any], list[Any], list[Any]]) -> list[float]:
    """Seconds for the requests of each stage, by the same client and nothing else."""
    import httpx2
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0) as client:
        slots = asyncio.Semaphore(AT_A_TIME)

        async def ask(path: str, body: bytes) -> None:
            async with slots:
                await client.post(path.removeprefix("/v1"), body=json.loads(body), cast_to=httpx2.Response)

        await ask(*stages[1][0])  # connects
        taken = []
        for stage in stages:
            began = time.perf_counter()
            await asyncio.gather(*(ask(path, body) for path, body in stage))
            taken.append(time.perf_counter() - began)
        return taken
