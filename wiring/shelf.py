"""An output folder with its journal and its blobs: opened, looked after, and closed again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from agents.services.folder_blobs import FolderBlobs
from agents.services.gcs_takeback import TakeBack
from agents.services.publishing import OutFolder
from monitor import logfile
from swarm import SwarmError
from swarm.agent import RunsBlocking
from swarm.store import damage, undo
from swarm.store.journal import SqliteJournal
from swarm.store.lease import BEAT_S
from swarm.store.ledger import SqliteLedger
from swarm.store.prune import Pruned, prune
from swarm.store.runs import Runs
from swarm.store.schema import connect
from swarm.store.writer import Writer
from wiring.sources import bucket_threads

P = ParamSpec("P")
T = TypeVar("T")

JOURNAL = "journal.db"
_DAY_S = 86_400.0
TAKE_BACK = "take-back-object"
"""The promise to take back what was done to an object of a bucket."""


@dataclass(slots=True)
class Shelf:
    """The store of an output folder. `on_fault` is told when the journal fails, or loses a run to another process."""

    out: OutFolder
    writer: Writer
    runs: Runs
    journal: SqliteJournal
    on_fault: Callable[[SwarmError], None] = field(default=lambda _error: None)

    def blobs(self, run_blocking: RunsBlocking) -> FolderBlobs:
        """The pictures of the store, read and written in these threads."""
        return FolderBlobs(self.out.blobs, run_blocking)

    def ledger(self, run: str) -> SqliteLedger:
        """What a run that is in hand has paid for."""
        return SqliteLedger(self.writer, self.runs, run)

    def take_back(self, run: str) -> list[str]:
        """Undo what a run has put into the world, and give why some of it could not be undone."""
        with TakeBack(self.out.store, bucket_threads) as take_back:
            faults = undo.take_back(self.writer, run, {"remove-work": self._remove_work, TAKE_BACK: take_back})
        if not faults:
            self.out.remove_kept(run)
        return faults

    def settle(self, run: str) -> None:
        """What a run has put into the world stays there."""
        undo.forget(self.writer, run)
        self.out.remove_work(run)
        self.out.remove_kept(run)

    def prune(self, keep_days: float) -> Pruned:
        """Remove what no run of the last days needs."""
        blobs = FolderBlobs(self.out.blobs, no_threads)
        gone = prune(self.writer, time.time() - keep_days * _DAY_S, blobs.all(), blobs.remove)
        for run in gone.runs:
            logfile.remove(self.out.log(run))
        return gone

    def _remove_work(self, run: str) -> None:
        self.out.remove_work(run)


async def no_threads(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """For a store that is only looked through, which blocks anyway."""
    return function(*args, **kwargs)


@contextmanager
def opened_shelf(
    out: OutFolder, *, synchronous: str = "full", is_thorough: bool = False, say: Callable[[str], None]
) -> Iterator[Shelf]:
    """Open the store of an output folder, after what an earlier process left undone is done.

    A damaged journal is kept aside, and what can be read of it goes into a new one; `say` is told so. Raises
    JournalTooNew, JournalError, OutputError.
    """
    path = out.store / JOURNAL
    _mend(out, say, is_thorough=is_thorough)
    shelf = _open(out, synchronous)
    try:
        is_any_dead = bool(shelf.runs.bury_dead(shelf.writer))
        if is_any_dead and not is_thorough and (cause := damage.examine(path, is_thorough=True)):
            shelf.writer.close()
            say(str(damage.salvage(path, cause)))
            shelf = _open(out, synchronous)
        for run in undo.due(shelf.writer):
            for fault in shelf.take_back(run):
                say(fault)
        held = {row.id for row in shelf.runs.all(shelf.writer) if row.state == "running"}
        out.recover(is_held=held.__contains__)
        yield shelf
    finally:
        shelf.writer.close()


def _mend(out: OutFolder, say: Callable[[str], None], *, is_thorough: bool) -> None:
    path = out.store / JOURNAL
    if cause := damage.examine(path, is_thorough=is_thorough):
        say(str(damage.salvage(path, cause)))


def _open(out: OutFolder, synchronous: str) -> Shelf:
    path = out.store / JOURNAL
    runs = Runs()
    writer = Writer(
        partial(connect, path, synchronous=synchronous.upper()),
        name=str(path),
        on_fault=lambda error: shelf.on_fault(error),
        tick=runs.beat,
        tick_s=BEAT_S,
        on_busy=runs.busy,
    )
    blobs = FolderBlobs(out.blobs, no_threads)
    shelf = Shelf(out, writer, runs, SqliteJournal(writer, runs, has_blob=blobs.has_digest))
    writer.open()
    return shelf
