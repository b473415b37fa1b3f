"""The thread that owns the journal's file: it does what waits, commits it as one group, and then answers.

Reads of a group are done before its writes, so that nobody sees what is not yet durable. After a fault nothing is done
any more: no answer is given, whoever opened the journal is told why, once.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from swarm.errors import JournalDamaged, JournalError, SwarmError
from swarm.failpoints import failpoint

T = TypeVar("T")
Work: TypeAlias = Callable[[sqlite3.Connection], T]

UNANSWERED = object()
"""What work gives that nobody is to be answered for."""

_MOST_IN_A_GROUP = 512


class _Job(Struct):
    work: Work[Any]
    is_write: bool
    then: Callable[[Any], None] | None = None
    future: Future[Any] | None = None


class Asked(Protocol):
    """A journal that answers: the writer's, or one that is only looked at."""

    def call(self, work: Work[T], *, is_write: bool = True) -> T:
        """Do `work` and wait for it, blocking. Raises JournalError and what the work raises of the swarm's errors."""
        ...


class Writer:
    """Jobs on one connection. `on_fault` is called on the loop; `tick` is done every `tick_s` seconds; `on_busy` says
    in words which other process keeps the file locked, and may still read it.

    `on_commit` may be set to what takes, on the loop, the seconds of each transaction (by `clock`).
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        *,
        name: str,
        on_fault: Callable[[SwarmError], None] = lambda _error: None,
        tick: Work[None] | None = None,
        tick_s: float = 1.0,
        on_busy: Work[SwarmError] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.on_commit: Callable[[float], None] | None = None
        self._connect = connect
        self._name = name
        self._on_fault = on_fault
        self._tick = tick
        self._tick_s = tick_s
        self._tick_at = clock() + tick_s
        self._on_busy = on_busy
        self._clock = clock
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fault: SwarmError | None = None
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._serve, name="journal", daemon=True)

    @property
    def fault(self) -> SwarmError | None:
        """Why nothing is done any more, if so."""
        return self._fault

    def open(self) -> None:
        """Start the thread, and wait until it has opened the file. Raises what that raises."""
        self._thread.start()
        try:
            self._opened.result()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give answers on this loop from now on."""
        self._loop = loop

    def read(self, work: Work[T], then: Callable[[T], None]) -> None:
        """Do `work` soon, and call `then` with what it gives on the loop."""
        self._jobs.put(_Job(work, False, then))

    def write(self, work: Work[T], then: Callable[[T], None] | None = None) -> None:
        """The same for work that changes the file: `then` is called when it is durable."""
        self._jobs.put(_Job(work, True, then))

    def call(self, work: Work[T], *, is_write: bool = True) -> T:
        """Do `work` and wait for it, blocking. Raises JournalError and what the work raises of the swarm's errors."""
        future: Future[T] = Future()
        self._jobs.put(_Job(work, is_write, None, future))
        return future.result()

    async def ask(self, work: Work[T], *, is_write: bool = True) -> T:
        """The same without blocking the loop."""
        future: Future[T] = Future()
        self._jobs.put(_Job(work, is_write, None, future))
        return await asyncio.wrap_future(future)

    def tell(self, error: SwarmError) -> None:
        """Call `on_fault`, from the thread, for what ends a run but not the journal."""
        self._on_loop(self._on_fault, error)

    def close(self) -> None:
        """Do what waits, and end."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()

    def _serve(self) -> None:
        try:
            connection = self._connect()
        except BaseException as error:  # handed to whoever opens
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        try:
            while self._do_next(connection):
                pass
        finally:
            with suppress(sqlite3.Error):
                connection.close()

    def _do_next(self, connection: sqlite3.Connection) -> bool:
        group, is_last = self._wait()
        if self._fault is None:
            try:
                self._do(connection, group)
            except Exception as error:  # whatever it is, nobody may wait for ever
                with suppress(sqlite3.Error):
                    connection.rollback()
                self._fail(self._busy(connection, error) or self._error(error))
        if self._fault is not None:
            _refuse(group, self._fault)
        return not is_last

    def _wait(self) -> tuple[list[_Job], bool]:
        """All that waits, with a tick when it is time, however much there is to do; and whether that is the last."""
        group, is_last = self._waiting()
        if self._tick is not None and self._clock() >= self._tick_at:
            group.append(_Job(self._tick, True))
            self._tick_at = self._clock() + self._tick_s
        return group, is_last

    def _waiting(self) -> tuple[list[_Job], bool]:
        """All that waits; nothing when it is time for a tick."""
        group: list[_Job] = []
        try:
            job = self._jobs.get(timeout=max(0.0, self._tick_at - self._clock()) if self._tick else None)
            while job is not None:
                group.append(job)
                if len(group) == _MOST_IN_A_GROUP:
                    return group, False
                job = self._jobs.get_nowait()
        except Empty:
            return group, False
        return group, True

    def _do(self, connection: sqlite3.Connection, group: list[_Job]) -> None:
        self._answer([(job, _done(job, connection)) for job in group if not job.is_write])
        writes = [job for job in group if job.is_write]
        if not writes:
            return
        began_at = self._clock()
        connection.execute("BEGIN IMMEDIATE")
        results = [(job, _done(job, connection)) for job in writes]
        failpoint("journal.before_commit")
        connection.execute("COMMIT")
        seconds = self._clock() - began_at
        failpoint("journal.after_commit")
        self._answer(results, seconds)

    def _answer(self, results: list[tuple[_Job, Any]], seconds: float | None = None) -> None:
        calls = [(job.then, result) for job, result in results if job.then is not None and result is not UNANSWERED]
        if self.on_commit is not None and seconds is not None:
            calls.append((self.on_commit, seconds))
        if calls:
            self._on_loop(_call_all, calls)
        for job, result in results:
            if job.future is not None:
                _resolve(job.future, result)

    def _fail(self, error: SwarmError) -> None:
        self._fault = error
        self._on_loop(self._on_fault, error)

    def _on_loop(self, call: Callable[..., None], argument: object) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has closed: nobody waits any more
                self._loop.call_soon_threadsafe(call, argument)

    def _busy(self, connection: sqlite3.Connection, error: Exception) -> SwarmError | None:
        if self._on_busy is None or not _name(error).startswith("SQLITE_BUSY"):
            return None
        with suppress(sqlite3.Error):
            return self._on_busy(connection)
        return None

    def _error(self, error: Exception) -> SwarmError:
        if isinstance(error, SwarmError):
            return error
        said = f"the journal {self._name} cannot be used: {error}"
        if _name(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return JournalDamaged(said)
        return JournalError(f"{said}; make room or mend the disk, and resume the run", retryable=True)


def _name(error: Exception) -> str:
    """SQLite's name for an error, empty for all others."""
    return getattr(error, "sqlite_errorname", "")


def _done(job: _Job, connection: sqlite3.Connection) -> Any:
    """What a job gives; for one that is waited for, also what it refuses: its error."""
    try:
        return job.work(connection)
    except SwarmError as error:
        if job.future is None or isinstance(error, JournalError):
            raise
        return error


def _resolve(future: Future[Any], result: object) -> None:
    if future.set_running_or_notify_cancel():
        if isinstance(result, SwarmError):
            future.set_exception(result)
        else:
            future.set_result(result)


def _refuse(group: Iterable[_Job], error: SwarmError) -> None:
    for job in group:
        if job.future is not None and not job.future.done():
            _resolve(job.future, error)


def _call_all(calls: list[tuple[Callable[[Any], None], Any]]) -> None:
    for then, result in calls:
        then(result)
