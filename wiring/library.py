"""The runs of an output folder as the page shows them: read from the journal, whoever writes it, as plain data."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote

from agents.book.settings import Settings
from agents.services.errors import StoreError
from agents.services.folder_blobs import FolderBlobs
from agents.services.publishing import OutFolder
from monitor import MonitorError
from monitor.page.views import Document, Link, LogLine, RunCard, RunSheet
from monitor.text import shortened, visible
from swarm import Blob, Plan, SwarmError
from swarm.errors import RunBroken, RunUnknown
from swarm.store.history import progress
from swarm.store.reader import Reader
from swarm.store.runs import RunRow, Runs
from wiring.documents import listed_files, opened_document
from wiring.plan import plan
from wiring.runlog import log_lines
from wiring.shelf import JOURNAL, no_threads
from wiring.tally import Tally

T = TypeVar("T")

_MOST_TALLIES = 8
_MOST_PICTURES = 512
_LINKS = {"book.html": "Read", "book.pdf": "PDF", "book.epub": "E-book", "book-print.pdf": "For print"}


class OutLibrary:
    """What stands in one output folder. `whole` and `labels` say which stages there may be and how people call them."""

    def __init__(self, out: OutFolder, whole: Plan, labels: Mapping[str, str]) -> None:
        self._out = out
        self._plan = whole
        self._labels = labels
        self._reader = Reader(out.store / JOURNAL)
        self._runs = Runs()
        self._blobs = FolderBlobs(out.blobs, no_threads)
        self._tallies: dict[str, Tally] = {}
        self._lock = threading.Lock()
        self._jpeg = lru_cache(_MOST_PICTURES)(self._read_jpeg)
        self._cost = lru_cache(_MOST_PICTURES)(self._read_cost)

    def close(self) -> None:
        """Let go of the journal."""
        self._reader.close()

    def version(self) -> object:
        """Changes with every commit to the journal."""
        return self._reader.version()

    def runs(self) -> Sequence[RunCard]:
        """All runs, the newest first."""
        if not self._reader.is_there:
            return ()
        rows = _asked(lambda: self._runs.all(self._reader))
        return [self._card(row) for row in rows]

    def run(self, run: str) -> RunSheet | None:
        """One run by its whole id."""
        row = self._row(run)
        if row is None:
            return None
        with self._lock:
            tally = self._tally(row)
            _asked(lambda: tally.catch_up(self._reader, row.number))
            return tally.sheet(self._card(row), self._labels)

    def log(self, run: str, level: str, role: str, most: int) -> Sequence[LogLine]:
        """The newest lines of the log, of a run under way or of a finished book."""
        row = self._row(run)
        if row is None:
            return ()
        log = self._out.log(row.id)
        if row.place and not log.exists():
            log = self._out.root / row.place / "run.log.jsonl"
        return log_lines(log, level, role, most)

    def picture(self, run: str, digest: str) -> bytes | None:
        """The thumbnail of a picture of this run."""
        row = self._row(run)
        if row is None:
            return None
        with self._lock:
            tally = self._tally(row)
            if digest not in tally.thumbnails:
                _asked(lambda: tally.catch_up(self._reader, row.number))
            blob = tally.thumbnails.get(digest)
        return self._jpeg(blob) if blob else None

    def document(self, folder: str, path: str) -> Document | None:
        """A file of a book that a run of this folder has made."""
        if not self._reader.is_there:
            return None
        places = {row.place for row in _asked(lambda: self._runs.all(self._reader)) if row.place}
        return opened_document(self._out.root, folder, path) if folder in places else None

    def _row(self, run: str) -> RunRow | None:
        if not self._reader.is_there:
            return None
        with suppress(RunUnknown):
            row = _asked(lambda: self._runs.one(self._reader, run))
            return row if row.id == run else None
        return None

    def _tally(self, row: RunRow) -> Tally:
        """What is known of a run, the newest few kept."""
        tally = self._tallies.pop(row.id, None) or Tally(self._plan_of(row), f"/runs/{row.id}/pictures/")
        self._tallies[row.id] = tally
        while len(self._tallies) > _MOST_TALLIES:
            del self._tallies[next(iter(self._tallies))]
        return tally

    def _plan_of(self, row: RunRow) -> Plan:
        """The plan that the settings of a run make; the whole one where they are not understood."""
        with suppress(ValueError, KeyError, TypeError):
            return plan(Settings.model_validate(json.loads(row.request)["settings"]))
        return self._plan

    def _card(self, row: RunRow) -> RunCard:
        done = _asked(lambda: progress(self._reader, row.number))
        about: dict[str, Any] = json.loads(row.summary) if row.summary else {}
        asked = json.loads(row.request).get("settings", {})
        has = listed_files(self._out.root, row.place) if row.place else frozenset()
        base = f"/books/{quote(row.place)}/"
        links = [Link(name, base + path) for path, name in _LINKS.items() if path in has]
        return RunCard(
            run=row.id,
            title=_clean(str(about.get("title") or asked.get("title") or "A picture book")),
            state=row.state,
            began=row.began,
            ended=row.ended,
            done=sum(role.done + role.failed for role in done),
            steps=sum(role.steps for role in done),
            cost_usd=self._cost(row.place, row.id) if row.place else None,
            note=_note(about),
            reason=_clean(row.reason) if row.reason and row.state != "complete" else "",
            cover=f"{base}cover.jpg" if "cover.jpg" in has else "",
            links=(*links, Link("Report", f"{base}report.html")) if has else (),
        )

    def _read_cost(self, place: str, run: str) -> float | None:
        """What a finished run has paid, by its report."""
        with suppress(OSError, ValueError, TypeError, AttributeError):
            report = json.loads((self._out.root / place / "report.json").read_text("utf-8"))
            return float(sum(report.get("cost_usd_total", {}).values())) if report["run"] == run else None
        return None

    def _read_jpeg(self, blob: Blob) -> bytes | None:
        with suppress(StoreError, RunBroken):
            return self._blobs.read(blob)
        return None


def _asked(look: Callable[[], T]) -> T:
    try:
        return look()
    except RunUnknown:
        raise
    except SwarmError as error:
        raise MonitorError(str(error)) from error


def _note(about: Mapping[str, Any]) -> str:
    counts = {
        "left out": int(about.get("omitted", 0)),
        "on no page": int(about.get("unpaired", 0)),
        "to look at": int(about.get("flagged", 0)),
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _clean(text: str) -> str:
    return shortened(visible(text))
