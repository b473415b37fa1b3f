"""Looking at a journal that other processes write: it is never changed, and nobody waits for who looks."""

import sqlite3
import threading
from pathlib import Path
from typing import TypeVar

from swarm.errors import JournalError, JournalTooNew
from swarm.store.schema import SCHEMA
from swarm.store.writer import Work

T = TypeVar("T")

_BUSY_S = 1.0


class Reader:
    """The journal at `path` as it stands, whoever writes it; also while there is none yet, or when another takes its
    place. Blocking, and safe in any thread: one looks at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0

    @property
    def is_there(self) -> bool:
        """Whether there is a journal."""
        return self._path.is_file()

    def call(self, work: Work[T], *, is_write: bool = False) -> T:
        """Do `work`, all of it on one state of the journal. Raises JournalError, and what the work raises of the
        swarm's errors."""
        if is_write:
            raise JournalError(f"the journal {self._path} is only looked at here")
        with self._lock:
            try:
                connection = self._opened()
                connection.execute("BEGIN")
                try:
                    return work(connection)
                finally:
                    connection.execute("ROLLBACK")
            except (sqlite3.Error, OSError) as error:
                self._let_go()
                raise JournalError(f"the journal {self._path} cannot be read: {error}", retryable=True) from error

    def version(self) -> tuple[int, int]:
        """Another one than before as soon as anybody has written; (0, 0) while there is no journal."""
        with self._lock:
            try:
                connection = self._opened()
                return self._inode, int(connection.execute("PRAGMA data_version").fetchone()[0])
            except (sqlite3.Error, OSError):
                self._let_go()
                return 0, 0

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def _opened(self) -> sqlite3.Connection:
        inode = self._path.stat().st_ino
        if self._connection is None or inode != self._inode:
            self._let_go()
            address = f"{self._path.absolute().as_uri()}?mode=rw"  # never made, and no half of it is left behind
            self._connection = sqlite3.connect(
                address, uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._inode = inode
            self._connection.execute("PRAGMA query_only = ON")
            if self._connection.execute("PRAGMA user_version").fetchone()[0] > SCHEMA:
                raise JournalTooNew(f"the journal {self._path} was written by a newer version of the program")
        return self._connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
