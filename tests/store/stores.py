"""A durable journal to test with: its file, its runs, and the process that holds them."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from swarm import Kind, StepId, SwarmError
from swarm.codec import digest_of, encode
from swarm.journal import Claim, Entry, Prior
from swarm.store.journal import SqliteJournal
from swarm.store.lease import Holder, this_process
from swarm.store.runs import Runs
from swarm.store.schema import connect
from swarm.store.writer import Writer

SOURCE = "source"


@dataclass
class Store:
    """One process's hold on a journal file; its clock stands still unless it is set."""

    path: Path
    holder: Holder = field(default_factory=this_process)
    blobs: set[str] | None = None
    now_s: float = 1_000_000.0
    faults: list[SwarmError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runs = Runs(self.holder, self.clock)
        self.writer = Writer(
            partial(connect, self.path, synchronous="NORMAL"),
            name="journal",
            on_fault=self.faults.append,
            on_busy=self.runs.busy,
        )
        self.journal = SqliteJournal(self.writer, self.runs, has_blob=self._has_blob, clock=self.clock)

    def clock(self) -> float:
        return self.now_s

    def _has_blob(self, digest: str) -> bool:
        return self.blobs is None or digest in self.blobs

    def begin(self, run: str = "run", source_id: str = SOURCE, *, is_fresh: bool = False) -> None:
        self.runs.begin(self.writer, run, source_id, b"{}", is_fresh=is_fresh)

    async def asked(self, ask: Callable[..., None], *arguments: Any) -> Any:
        """What the journal answers."""
        loop = asyncio.get_running_loop()
        self.writer.attach(loop)
        answer: asyncio.Future[Any] = loop.create_future()
        ask(*arguments, lambda *given: answer.set_result(given[0] if given else None))
        return await asyncio.wait_for(answer, 10)

    async def find(self, *claims: Claim, run: str = "run") -> list[Prior]:
        found: list[Prior] = await self.asked(self.journal.find, run, claims)
        return found

    async def record(self, *entries: Entry, run: str = "run") -> None:
        await self.asked(self.journal.record, run, entries)

    async def load(self, *digests: str, run: str = "run") -> list[bytes]:
        loaded: list[bytes] = await self.asked(self.journal.load, run, digests)
        return loaded

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.writer.call(
            lambda connection: connection.execute(statement).fetchall(), is_write=False
        )
        return found


@contextmanager
def opened(path: Path, **more: Any) -> Iterator[Store]:
    """A store that is open inside the block."""
    store = Store(path, **more)
    store.writer.open()
    try:
        yield store
    finally:
        store.writer.close()


def a_claim(name: str = "a", *, kind: Kind = Kind.PURE, role: str = "look", round_: int = 0) -> Claim:
    """A step whose key follows from its name."""
    return Claim(StepId(role, name), digest_of(f"{role} {name} {round_}".encode()), kind, round_, b"parts")


def done(claim: Claim, value: object = "seen", **more: Any) -> Entry:
    """Its result."""
    data = encode(value)
    return Entry(claim.step, claim.key, claim.kind, digest_of(data), data, round=claim.round, parts=claim.parts, **more)


def failed(claim: Claim, reason: str = "torn", *, is_retryable: bool = False) -> Entry:
    """Its failure."""
    return Entry(
        claim.step, claim.key, claim.kind, reason=reason, code="failed", is_retryable=is_retryable, parts=claim.parts
    )


def kill_holders(store: Store) -> None:
    """As if the processes that hold the runs had died: no process has their number."""
    dead = encode_holder(Holder(2**22 + 1, store.holder.host, store.holder.boot, "1"))
    store.writer.call(lambda connection: connection.execute("UPDATE runs SET holder = ?", (dead,)))


def encode_holder(holder: Holder) -> bytes:
    return msgspec.json.encode(holder)
