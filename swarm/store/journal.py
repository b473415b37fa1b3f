"""The journal port over the file: steps by their keys, results, starts and setbacks."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from swarm.agent import Kind, StepId
from swarm.codec import encode
from swarm.errors import JournalDamaged
from swarm.failpoints import failpoint
from swarm.journal import NOTHING, Claim, Entry, Prior, Setback
from swarm.store.runs import Runs, Tenure
from swarm.store.schema import crc, key_hash
from swarm.store.writer import UNANSWERED, Writer

ANYONE, NOBODY = 0, -1
"""Owners of results: all runs, or none, beside the one run that an effect belongs to."""

_ROW = f"({', '.join('?' * 18)})"
_CHUNKS = (64, 8, 1)


class SqliteJournal:
    """The journal of one output folder. `has_blob` tells whether the store still has the bytes that a result points
    to, without which a result counts as none. `clock` gives seconds since 1970.

    `damaged` counts the results that were not what was written, and so are made again.
    """

    answers_at_once = False

    def __init__(
        self,
        writer: Writer,
        runs: Runs,
        *,
        has_blob: Callable[[str], bool] = lambda _digest: True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.damaged = 0
        self._writer = writer
        self._runs = runs
        self._has_blob = has_blob
        self._clock = clock

    def opened(self, run: str, role: str, steps: int, parts: bytes) -> None:
        def put(connection: sqlite3.Connection, tenure: Tenure) -> None:
            connection.execute("REPLACE INTO roles VALUES(?, ?, ?, ?)", (tenure.number, role, steps, parts))

        self._write(run, put)

    def find(self, run: str, claims: Sequence[Claim], then: Callable[[Sequence[Prior]], None]) -> None:
        self._writer.read(lambda connection: self._find(connection, run, claims), then)

    def begin(self, run: str, claims: Sequence[Claim], then: Callable[[], None]) -> None:
        now = self._clock()

        def put(connection: sqlite3.Connection, tenure: Tenure) -> None:
            failpoint("journal.begin")
            rows = [(tenure.number, _raw(claim.key), *claim.step, now) for claim in claims]
            connection.executemany("REPLACE INTO starts VALUES(?, ?, ?, ?, ?)", rows)

        self._write(run, put, lambda _: then())

    def load(self, run: str, digests: Sequence[str], then: Callable[[Sequence[bytes]], None]) -> None:
        self._writer.read(lambda connection: self._load(connection, run, digests), then)

    def record(self, run: str, entries: Sequence[Entry], then: Callable[[], None]) -> None:
        now = self._clock()

        def put(connection: sqlite3.Connection, tenure: Tenure) -> None:
            failpoint("journal.record")
            number = _last_id(connection)
            rows = [_row(number + nth, tenure.number, entry, now) for nth, entry in enumerate(entries, start=1)]
            _insert(connection, rows)
            started = [(tenure.number, _raw(entry.key)) for entry in entries if entry.kind is not Kind.PURE]
            if started:
                connection.executemany("DELETE FROM starts WHERE run = ? AND key = ?", started)
            for nth, entry in enumerate(entries, start=1):
                tenure.places[entry.digest] = number + nth

        self._write(run, put, lambda _: then())

    def note(self, run: str, setback: Setback) -> None:
        how = "hang" if setback.is_hang else "crash"
        row = (_raw(setback.key), *setback.step, how, setback.cause, self._clock())

        def put(connection: sqlite3.Connection, tenure: Tenure) -> None:
            connection.execute("INSERT INTO setbacks VALUES(?, ?, ?, ?, ?, ?, ?)", (tenure.number, *row))

        self._write(run, put)

    def _write(
        self,
        run: str,
        work: Callable[[sqlite3.Connection, Tenure], None],
        then: Callable[[Any], None] | None = None,
    ) -> None:
        """Do work of a run if it is still ours: what comes of an old epoch changes nothing."""

        def fenced(connection: sqlite3.Connection) -> Any:
            tenure = self._runs.tenure(run)
            if tenure is None:  # the run has ended
                return UNANSWERED
            if not self._runs.is_ours(connection, tenure):
                self._writer.tell(self._runs.taken(connection, run))
                return UNANSWERED
            return work(connection, tenure)

        self._writer.write(fenced, then)

    def _find(self, connection: sqlite3.Connection, run: str, claims: Sequence[Claim]) -> Any:
        tenure = self._runs.tenure(run)
        if tenure is None:
            return UNANSWERED
        found, own = self._found(connection, tenure, [_raw(claim.key) for claim in claims])
        priors = [self._prior(tenure, claim, found.get(claim.key)) for claim in claims]
        reused = [claim for claim in claims if claim.key in found and claim.key not in own]
        if reused:
            self._write(run, lambda connection, tenure: self._note_reused(connection, tenure, reused))
        return priors

    def _found(
        self, connection: sqlite3.Connection, tenure: Tenure, keys: Sequence[bytes]
    ) -> tuple[dict[str, Entry], set[str]]:
        """What can be reused, by key: the newest result of each; and which of them this run has made itself."""
        rows = connection.execute(
            "SELECT id, key, run, owner, digest, rework, blobs, parts, data, crc, role, item FROM steps "
            f"WHERE state = 'done' AND hash IN ({', '.join('?' * len(keys))}) ORDER BY id",
            [key_hash(key) for key in keys],
        )
        found: dict[str, Entry] = {}
        own: set[str] = set()
        for number, key, run, owner, digest, rework, blobs, parts, data, check, role, item in rows:
            if owner not in (ANYONE, tenure.number) or (tenure.is_fresh and run != tenure.number):
                continue
            if crc(key, digest, rework, blobs, parts, data) != check:
                self.damaged += 1
            elif all(self._has_blob(blob.hex()) for blob in split_blobs(blobs)):
                asked = msgspec.msgpack.decode(rework, type=tuple[str, str]) if rework else None
                found[key.hex()] = Entry(StepId(role, item), "", Kind.PURE, digest.hex(), rework=asked)
                tenure.places[digest.hex()] = number
                if run == tenure.number:
                    own.add(key.hex())
        return found, own

    def _prior(self, tenure: Tenure, claim: Claim, entry: Entry | None) -> Prior:
        if entry is not None:
            return Prior(entry)
        if claim.key in tenure.failures:
            reason, code = tenure.failures[claim.key]
            return Prior(Entry(claim.step, claim.key, claim.kind, reason=reason, code=code))
        setbacks, deaths = tenure.setbacks.get(claim.key, 0), tenure.deaths.get(claim.key, 0)
        return Prior(None, setbacks, deaths) if setbacks or deaths else NOTHING

    def _note_reused(self, connection: sqlite3.Connection, tenure: Tenure, claims: Iterable[Claim]) -> None:
        """What a run reuses of another belongs to its history; what it did itself before stands there already."""
        number, now, rows = _last_id(connection), self._clock(), []
        for claim in claims:
            key = _raw(claim.key)
            if claim.key not in tenure.reused:
                tenure.reused.add(claim.key)
                place = (key_hash(key), key, *claim.step, claim.round)
                check = crc(key, claim.parts)
                number += 1
                result = (b"", b"", b"", claim.parts, b"", check)
                rows.append((number, tenure.number, *place, "reused", NOBODY, now, "", "", *result))
        _insert(connection, rows)

    def _load(self, connection: sqlite3.Connection, run: str, digests: Sequence[str]) -> Any:
        tenure = self._runs.tenure(run)
        if tenure is None:
            return UNANSWERED
        return [_data(connection, tenure, digest) for digest in digests]


def _data(connection: sqlite3.Connection, tenure: Tenure, digest: str) -> bytes:
    found = "SELECT key, digest, rework, blobs, parts, data, crc FROM steps WHERE id = ?"
    row = connection.execute(found, (tenure.places.get(digest, 0),)).fetchone()
    if row is None:
        raise JournalDamaged(f"the journal has lost a result ({digest[:12]}, table steps)")
    *parts, check = row
    if crc(*parts) != check or parts[1] != _raw(digest):
        raise JournalDamaged(f"the journal holds a damaged result ({digest[:12]}, table steps)")
    return bytes(parts[-1])


def _insert(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append to the table of steps, many rows to a statement: each statement hands the interpreter to the loop's
    thread and has to wait to get it back."""
    start = 0
    for size in _CHUNKS:
        statement = f"INSERT INTO steps VALUES{', '.join([_ROW] * size)}"
        while len(rows) - start >= size:
            connection.execute(statement, [value for row in rows[start : start + size] for value in row])
            start += size


def _last_id(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT max(id) FROM steps").fetchone()[0] or 0


def _row(number: int, run: int, entry: Entry, now: float) -> tuple[Any, ...]:
    if entry.reason:
        state, owner = "waiting" if entry.is_retryable else "failed", NOBODY
    else:
        state = "provisional" if entry.provisional else "done"
        owner = run if entry.kind is Kind.EFFECT else ANYONE
    key, digest, parts, data = _raw(entry.key), _raw(entry.digest), entry.parts, entry.data
    rework = encode(entry.rework) if entry.rework else b""
    blobs = b"".join(_blobs(data))
    reason = entry.reason or entry.provisional
    return (
        *(number, run, key_hash(key), key, *entry.step, entry.round, state, owner, now, reason, entry.code),
        *(digest, rework, blobs, parts, data, crc(key, digest, rework, blobs, parts, data)),
    )


def _raw(digest: str) -> bytes:
    return bytes.fromhex(digest)


def split_blobs(digests: bytes) -> list[bytes]:
    """The digests of 32 bytes each that a row holds in one."""
    return [digests[start : start + 32] for start in range(0, len(digests), 32)]


def _blobs(data: bytes) -> list[bytes]:
    """The digests of the blobs that a sealed value points to, without knowing its type."""
    if b"size_bytes" not in data or b"digest" not in data:
        return []
    found: dict[bytes, None] = {}
    todo = [msgspec.msgpack.decode(data)]
    while todo:
        match todo.pop():
            case {"digest": str(digest), "size_bytes": int(), **others} if not others:
                found[_raw(digest)] = None
            case dict(value):
                todo += value.values()
            case list(value):
                todo += value
    return list(found)
