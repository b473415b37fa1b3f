"""The runs of an output folder: what each was asked, who holds it, and how it ended."""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from swarm.errors import RunHeld, RunUnknown
from swarm.store.lease import STALE_S, Beat, Holder, age_s, beat_now, this_process
from swarm.store.schema import OF_RUN
from swarm.store.writer import Asked, Writer

RESUMABLE = ("interrupted", "failed", "partial")

_COLUMNS = (
    "number, id, source_id, state, request, is_fresh, began, ended, reason, code, place, summary, epoch, holder, beat"
)


class RunRow(msgspec.Struct, frozen=True):
    """A run as it stands. `state` is running, interrupted, failed, partial or complete; `request` and `summary` are
    the caller's own. Times are seconds since 1970, 0 for what has not happened; `silence_s` is for how long nothing
    was heard of who holds it."""

    number: int
    id: str
    source_id: str
    state: str
    request: bytes
    is_fresh: bool
    began: float
    ended: float
    reason: str
    code: str
    place: str
    summary: bytes
    holder: Holder
    silence_s: float


@dataclass(slots=True)
class Tenure:
    """A run in this process's hands. Belongs to the writer's thread.

    `failures` gives reason and code of the steps that stand failed, `setbacks` and `deaths` count tries in vain, all by
    key; `reused` are the keys whose results are of other runs, `places` the rows of results by digest.
    """

    run: str
    number: int
    epoch: int
    is_fresh: bool
    failures: dict[str, tuple[str, str]] = field(default_factory=dict)
    setbacks: dict[str, int] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    reused: set[str] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)


class Runs:
    """The runs in the journal, over its writer. A run that is held is heard of while its process is alive."""

    def __init__(self, holder: Holder | None = None, clock: Callable[[], float] = time.time) -> None:
        self._holder = holder or this_process()
        self._clock = clock
        self._tenures: dict[str, Tenure] = {}

    # in the writer's thread

    def beat(self, connection: sqlite3.Connection) -> None:
        """Be heard of, for all runs in hand."""
        for tenure in self._tenures.values():
            connection.execute(
                "UPDATE runs SET beat = ? WHERE id = ? AND epoch = ?", (self._beat(), tenure.run, tenure.epoch)
            )

    def tenure(self, run: str) -> Tenure | None:
        """The run in this process's hands, if it is."""
        return self._tenures.get(run)

    def is_ours(self, connection: sqlite3.Connection, tenure: Tenure) -> bool:
        """Whether no other process has taken the run."""
        row = connection.execute("SELECT epoch FROM runs WHERE id = ?", (tenure.run,)).fetchone()
        return row is not None and row[0] == tenure.epoch

    def taken(self, connection: sqlite3.Connection, run: str) -> RunHeld:
        """That another process has the run, in words."""
        row = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run,)).fetchone()
        by = f"by {_run_row(row, self._now()).holder}" if row else "out of the journal"
        return RunHeld(f"run {run} was taken over {by}: this process lets go of it")

    def busy(self, connection: sqlite3.Connection) -> RunHeld:
        """That another process keeps the journal to itself, in words: it may have been stopped as it wrote."""
        rows = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE state = 'running' ORDER BY number").fetchall()
        others = [row for row in (_run_row(row, self._now()) for row in rows) if row.id not in self._tenures]
        who = " or ".join(f"{row.holder} (heard of {row.silence_s:.0f} s ago)" for row in others)
        return RunHeld(
            f"{who or 'another process'} keeps the journal of this folder locked: wait for it, or end it, "
            "if it was stopped, and resume"
        )

    # through the writer

    def begin(self, writer: Writer, run: str, source_id: str, request: bytes, *, is_fresh: bool = False) -> None:
        """Make a new run, held by this process."""

        def put(connection: sqlite3.Connection) -> None:
            now = self._clock()
            last = connection.execute("SELECT max(id) FROM steps").fetchone()[0] or 0
            held = (1, self._held(), self._beat(), last)
            row = (None, run, source_id, "running", request, is_fresh, now, 0.0, "", "", "", b"", *held)
            number = connection.execute(f"INSERT INTO runs VALUES({', '.join('?' * len(row))})", row).lastrowid or 0
            self._take_hold(connection, Tenure(run, number, 1, is_fresh), source_id)

        writer.call(put)

    def take(self, writer: Writer, run: str, *, retry_failed: bool = False) -> RunRow:
        """Take hold of a run that is there, of a holder that is gone or was not heard of for long.

        With `retry_failed`, steps that stand failed or were set aside get another chance.
        Raises RunHeld, RunUnknown.
        """

        def hold(connection: sqlite3.Connection) -> RunRow:
            row = self._row(connection, run)
            self._refuse_if_held(row)
            epoch = connection.execute("SELECT epoch FROM runs WHERE id = ?", (run,)).fetchone()[0] + 1
            self._bury_starts(connection, row.number)
            if retry_failed:
                failed = f"DELETE FROM steps WHERE {OF_RUN} AND state = 'failed'"
                connection.execute(failed, {"run": row.number})
                connection.execute(
                    "DELETE FROM setbacks WHERE run IN (SELECT number FROM runs WHERE source_id = ?)", (row.source_id,)
                )
            connection.execute(
                "UPDATE runs SET state = 'running', ended = 0, epoch = ?, holder = ?, beat = ? WHERE id = ?",
                (epoch, self._held(), self._beat(), run),
            )
            self._take_hold(connection, Tenure(run, row.number, epoch, row.is_fresh), row.source_id)
            return row

        return writer.call(hold)

    def end(
        self,
        writer: Writer,
        run: str,
        state: str,
        *,
        reason: str = "",
        code: str = "",
        place: str = "",
        summary: bytes = b"",
    ) -> None:
        """Write down how a run ended, and let go of it; steps in hand were stopped in good order."""

        def put(connection: sqlite3.Connection) -> None:
            tenure = self._tenures.pop(run, None)
            if tenure is None or not self.is_ours(connection, tenure):
                return
            connection.execute("DELETE FROM starts WHERE run = ?", (tenure.number,))
            connection.execute(
                "UPDATE runs SET state = ?, ended = ?, reason = ?, code = ?, place = ?, summary = ? WHERE id = ?",
                (state, self._clock(), reason, code, place, summary, run),
            )

        writer.call(put)

    def bury_dead(self, writer: Writer) -> list[str]:
        """Write down the runs whose process is gone as interrupted, and give their ids: what they have done outside
        is to be taken back."""

        def put(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE state = 'running'").fetchall()
            dead = [row for row in (_run_row(row, self._now()) for row in rows) if row.id not in self._tenures]
            dead = [row for row in dead if _is_lost(row)]
            for row in dead:
                self._bury_starts(connection, row.number)
                connection.execute(
                    "UPDATE runs SET state = 'interrupted', epoch = epoch + 1, ended = ?, reason = ? WHERE id = ?",
                    (self._clock(), f"{row.holder} ended with the run in hand", row.id),
                )
            return [row.id for row in dead]

        return writer.call(put)

    def check(self, writer: Writer, run: str) -> None:
        """Raise RunHeld if another process has taken the run."""

        def look(connection: sqlite3.Connection) -> None:
            if not self.is_ours(connection, self._tenures[run]):
                raise self.taken(connection, run)

        writer.call(look, is_write=False)

    def all(self, writer: Asked) -> list[RunRow]:
        """All runs, the newest first; one whose holder is gone or was not heard of for long is interrupted."""

        def look(connection: sqlite3.Connection) -> list[RunRow]:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM runs ORDER BY began DESC, id DESC")
            return [self._as_it_stands(_run_row(row, self._now())) for row in rows]

        return writer.call(look, is_write=False)

    def one(self, writer: Asked, run: str) -> RunRow:
        """The run with this id, or the only one whose id begins so. Raises RunUnknown."""
        rows = [row for row in self.all(writer) if row.id == run] or [
            row for row in self.all(writer) if run and row.id.startswith(run)
        ]
        if len(rows) == 1:
            return rows[0]
        what = "is no run of this folder" if not rows else f"may be any of {len(rows)} runs"
        raise RunUnknown(f"{run!r} {what}: see `python main.py runs`")

    def newest_to_resume(self, writer: Writer) -> RunRow:
        """The newest run that can be resumed. Raises RunUnknown, or RunHeld for one that is at work."""
        rows = self.all(writer)
        for row in rows:
            if row.state in RESUMABLE:
                return row
        for row in rows:
            if row.state == "running":
                self._refuse_if_held(row)
        raise RunUnknown("there is no run to resume in this folder: see `python main.py runs`")

    # below

    def _row(self, connection: sqlite3.Connection, run: str) -> RunRow:
        row = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise RunUnknown(f"{run!r} is no run of this folder: see `python main.py runs`")
        return _run_row(row, self._now())

    def _refuse_if_held(self, row: RunRow) -> None:
        if row.state == "running" and not _is_lost(row):
            raise RunHeld(
                f"run {row.id} is in the hands of {row.holder}, heard of {row.silence_s:.0f} s ago: "
                "wait for it, or stop that process"
            )

    def _as_it_stands(self, row: RunRow) -> RunRow:
        if row.state == "running" and _is_lost(row):
            return msgspec.structs.replace(row, state="interrupted", reason=row.reason or f"{row.holder} ended")
        return row

    def _bury_starts(self, connection: sqlite3.Connection, number: int) -> None:
        """What was in hand when the process died is a death on the record of each step."""
        connection.execute(
            "INSERT INTO setbacks SELECT run, key, role, item, 'death', 'the program died', ? FROM starts "
            "WHERE run = ?",
            (self._clock(), number),
        )
        connection.execute("DELETE FROM starts WHERE run = ?", (number,))

    def _take_hold(self, connection: sqlite3.Connection, tenure: Tenure, source_id: str) -> None:
        number = {"run": tenure.number}
        failed = connection.execute(f"SELECT key, reason, code FROM steps WHERE {OF_RUN} AND state = 'failed'", number)
        tenure.failures = {key.hex(): (reason, code) for key, reason, code in failed}
        reused = connection.execute(f"SELECT key FROM steps WHERE {OF_RUN} AND state = 'reused'", number)
        tenure.reused = {key.hex() for (key,) in reused}
        tried = "SELECT key, count(*) FROM setbacks WHERE run = :run AND how != 'death' GROUP BY key"
        tenure.setbacks = {key.hex(): count for key, count in connection.execute(tried, number)}
        died = connection.execute(  # in runs of the same source: what killed one of them may kill this one
            "SELECT key, count(*) FROM setbacks WHERE how = 'death' AND run IN "
            "(SELECT number FROM runs WHERE source_id = ?) GROUP BY key",
            (source_id,),
        )
        tenure.deaths = {key.hex(): count for key, count in died}
        self._tenures[tenure.run] = tenure

    def _now(self) -> Beat:
        return beat_now(self._clock)

    def _held(self) -> bytes:
        return msgspec.json.encode(self._holder)

    def _beat(self) -> bytes:
        return msgspec.json.encode(self._now())


def _is_lost(row: RunRow) -> bool:
    return row.holder.is_gone or row.silence_s > STALE_S


def _run_row(row: tuple, now: Beat) -> RunRow:  # type: ignore[type-arg]  # a row of the columns above
    number, id_, source_id, state, request, is_fresh, began, ended, reason, code, place, summary, _, holder, beat = row
    return RunRow(
        number,
        id_,
        source_id,
        state,
        request,
        bool(is_fresh),
        began,
        ended,
        reason,
        code,
        place,
        summary,
        msgspec.json.decode(holder, type=Holder),
        age_s(msgspec.json.decode(beat, type=Beat), now),
    )
