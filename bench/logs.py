"""Our JSON log lines against the standard library's logging with a JSON formatter: the same fields into a file.

Time is that of the processor, so that other work on the machine does not count.
"""

import gc
import json
import logging
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from loguru import logger

from bench.table import Row
from monitor import Redactor, configured_logs

LINES = 20_000
REPEATS = 7
SECRET = "correct-horse-battery"


class _AsJson(logging.Formatter):
    """What one writes who wants JSON of the standard library: time, level, event, fields."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = record.__dict__["fields"]
        return json.dumps({"time": at, "level": record.levelname, "event": record.getMessage(), **fields})


def _fields(number: int) -> dict[str, object]:
    return {
        "run": "20260101-120000-abcdef",
        "step": f"write/p{number}",
        "role": "write",
        "page": f"p{number}",
        "round": 0,
        "attempt": 1,
        "duration_s": 0.0123,
        "outcome": "done",
    }


def _library_s(path: Path, fields: list[dict[str, object]]) -> float:
    log, handler = logging.getLogger("bench"), logging.FileHandler(path)
    log.propagate = False
    log.setLevel(logging.INFO)
    handler.setFormatter(_AsJson())
    log.addHandler(handler)
    seconds = _timed(lambda one: log.info("step_finished", extra={"fields": one}), fields)
    log.removeHandler(handler)
    handler.close()
    return seconds


def _ours_s(path: Path, fields: list[dict[str, object]]) -> float:
    with configured_logs(is_quiet=True, file=path, redact=Redactor([SECRET])):
        return _timed(lambda one: logger.bind(**one).info("step_finished"), fields)


def _timed(write: Callable[[dict[str, object]], object], fields: list[dict[str, object]]) -> float:
    gc.collect()
    began = time.process_time()
    for one in fields:
        write(one)
    return time.process_time() - began


def rows() -> list[Row]:
    """Lines a second over those of the standard library, redaction and context included."""
    fields = [_fields(number) for number in range(LINES)]
    ratios, speeds = [], []
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(REPEATS):
            theirs, ours = (Path(folder, f"{name}-{repeat}") for name in ("theirs", "ours"))
            theirs_s, ours_s = _library_s(theirs, fields), _ours_s(ours, fields)
            assert len(ours.read_bytes().splitlines()) == len(theirs.read_bytes().splitlines()) == LINES
            ratios.append(theirs_s / ours_s)
            speeds.append(LINES / ours_s)
    note = f"{median(speeds):,.0f} lines/s"
    return [Row("JSON log lines/s over the standard library's", median(ratios), "at least 0.6", note)]
