"""The tables of the journal, and how its file is opened.

Rows that cannot be checked against a digest of their own bear a CRC-32 of what they say, so that a flipped bit is
found where it is read.
"""

import shutil
import sqlite3
import tempfile
import time
import zlib
from contextlib import closing, suppress
from pathlib import Path

from swarm.errors import JournalTooNew

SCHEMA = 2
SINCE = {"calls": 2}
"""The version of the schema that brought a table, for those that were not there from the first."""
SYNCHRONOUS = ("FULL", "NORMAL")
_BUSY_S = 10.0
_MAKING = "making-"

_CALLS = """
CREATE TABLE calls(
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, role TEXT NOT NULL, service TEXT NOT NULL, model TEXT NOT NULL,
    digest BLOB NOT NULL, outcome TEXT NOT NULL, tokens BLOB NOT NULL, cost INTEGER NOT NULL, unsure INTEGER NOT NULL,
    answer BLOB NOT NULL, at REAL NOT NULL, crc INTEGER NOT NULL
);
CREATE INDEX calls_found ON calls(digest) WHERE outcome = 'ok';
CREATE INDEX calls_run ON calls(run);
"""
TABLES = f"""
CREATE TABLE runs(
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source_id TEXT NOT NULL, state TEXT NOT NULL,
    request BLOB NOT NULL, is_fresh INTEGER NOT NULL, began REAL NOT NULL, ended REAL NOT NULL, reason TEXT NOT NULL,
    code TEXT NOT NULL, place TEXT NOT NULL, summary BLOB NOT NULL, epoch INTEGER NOT NULL, holder BLOB NOT NULL,
    beat BLOB NOT NULL, after INTEGER NOT NULL
);
CREATE TABLE steps(
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, hash INTEGER NOT NULL, key BLOB NOT NULL, role TEXT NOT NULL,
    item TEXT NOT NULL, round INTEGER NOT NULL, state TEXT NOT NULL, owner INTEGER NOT NULL, at REAL NOT NULL,
    reason TEXT NOT NULL, code TEXT NOT NULL, digest BLOB NOT NULL, rework BLOB NOT NULL, blobs BLOB NOT NULL,
    parts BLOB NOT NULL, data BLOB NOT NULL, crc INTEGER NOT NULL
);
CREATE INDEX steps_found ON steps(hash) WHERE state = 'done';
CREATE TABLE roles(
    run INTEGER NOT NULL, role TEXT NOT NULL, steps INTEGER NOT NULL, parts BLOB NOT NULL, PRIMARY KEY(run, role)
) WITHOUT ROWID;
CREATE TABLE starts(
    run INTEGER NOT NULL, key BLOB NOT NULL, role TEXT NOT NULL, item TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY(run, key)
) WITHOUT ROWID;
CREATE TABLE setbacks(
    run INTEGER NOT NULL, key BLOB NOT NULL, role TEXT NOT NULL, item TEXT NOT NULL, how TEXT NOT NULL,
    cause TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX setbacks_run ON setbacks(run);
CREATE TABLE undos(
    id INTEGER PRIMARY KEY, run TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL
);
{_CALLS}"""
"""`steps` only ever grows at its end, and is looked up by the first 8 bytes of the key: a random key in an index of its
own would dirty a page for each step. The steps of a run stand `after` the last one that was there when it began.
`calls` are requests that cost money, `cost` and `unsure` in millionths of a US dollar."""

OF_RUN = "run = :run AND id > (SELECT after FROM runs WHERE number = :run)"
"""Which steps are those of a run."""


def connect(path: Path, *, synchronous: str = "FULL") -> sqlite3.Connection:
    """Open the journal for the thread that calls, and make it if it is not there.

    Raises JournalTooNew for the file of a newer version, sqlite3.Error when it cannot be used.
    """
    if path.exists():
        _sweep(path.parent)
    else:
        _make(path)
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S, cached_statements=64)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA:
            raise JournalTooNew(
                f"the journal {path} was written by a newer version of the program: use that one, or another --out"
            )
        if version < SCHEMA:
            _migrate(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA cell_size_check = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the file of an older version up to this one, whole or not at all; another process may have done so."""
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA:
        for statement in filter(str.strip, _CALLS.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.execute("COMMIT")


def _make(path: Path) -> None:
    """Make the file whole and give it its name, so that none is ever seen half made, and none is replaced that another
    process has made meanwhile."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=_MAKING) as folder:
        part = Path(folder, path.name)
        with closing(sqlite3.connect(part, isolation_level=None)) as connection:
            connection.executescript(f"{TABLES} PRAGMA user_version = {SCHEMA};")
        with suppress(FileExistsError):
            path.hardlink_to(part)


def _sweep(store: Path) -> None:
    """Remove what processes left that died while they made a journal."""
    for left in store.glob(f"{_MAKING}*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _BUSY_S:
                shutil.rmtree(left, ignore_errors=True)


def crc(*parts: bytes) -> int:
    """CRC-32 of these bytes, one after the other."""
    return zlib.crc32(b"".join(parts))


def key_hash(key: bytes) -> int:
    """The first 8 bytes of a key as SQLite takes an integer."""
    return int.from_bytes(key[:8], "little", signed=True)
