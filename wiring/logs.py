"""The log of a run: where it goes while the run is made, and how it is read again."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from loguru import logger

from agents.services.errors import OutputError
from monitor import configured_logs, logfile, run_context
from monitor.lines import told
from monitor.logs import StreamSink
from monitor.text import redacted
from swarm.store.runs import RunRow
from wiring.job import Job
from wiring.shelf import Shelf

LEVELS = ("debug", "info", "warning", "error")
_PAUSE_S = 0.25


@contextmanager
def run_logs(job: Job) -> Iterator[StreamSink]:
    """Where the log lines of a job go: to stderr, and to a file that stays when the run fails."""
    log = job.shelf.out.log(job.run)
    with suppress(OSError):  # it is said where the file is opened
        log.parent.mkdir(exist_ok=True)
    with (
        run_context(run=job.run, operation=job.operation),
        configured_logs(
            level="DEBUG" if job.is_debugged else "WARNING",
            form=job.settings.log_form,
            file=log,
            file_level="DEBUG" if job.is_debugged else "INFO",
            is_quiet=job.is_quiet,
            redact=job.redact,
        ) as sink,
    ):
        yield sink


def log_beginning(job: Job) -> None:
    """Say in the log what the pictures come from."""
    settings = job.settings
    places = {"input_prefix": settings.input_prefix, "output_prefix": settings.output_prefix}
    source = urlsplit(job.request.source)
    if source.scheme == "gs":
        places["bucket"] = source.netloc
    logger.bind(source=job.request.source, **places, pictures=len(job.storage.pictures)).info("ingestion_started")


@dataclass(frozen=True, slots=True)
class LogView:
    """What is shown of a log: of all lines or of one role's, from a level up, for people or as it is."""

    role: str | None = None
    level: str = LEVELS[0]
    is_json: bool = False
    is_coloured: bool = False

    def shown(self, text: bytes) -> str | None:
        """A line as it is shown; None when it is not, or was not written by us."""
        line = _parsed(text)
        if line is None or (self.role is not None and line.get("role") != self.role):
            return None
        if _rank(str(line.get("level"))) < _rank(self.level):
            return None
        return text.decode("ascii", "replace") if self.is_json else _for_people(line, is_coloured=self.is_coloured)


def log_lines(shelf: Shelf, row: RunRow, view: LogView, *, is_followed: bool) -> Iterator[str]:
    """The lines of a run's log, also of one that failed; with `is_followed` until the run is no longer at work.

    Raises OutputError when there is no log.
    """
    path = shelf.out.log(row.id)
    if not path.exists() and not (is_followed and row.state == "running"):
        path = shelf.out.root / row.place / "run.log.jsonl"  # a book keeps its own
        if not row.place or not path.exists():
            raise OutputError(f"run {row.id} has no log: it wrote none, or it was removed")

    def is_over() -> bool:
        return shelf.runs.one(shelf.writer, row.id).state != "running"

    found = logfile.follow(path, is_over=is_over, pause=lambda: time.sleep(_PAUSE_S))
    for text in found if is_followed else logfile.lines(path):
        shown = view.shown(text)
        if shown is not None:
            yield shown


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _rank(level: str) -> int:
    return LEVELS.index(level.lower()) if level.lower() in LEVELS else len(LEVELS)


def _for_people(line: dict[str, Any], *, is_coloured: bool) -> str:
    fields = {key: value for key, value in line.items() if key not in ("time", "level", "event")}
    try:
        at = datetime.fromisoformat(str(line.get("time"))).astimezone()
    except ValueError:
        at = datetime.fromtimestamp(0, UTC)
    level = str(line.get("level", ""))
    return told(at, level, line.get("event", ""), fields, redacted, is_coloured=is_coloured)
