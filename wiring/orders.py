"""Books made on order by a server: one at a time, of the sample only, by the agents that are there."""

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path

from loguru import logger

from agents.services.publishing import OutFolder
from monitor import WorkflowMonitor
from monitor.page.views import Ordered
from registry import AgentRegistry, ThreadPool
from swarm import SwarmError
from wiring.endings import Ending, failed, sentence
from wiring.job import Job, configuration, listed, new_job, opened
from wiring.logs import run_logs
from wiring.shelf import Shelf, opened_shelf
from wiring.sources import FolderSource, Source
from wiring.work import attach, closed, make, prepare, publish


class Orders:
    """Takes orders one after the other. `arguments` hold the flags of the server, `out` is where books go."""

    def __init__(
        self,
        arguments: Namespace,
        out: OutFolder,
        registry: AgentRegistry,
        threads: ThreadPool,
        monitor: WorkflowMonitor,
    ) -> None:
        self.was_interrupted = False
        self._arguments = arguments
        self._out = out
        self._registry = registry
        self._threads = threads
        self._monitor = monitor
        self._task: asyncio.Task[None] | None = None
        self._job: Job | None = None
        self._is_stopped = False

    def journal_fault(self) -> SwarmError | None:
        """What is wrong with the journal of the book in hand."""
        return self._job.shelf.writer.fault if self._job else None

    def sample_from(self, source: Path) -> Callable[[], Awaitable[Ordered]]:
        """What begins the book of `source`."""

        async def order() -> Ordered:
            if self._is_stopped:
                return Ordered("", "the server is being stopped")
            if self._task is not None and not self._task.done():
                return Ordered("", "a book is being made already: wait for it")
            begun: asyncio.Future[Ordered] = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._fill(FolderSource(source), begun), name="order")
            return await asyncio.shield(begun)

        return order

    def stop(self, cause: str, drain_s: float) -> None:
        """Take no more orders, and stop the book in hand in good order."""
        self._is_stopped = True
        if self._job is not None:
            self._job.brake.pull(cause, drain_s=drain_s)

    async def ended(self) -> None:
        """Wait for the book in hand."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _fill(self, source: Source, begun: asyncio.Future[Ordered]) -> None:
        """Make one book. Whatever goes wrong is the run's, and not the server's."""
        try:
            settings = configuration(self._arguments, source).settings
            shelves = opened_shelf(self._out, synchronous=settings.durability, say=_tell)
            shelf = await asyncio.to_thread(shelves.__enter__)
        except Exception as error:
            begun.set_result(Ordered("", sentence(error)))
            return
        try:
            self._job = await asyncio.to_thread(self._begun, shelf, source)
            begun.set_result(Ordered(self._job.run))
            ending = await self._made(self._job)
            self.was_interrupted = ending.status == "interrupted"
        except Exception as error:
            if not begun.done():
                begun.set_result(Ordered("", sentence(error)))
            logger.opt(exception=error).warning("order_failed")
        finally:
            self._job = None
            await asyncio.to_thread(shelves.__exit__, None, None, None)

    def _begun(self, shelf: Shelf, source: Source) -> Job:
        settings = configuration(self._arguments, source).settings
        storage = listed(settings, source)
        self._out.prepare(source=source.folder, source_bytes=sum(picture.size_bytes for picture in storage.pictures))
        job = new_job(shelf, settings, source, storage, self._arguments, opened(settings))
        job.monitor = self._monitor
        if self._is_stopped:
            job.brake.pull("the server is being stopped")
        prepare(job)
        return job

    async def _made(self, job: Job) -> Ending:
        attach(job)
        try:
            with run_logs(job):
                made = await make(job, self._registry, self._threads)
                ending = made if isinstance(made, Ending) else await publish(job, made)
        except Exception as error:
            logger.opt(exception=error).warning("order_failed")
            ending = failed(error, run=job.run)
        return await asyncio.to_thread(closed, job, ending)


def _tell(text: str) -> None:
    logger.bind(told=text).warning("journal_mended")
