"""What no run needs any more: old runs, the results that only they used, the blobs that no result points to."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from swarm.store.journal import split_blobs
from swarm.store.writer import Writer

NO_RUN = 0
"""The run of a result whose own run is forgotten, but which another one uses."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed: the runs by their ids, and how much else."""

    runs: tuple[str, ...]
    results: int
    blobs: int
    size_bytes: int


def prune(
    writer: Writer,
    before: float,
    blobs: Iterable[tuple[str, int, float]],
    remove_blob: Callable[[str], None],
) -> Pruned:
    """Remove the runs that ended before this time (seconds since 1970) and what only they needed.

    `blobs` are all blobs as digest, size in bytes and when they were written; those that a run at work may be writing
    are left alone, and so is every run that can be resumed and is not older.
    """

    def rows(connection: sqlite3.Connection) -> tuple[tuple[str, ...], int, set[str], float]:
        old = "SELECT number FROM runs WHERE state != 'running' AND ended > 0 AND ended < ?"
        used = f"SELECT hash FROM steps WHERE state = 'reused' AND run NOT IN ({old})"
        _prune_calls(connection, old, before)
        for table in ("roles", "setbacks", "starts"):
            connection.execute(f"DELETE FROM {table} WHERE run IN ({old})", (before,))
        results = connection.execute(
            f"DELETE FROM steps WHERE (run = {NO_RUN} OR run IN ({old})) AND (state != 'done' OR hash NOT IN ({used}))",
            (before, before),
        ).rowcount
        connection.execute(f"UPDATE steps SET run = {NO_RUN} WHERE run IN ({old})", (before,))
        runs = tuple(id_ for (id_,) in connection.execute(f"SELECT id FROM runs WHERE number IN ({old})", (before,)))
        connection.execute(f"DELETE FROM runs WHERE number IN ({old})", (before,))
        held = connection.execute("SELECT blobs FROM steps WHERE blobs != x''")
        needed = {digest.hex() for (found,) in held for digest in split_blobs(found)}
        at_work = connection.execute("SELECT min(began) FROM runs WHERE state = 'running'").fetchone()[0]
        return runs, results, needed, float("inf") if at_work is None else at_work

    runs, results, needed, at_work = writer.call(rows)
    removed = size_bytes = 0
    for digest, size, written in blobs:
        if digest not in needed and written < at_work:
            remove_blob(digest)
            removed += 1
            size_bytes += size
    writer.call(_shrink, is_write=False)
    return Pruned(runs, results, removed, size_bytes)


def _prune_calls(connection: sqlite3.Connection, old: str, before: float) -> None:
    """Remove the calls of old runs, but for the answers that another run was given."""
    given = f"SELECT digest FROM calls WHERE outcome = 'reused' AND run NOT IN ({old})"
    gone = f"run = {NO_RUN} OR run IN ({old})"
    connection.execute(
        f"DELETE FROM calls WHERE ({gone}) AND (outcome != 'ok' OR digest NOT IN ({given}))", (before, before)
    )
    connection.execute(f"UPDATE calls SET run = {NO_RUN} WHERE run IN ({old})", (before,))


def _shrink(connection: sqlite3.Connection) -> None:
    """Give the room back to the disk."""
    with suppress(sqlite3.OperationalError):  # another process uses the file: the room is used again anyway
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
