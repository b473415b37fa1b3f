"""The newest lines of a run's log, as the page shows them."""

import json
import os
from collections import deque
from pathlib import Path
from typing import Any

from monitor.page.views import LogLine
from monitor.text import shortened, visible

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_MOST_BYTES = 2**20
_SHOWN_ELSEWHERE = ("time", "level", "event", "run", "operation", "step", "role")
_MOST_CHARS = 400


def log_lines(path: Path, level: str, role: str, most: int) -> list[LogLine]:
    """The newest lines at this level or above, of one role or of all (empty), the oldest first; out of the last MiB of
    the file. What is no line of a log is passed over."""
    wanted = set(LEVELS[LEVELS.index(level) :]) if level in LEVELS else set(LEVELS)
    found: deque[LogLine] = deque(maxlen=most)
    for text in _tail(path):
        try:
            said = json.loads(text)
            line = _line(said) if said["level"] in wanted else None
        except (ValueError, KeyError, TypeError):
            continue
        if line and (not role or line.role == role):
            found.append(line)
    return list(found)


def _tail(path: Path) -> list[bytes]:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _MOST_BYTES))
            lines = file.read(_MOST_BYTES).split(b"\n")
    except OSError:
        return []
    return lines if size <= _MOST_BYTES else lines[1:]


def _line(said: dict[str, Any]) -> LogLine:
    rest = ", ".join(f"{name} {value}" for name, value in said.items() if name not in _SHOWN_ELSEWHERE)
    return LogLine(
        at=str(said["time"]),
        level=str(said["level"]),
        event=str(said["event"]),
        role=visible(str(said.get("role", ""))),
        told=shortened(visible(rest), _MOST_CHARS),
    )
