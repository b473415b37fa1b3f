"""What is wrong with the journal's file, and what can be saved of it.

SQLite notices a broken page when it comes to it, and drops what follows a broken frame of the write-ahead log without
a word; it takes an empty file for a new database. So the file is looked at before it is used. What is damaged is kept
aside, and every row that can still be read and agrees with its checksum goes into a new journal.
"""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swarm.errors import JournalError
from swarm.failpoints import failpoint
from swarm.store.schema import SCHEMA, SINCE, connect, crc

_MAGIC = b"SQLite format 3\0"
_WAL_HEADER = 32
_FRAME_HEADER = 24
_TABLES = ("runs", "steps", "roles", "starts", "setbacks", "undos", "calls")
_CHECKED = ("steps", "calls")
"""The tables whose rows end in a checksum."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """What was done about a damaged journal: where the damaged one lies, and how many rows of each table were saved
    of how many that were seen."""

    cause: str
    kept_as: Path
    saved: dict[str, int]
    lost: dict[str, int]

    def __str__(self) -> str:
        saved = f"{sum(self.saved.values())} rows were saved"
        named = ", ".join(f"{count} of {table}" for table, count in self.lost.items() if count)
        lost = f", {named} could not be read" if named else ""
        return f"the journal was damaged ({self.cause}): {saved}{lost}; the damaged one is kept as {self.kept_as}"


def examine(path: Path, *, is_thorough: bool) -> str:
    """What is wrong with the journal, naming the page or table; empty if nothing is or there is no journal.

    Costs a few reads, and if `is_thorough` a walk through the whole file.
    """
    if not path.exists():
        if _log(path).exists():
            return "the file is gone, and only its log is there"
        return "its salvage was broken off" if _asides(path) else ""
    if path.stat().st_size == 0:
        return "the file is empty"
    with path.open("rb") as file:
        if file.read(16) != _MAGIC:
            return "page 1 is not that of a journal"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None, timeout=10)) as connection:
            return _faults(connection, _log(path), is_thorough=is_thorough)
    except sqlite3.DatabaseError as error:
        return str(error) if _is_damage(error) else ""  # a full disk and the like are said when it is used


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is not what was written; else it is only in use, or the disk is full, gone or failing."""
    name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")  # without one: a text that is none
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or name == "SQLITE_ERROR"


def _faults(connection: sqlite3.Connection, log: Path, *, is_thorough: bool) -> str:
    generation, written = _written_frames(log)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA:
        return ""  # said when it is opened
    is_busy, logged, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    is_same = _written_frames(log)[0] == generation  # else another process has begun it anew meanwhile
    if is_same and not is_busy and 0 <= logged < written:
        return f"the log is broken at frame {logged + 1} of {written}"
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if missing := [table for table in _TABLES if table not in names and SINCE.get(table, 1) <= version]:
        return f"the table {missing[0]} is missing"
    if is_thorough:
        said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            return " ".join(str(said).split())
        for table in names.intersection(_CHECKED):
            if lost := _damaged_rows(connection, table):
                return f"the table {table} holds {lost} rows that are not what was written"
    return ""


def _written_frames(log: Path) -> tuple[bytes, int]:
    """The newest generation of the write-ahead log, and how many frames it has up to its last commit; 0 without a log.

    A process that was killed leaves an unfinished commit at the end at most, which does not count.
    Source: the WAL format in the documentation of SQLite ("Database File Format", section 4).
    """
    try:
        data = log.read_bytes()
    except FileNotFoundError:
        return b"", 0
    if len(data) < _WAL_HEADER:
        return b"", 0
    page_size = struct.unpack_from(">I", data, 8)[0]
    salts = data[16:24]
    size = _FRAME_HEADER + page_size
    last = 0
    for number, start in enumerate(range(_WAL_HEADER, len(data) - size + 1, size)):
        if data[start + 8 : start + 16] == salts and struct.unpack_from(">I", data, start + 4)[0]:
            last = number + 1
    return salts, last


def salvage(path: Path, cause: str) -> Salvage:
    """Keep the damaged journal aside and make a new one of what can be read of it, which appears whole or not at all:
    when this is broken off, the next start finds no journal but a damaged one, and salvages that.

    Raises JournalError when that cannot be done now.
    """
    made = path.with_name(f"{path.name}.salvaged")
    try:
        aside = _set_aside(path)
        for part in _parts(made):
            part.unlink(missing_ok=True)
        saved, lost = _save(aside, made)
        failpoint("salvage.made")
        made.rename(path)
    except (OSError, sqlite3.Error) as error:
        said = f"the journal {path} is damaged ({cause}), and what can be read of it cannot be saved now: {error}"
        raise JournalError(f"{said}; make room or mend the disk, and run again", retryable=True) from error
    return Salvage(cause, aside, saved, lost)


def _set_aside(path: Path) -> Path:
    asides = _asides(path)
    if path.exists() or not asides or (_log(path).exists() and _log(asides[-1]).exists()):
        number = _number(asides[-1]) + 1 if asides else 1
        aside = path.with_name(f"{path.stem}-damaged-{number}{path.suffix}")
    else:
        aside = asides[-1]
    for part, goal in zip(_parts(path), _parts(aside), strict=True):
        if part.exists():
            part.rename(goal)
    return aside


def _parts(path: Path) -> tuple[Path, Path, Path]:
    """The files of a journal, in the order in which they are moved: one without its log would pass for a whole one."""
    return path, _log(path), path.with_name(f"{path.name}-shm")


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _save(aside: Path, made: Path) -> tuple[dict[str, int], dict[str, int]]:
    saved, lost = dict.fromkeys(_TABLES, 0), dict.fromkeys(_TABLES, 0)
    with closing(connect(made)) as new:
        new.execute("BEGIN")
        if aside.exists():
            with closing(sqlite3.connect(f"file:{aside}?mode=ro", uri=True)) as old:
                for table in filter(lambda table: not _is_newer(old, table), _TABLES):
                    saved[table], lost[table] = _copy(old, new, table)
        new.execute("COMMIT")
    return saved, lost


def _is_newer(connection: sqlite3.Connection, table: str) -> bool:
    """Whether a file is known to be older than a table."""
    try:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return version < SINCE.get(table, 1)
    except sqlite3.Error:
        return False


def _asides(path: Path) -> list[Path]:
    """The damaged journals that were kept aside, the oldest first."""
    found = path.parent.glob(f"{path.stem}-damaged-*{path.suffix}")
    return sorted(found, key=_number)


def _number(aside: Path) -> int:
    number = aside.stem.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> tuple[int, int]:
    saved = lost = 0
    for row in _rows(old, table):
        if row is None or not _is_whole(table, row):
            lost += 1
            continue
        try:
            new.execute(f"INSERT OR IGNORE INTO {table} VALUES({', '.join('?' * len(row))})", row)
            saved += 1
        except sqlite3.Error:
            if not new.in_transaction:  # the new file cannot be written
                raise
            lost += 1
    return saved, lost


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...] | None]:
    """The rows of a table as far as they can be read, from both ends; None for each place that cannot."""
    seen: set[tuple[Any, ...]] = set()
    order = {"runs": ("number", "id"), "steps": ("id", "run"), "setbacks": ("rowid", "run")}.get(table, ("1",))
    for column in order:
        for direction in ("", " DESC"):
            try:
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY {column}{direction}"):
                    if row not in seen:
                        seen.add(row)
                        yield row
            except sqlite3.Error:
                yield None
            else:
                return


def _damaged_rows(connection: sqlite3.Connection, table: str) -> int:
    """How many rows are not what was written."""
    return sum(not _is_whole(table, row) for row in connection.execute(f"SELECT * FROM {table}"))


def _is_whole(table: str, row: tuple[Any, ...]) -> bool:
    if table not in _CHECKED:
        return True
    *parts, check = (row[3], *row[12:]) if table == "steps" else (row[5], row[7], row[10], row[12])
    return all(isinstance(part, bytes) for part in parts) and crc(*parts) == check
