"""The ledger over the journal's file: a row for each request that costs money."""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from swarm.codec import encode
from swarm.failpoints import failpoint
from swarm.ledger import Booking, Spending
from swarm.store.runs import Runs, Tenure
from swarm.store.schema import crc
from swarm.store.writer import Asked, Writer

T = TypeVar("T")

BEGUN, OK, REUSED, REJECTED = "begun", "ok", "reused", "rejected"
_IN_VAIN = (BEGUN, OK, REUSED, REJECTED)


class SqliteLedger:
    """The ledger of one run in this process's hands; what comes when it has none of it any more changes nothing."""

    def __init__(self, writer: Writer, runs: Runs, run: str, *, clock: Callable[[], float] = time.time) -> None:
        self._writer = writer
        self._runs = runs
        self._run = run
        self._clock = clock

    async def find(self, booking: Booking) -> bytes | None:
        digest = bytes.fromhex(booking.digest)

        def look(connection: sqlite3.Connection, tenure: Tenure) -> bytes | None:
            return _answer(connection, tenure, digest)

        def note(connection: sqlite3.Connection, tenure: Tenure) -> None:
            self._add(connection, tenure, booking, REUSED)

        answer = await self._writer.ask(lambda connection: self._fenced(connection, look), is_write=False)
        if answer is not None:
            self._writer.write(lambda connection: self._fenced(connection, note))
        return answer

    def begin(self, booking: Booking) -> None:
        def put(connection: sqlite3.Connection, tenure: Tenure) -> None:
            booking.row = self._add(connection, tenure, booking, BEGUN)

        self._writer.write(lambda connection: self._fenced(connection, put))

    def end(
        self,
        booking: Booking,
        outcome: str,
        *,
        tokens: Mapping[str, int],
        cost: int,
        unsure: int = 0,
        answer: bytes = b"",
    ) -> None:
        counted = encode(dict(tokens))
        check = crc(bytes.fromhex(booking.digest), counted, answer)
        columns = "outcome = ?, tokens = ?, cost = ?, unsure = ?, answer = ?, crc = ?"

        def put(connection: sqlite3.Connection, _tenure: Tenure) -> None:
            failpoint("ledger.end")
            row = (outcome, counted, cost, unsure, answer, check, booking.row)
            connection.execute(f"UPDATE calls SET {columns} WHERE id = ?", row)

        self._writer.write(lambda connection: self._fenced(connection, put))

    async def written(self) -> None:
        await self._writer.ask(lambda _connection: None)

    async def reject(self, digest: str) -> None:
        def put(connection: sqlite3.Connection, _tenure: Tenure) -> None:
            connection.execute(
                "UPDATE calls SET outcome = ? WHERE digest = ? AND outcome = ?", (REJECTED, bytes.fromhex(digest), OK)
            )

        await self._writer.ask(lambda connection: self._fenced(connection, put))

    async def spending(self) -> tuple[Spending, ...]:
        def look(connection: sqlite3.Connection, tenure: Tenure) -> tuple[Spending, ...]:
            return spending_of(connection, tenure.number)

        await self.written()  # what was said before is read as well
        found = await self._writer.ask(lambda connection: self._fenced(connection, look), is_write=False)
        return found or ()

    def _fenced(self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection, Tenure], T]) -> T | None:
        """Do work of the run if it is still ours."""
        tenure = self._runs.tenure(self._run)
        if tenure is None or not self._runs.is_ours(connection, tenure):
            return None
        return work(connection, tenure)

    def _add(self, connection: sqlite3.Connection, tenure: Tenure, booking: Booking, outcome: str) -> int:
        digest, none = bytes.fromhex(booking.digest), encode({})
        about = (tenure.number, booking.role, booking.service, booking.model, digest, outcome, none)
        unsure = booking.most if outcome == BEGUN else 0
        row = (*about, 0, unsure, b"", self._clock(), crc(digest, none, b""))
        return connection.execute(f"INSERT INTO calls VALUES(NULL, {', '.join('?' * len(row))})", row).lastrowid or 0


def spending(writer: Asked, run: int) -> tuple[Spending, ...]:
    """What the requests of a run, by its number, came to, by role."""
    return writer.call(lambda connection: spending_of(connection, run), is_write=False)


def spending_of(connection: sqlite3.Connection, run: int) -> tuple[Spending, ...]:
    """What the requests of a run came to, by role."""
    rows = connection.execute(
        "SELECT role, outcome, tokens, cost, unsure FROM calls WHERE run = ? ORDER BY id", (run,)
    ).fetchall()
    roles = dict.fromkeys(role for role, *_ in rows)
    return tuple(_summed(role, [row for name, *row in rows if name == role]) for role in roles)


def _summed(role: str, rows: Iterable[list[Any]]) -> Spending:
    tokens: Counter[str] = Counter()
    calls = failed = reused = cost = unsure = 0
    for outcome, counted, known, at_most in rows:
        reused += outcome == REUSED
        calls += outcome != REUSED
        failed += outcome not in _IN_VAIN
        tokens.update(msgspec.msgpack.decode(counted, type=dict[str, int]))
        cost += known
        unsure += at_most
    return Spending(role, calls, failed, reused, dict(tokens), cost, unsure)


def _answer(connection: sqlite3.Connection, tenure: Tenure, digest: bytes) -> bytes | None:
    """The newest answer that is what was written."""
    rows = connection.execute(
        "SELECT run, tokens, answer, crc FROM calls WHERE digest = ? AND outcome = 'ok' ORDER BY id DESC", (digest,)
    )
    for run, tokens, answer, check in rows:
        is_whole = crc(digest, tokens, answer) == check
        if is_whole and (run == tenure.number or not tenure.is_fresh):
            return bytes(answer)
    return None
