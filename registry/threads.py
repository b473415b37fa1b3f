"""A bounded pool of daemon threads for blocking work: a hung thread is given up and replaced, never waited for."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from registry.errors import NoThreadLeft

T = TypeVar("T")
P = ParamSpec("P")


class _Job:
    """A call on its way through a thread. The lock settles who is first: the thread's start or the giving up."""

    def __init__(self, call: Callable[[], Any], loop: asyncio.AbstractEventLoop, share: "ThreadShare") -> None:
        self.call = call
        self.share = share
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.lock = threading.Lock()
        self.is_running = False
        self.is_given_up = False


class ThreadPool:
    """`size` threads, and for each share at most `most_hung` more, in place of threads that hang in its work.

    A share is what one agent sees of the pool: an agent that leaves its threads hanging costs nobody else any. Threads
    are daemons: a hung one cannot hold up the end of the process.
    """

    def __init__(self, size: int, *, most_hung: int = 4, name: str = "blocking") -> None:
        self._size = size
        self._most_hung = most_hung
        self._name = name
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._hung = 0
        self._started = 0
        self._lock = threading.Lock()
        self._own = ThreadShare(self)

    @property
    def hung(self) -> int:
        """How many threads are in work that nobody waits for any more."""
        return self._hung

    def share(self) -> "ThreadShare":
        """Another share of the pool, with an account of its own of the threads that hang."""
        return ThreadShare(self)

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `ThreadShare.run`, for those without a share of their own."""
        return await self._own.run(function, *args, **kwargs)

    async def _run_for(self, share: "ThreadShare", call: Callable[[], T]) -> T:
        if share.hung > self._most_hung:
            raise NoThreadLeft(f"{share.hung} threads hang in blocking work, no more are started")
        if self._started < self._size:
            self._start_thread()
        job = _Job(call, asyncio.get_running_loop(), share)
        self._jobs.put(job)
        try:
            result: T = await job.future
        except asyncio.CancelledError:
            self._give_up(job)
            raise
        return result

    def close(self) -> None:
        """Let the idle threads end; those at work end after it."""
        with self._lock:
            started, self._started = self._started, 0
        for _ in range(started):
            self._jobs.put(None)

    def _start_thread(self) -> None:
        with self._lock:
            self._started += 1
            name = f"{self._name}-{self._started}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _give_up(self, job: _Job) -> None:
        with job.lock:
            job.is_given_up = True
            is_running = job.is_running
        if is_running:
            with self._lock:
                self._hung += 1
                job.share.hung += 1
                self._started -= 1

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            with job.lock:
                if job.is_given_up:
                    continue
                job.is_running = True
            self._run(job)
            with job.lock:
                job.is_running = False
                is_given_up = job.is_given_up
            if is_given_up:
                with self._lock:
                    self._hung -= 1
                    job.share.hung -= 1
                return

    def _run(self, job: _Job) -> None:
        try:
            result = job.call()
        except BaseException as error:  # handed to whoever waits, whatever it is
            answer = partial(_fail, job.future, error)
        else:
            answer = partial(_succeed, job.future, result)
        try:
            job.loop.call_soon_threadsafe(answer)
        except RuntimeError:  # the loop has closed: nobody waits any more
            return


class ThreadShare:
    """One agent's share of a pool; `hung` counts its threads in work that nobody waits for any more."""

    def __init__(self, pool: ThreadPool) -> None:
        self.hung = 0
        self._pool = pool

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a thread, in the caller's context, and wait for its result.

        Cancelling stops the waiting and frees the slot; the function itself goes on to its end in its thread.
        Raises NoThreadLeft when too many threads of this share hang, else what the function raises.
        """
        call = partial(contextvars.copy_context().run, function, *args, **kwargs)
        return await self._pool._run_for(self, call)  # noqa: SLF001  (two halves of one thing)


def _succeed(future: asyncio.Future[Any], result: object) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        if isinstance(error, StopIteration):  # a future cannot carry it
            error = RuntimeError("the function raised StopIteration")
        future.set_exception(error)
