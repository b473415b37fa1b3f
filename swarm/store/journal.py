"""The journal port over the file: steps by their keys, results, starts and setbacks."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from swarm.agent import Kind
from swarm.codec import encode
from swarm.errors import JournalDamaged
from swarm.failpoints import failpoint
from swarm.journal import NOTHING, Claim, Entry, Prior, Setback
from swarm.store.runs import Runs, Tenure
from swarm.store.schema import crc
from swarm.store.writer import UNANSWERED, Writer

ANYONE, NOBODY = "", "-"
"""Owners of results: all runs, or none, beside the one run that an effect belongs to."""


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
        row = (run, role, steps, parts)
        self._write(run, lambda connection, _: connection.execute("REPLACE INTO roles VALUES(?, ?, ?, ?)", row))

    def find(self, run: str, claims: Sequence[Claim], then: Callable[[Sequence[Prior]], None]) -> None:
        asked = list(claims)
        self._writer.read(lambda connection: self._find(connection, run, asked), then)

    def begin(self, run: str, claims: Sequence[Claim], then: Callable[[], None]) -> None:
        now = self._clock()

        def start(connection: sqlite3.Connection, tenure: Tenure) -> None:
            failpoint("journal.begin")
            rows = [
                (run, _raw(claim.key), claim.step.role, claim.step.item, claim.kind, tenure.epoch, now)
                for claim in claims
            ]
            connection.executemany("REPLACE INTO starts VALUES(?, ?, ?, ?, ?, ?, ?)", rows)

        self._write(run, start, lambda _: then())

    def load(self, digests: Sequence[str], then: Callable[[Sequence[bytes]], None]) -> None:
        self._writer.read(lambda connection: [_load(connection, digest) for digest in digests], then)

    def record(self, run: str, entries: Sequence[Entry], then: Callable[[], None]) -> None:
        now = self._clock()

        def put(connection: sqlite3.Connection, tenure: Tenure) -> None:
            failpoint("journal.record")
            done = [entry for entry in entries if not entry.reason]
            if done:
                connection.executemany(
                    "REPLACE INTO results VALUES(?, ?, ?, ?, ?, ?, ?, ?)", [_result(run, entry) for entry in done]
                )
            connection.executemany(
                "REPLACE INTO steps VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [_step(run, entry, now) for entry in entries]
            )
            started = [(run, _raw(entry.key)) for entry in entries if entry.kind is not Kind.PURE]
            if started:
                connection.executemany("DELETE FROM starts WHERE run = ? AND key = ?", started)
            tenure.note_ends(entries)

        self._write(run, put, lambda _: then())

    def note(self, run: str, setback: Setback) -> None:
        how = "hang" if setback.is_hang else "crash"
        step = setback.step
        row = (run, _raw(setback.key), step.role, step.item, how, setback.cause, self._clock())

        def put(connection: sqlite3.Connection, tenure: Tenure) -> None:
            connection.execute("INSERT INTO setbacks VALUES(?, ?, ?, ?, ?, ?, ?)", row)
            tenure.setbacks[setback.key] = tenure.setbacks.get(setback.key, 0) + 1

        self._write(run, put)

    def _write(
        self,
        run: str,
        work: Callable[[sqlite3.Connection, Tenure], Any],
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
        found = self._found(connection, tenure, {claim.key for claim in claims}) if claims else {}
        priors = [self._prior(tenure, claim, found.get(claim.key)) for claim in claims]
        reused = [
            (tenure.run, claim.step.role, claim.step.item, claim.round, _raw(claim.key), claim.parts, self._clock())
            for claim, prior in zip(claims, priors, strict=True)
            if prior.entry is not None and not prior.entry.reason
        ]
        if reused:
            self._write(tenure.run, lambda connection, _: _note_reused(connection, reused))
        return priors

    def _prior(self, tenure: Tenure, claim: Claim, row: tuple[Any, ...] | None) -> Prior:
        if row is not None:
            _, _, digest, rework = row
            asked = msgspec.msgpack.decode(rework, type=tuple[str, str]) if rework else None
            return Prior(Entry(claim.step, claim.key, claim.kind, digest.hex(), rework=asked))
        failure = tenure.failures.get(claim.key)
        if failure is not None:
            reason, code = failure
            return Prior(Entry(claim.step, claim.key, claim.kind, reason=reason, code=code))
        setbacks, deaths = tenure.setbacks.get(claim.key, 0), tenure.deaths.get(claim.key, 0)
        return Prior(None, setbacks, deaths) if setbacks or deaths else NOTHING

    def _found(
        self, connection: sqlite3.Connection, tenure: Tenure, keys: set[str]
    ) -> dict[str, tuple[bytes, str, bytes, bytes]]:
        """Rows by key: of the run's own results before those of anyone."""
        marks = ", ".join("?" * len(keys))
        rows = connection.execute(
            f"SELECT key, owner, digest, rework, maker, blobs, crc, data FROM results WHERE key IN ({marks})",
            [_raw(key) for key in keys],
        )
        found: dict[str, tuple[bytes, str, bytes, bytes]] = {}
        for key, owner, digest, rework, maker, blobs, check, data in rows:
            if owner not in (ANYONE, tenure.run) or (tenure.is_fresh and maker != tenure.run):
                continue
            if crc(key, digest, rework, blobs, data) != check:
                self.damaged += 1
                continue
            if all(self._has_blob(digest.hex()) for digest in split_blobs(blobs)):
                found[key.hex()] = (key, owner, digest, rework)
        return found


def _note_reused(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    connection.executemany("INSERT OR IGNORE INTO steps VALUES(?, ?, ?, ?, ?, 'reused', ?, '', '', ?)", rows)


def _load(connection: sqlite3.Connection, digest: str) -> bytes:
    row = connection.execute(
        "SELECT key, digest, rework, blobs, data, crc FROM results WHERE digest = ?", (_raw(digest),)
    ).fetchone()
    if row is None:
        raise JournalDamaged(f"the journal has lost a result ({digest[:12]}, table results)")
    *parts, check = row
    if crc(*parts) != check:
        raise JournalDamaged(f"the journal holds a damaged result ({digest[:12]}, table results)")
    return bytes(parts[-1])


def _result(run: str, entry: Entry) -> tuple[Any, ...]:
    owner = NOBODY if entry.provisional else run if entry.kind is Kind.EFFECT else ANYONE
    key, digest = _raw(entry.key), _raw(entry.digest)
    rework = encode(entry.rework) if entry.rework else b""
    blobs = b"".join(_blobs(entry.data))
    return key, owner, run, digest, rework, blobs, entry.data, crc(key, digest, rework, blobs, entry.data)


def _step(run: str, entry: Entry, now: float) -> tuple[Any, ...]:
    step = entry.step
    if entry.reason:
        state = "waiting" if entry.is_retryable else "failed"
    else:
        state = "provisional" if entry.provisional else "done"
    reason = entry.reason or entry.provisional
    return run, step.role, step.item, entry.round, _raw(entry.key), state, entry.parts, reason, entry.code, now


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
