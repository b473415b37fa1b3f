"""The index of vectors on a Qdrant server, as tests need it: no waiting between attempts, all that is told kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from pydantic import SecretStr

from agents.services.calling import Policy, Service
from agents.services.qdrant_calls import POLICY, QdrantCalls, meaning
from agents.services.qdrant_memory import MemoryVectors
from agents.services.qdrant_server import QdrantVectors
from registry import ThreadPool
from swarm.events import Event

NOW_S = 1_760_000_000.0


class ToldVectors(QdrantVectors):
    """The index, with what it told and what was observed of its calls."""

    told: list[str]
    events: list[Event]


@asynccontextmanager
async def qdrant_at(url: str, *, key: str | None = None, policy: Policy | None = None) -> AsyncIterator[ToldVectors]:
    """The index on the server at this address."""
    threads, events, told = ThreadPool(1), list[Event](), list[str]()

    async def no_wait(_seconds: float) -> None:
        """Time is nothing to a test."""

    service = Service(
        "qdrant",
        lambda error: meaning(error, url),
        observe=events.append,
        policy=policy or replace(POLICY, breaker_failures=1000),
        sleep=no_wait,
    )
    calls = QdrantCalls(url, SecretStr(key) if key else None, threads.run, service)
    index = ToldVectors(calls, MemoryVectors(threads.run), tell=told.append, clock=lambda: NOW_S)
    index.told, index.events = told, events
    try:
        yield index
    finally:
        await index.close()
        threads.close()
