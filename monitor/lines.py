"""A log record as one line: for people, and as JSON for machines. Both free of secrets and control characters."""

import json
import math
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from monitor.text import MAX_CHARS, Redact, shortened, visible, well_formed

if TYPE_CHECKING:
    from loguru import Record, RecordException

_TRACEBACK_CHARS = 10_000
_MAX_DEPTH = 4
_MAX_WHOLE = 2**63
_GREY, _END = "\x1b[2m", "\x1b[0m"
_COLOURS = {"WARNING": "\x1b[33m", "ERROR": "\x1b[31m", "CRITICAL": "\x1b[31m"}
_OWN = frozenset({"time", "level", "event"})
_KNOWN_ANYWAY = ("run", "operation", "step")
"""Fields that tell people nothing: there is one run, and a step is its role and page."""


def human_line(record: "Record", redact: Redact, *, is_coloured: bool) -> str:
    """`12:30:01 warning step_failed  role=read item=a.png`, without a line's end; an exception is its sentence only."""
    fields = dict(record["extra"])
    if record["exception"] is not None:
        fields["error"] = _sentence(record["exception"])
    return told(record["time"], record["level"].name, record["message"], fields, redact, is_coloured=is_coloured)


def told(
    time: datetime, level: str, event: object, fields: Mapping[str, object], redact: Redact, *, is_coloured: bool
) -> str:
    """The same from its parts.

    A value with blanks or quotes stands in quotes, so that no text can pass itself off as another field.
    """
    at = f"{time:%H:%M:%S}"
    what = f"{visible(level.lower())} {_shown(event, redact)}"
    shown = {key: value for key, value in fields.items() if key not in _KNOWN_ANYWAY}
    rest = " ".join(f"{_shown(key, redact)}={_quoted(value, redact)}" for key, value in shown.items())
    if is_coloured:
        at, what = f"{_GREY}{at}{_END}", f"{_COLOURS.get(level, '')}{what}{_END}"
    return f"{at} {what}  {rest}".rstrip()


def json_line(record: "Record", redact: Redact) -> bytes:
    """`{"time": …, "level": …, "event": …, <fields>}`: plain ASCII, without a line's end.

    The time is UTC. A field that bears one of these three names gets `_` behind it.
    """
    extra = record["extra"]
    fields = extra if _OWN.isdisjoint(extra) else {f"{key}_" if key in _OWN else key: extra[key] for key in extra}
    at, level, event = _utc(record["time"]), record["level"].name, record["message"]
    line: dict[str, object] = {"time": at, "level": level, "event": event, **fields}
    texts = [event, *fields]
    for name, value in fields.items():
        kind = type(value)
        if kind is str:
            if len(value) > MAX_CHARS or not value.isascii():
                line[name] = value = shortened(well_formed(value))
            texts.append(value)
        elif kind is not bool and value is not None:
            line[name] = _plain(value, redact, _MAX_DEPTH)
    if record["exception"] is not None:
        line["exception"] = text = _traceback(record["exception"])
        texts.append(text)
    all_texts = "\n".join(texts)
    if redact(all_texts) != all_texts:  # all at once, since hardly a line has a secret
        line = {redact(key): redact(value) if isinstance(value, str) else value for key, value in line.items()}
    return _as_ascii(line)


def _utc(time: datetime) -> str:
    """Like `2026-01-31T12:30:01.123+00:00`."""
    seconds, millis = divmod(int(time.timestamp() * 1000), 1000)
    return f"{_second(seconds)}.{millis:03d}+00:00"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _as_ascii(line: dict[str, object]) -> bytes:
    try:
        encoded = msgspec.json.encode(line)
    except (ValueError, UnicodeError):  # a word of somebody's making that is no text
        encoded = b"\xff"
    whole = encoded if encoded.isascii() else json.dumps(line).encode("ascii")
    return whole.replace(b"\x7f", b"\\u007f")  # the one control character that JSON lets stand


def _shown(value: object, redact: Redact) -> str:
    return visible(shortened(redact(_text(value))))


def _quoted(value: object, redact: Redact) -> str:
    text = shortened(redact(_text(value)))
    is_simple = text and text.isprintable() and not any(char in text for char in ' "=\\')
    return text if is_simple else visible(json.dumps(text, ensure_ascii=False))


def _plain(value: object, redact: Redact, depth: int) -> object:
    """A value as JSON has it; what JSON does not know becomes text."""
    if value is None or (isinstance(value, int) and -_MAX_WHOLE <= value <= _MAX_WHOLE):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping) and depth:
        return {redact(_text(key)): _plain(inner, redact, depth - 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth:
        return [_plain(inner, redact, depth - 1) for inner in value]
    return shortened(redact(_text(value)))


def _text(value: object) -> str:
    """The text of a value, whatever its own code does."""
    try:
        return well_formed(str(value))
    except Exception:
        return f"<{type(value).__name__}>"


def _sentence(exception: "RecordException") -> str:
    kind = exception.type.__name__ if exception.type else "Exception"
    return f"{kind}: {_text(exception.value)}"


def _traceback(exception: "RecordException") -> str:
    """The end of the traceback: the values of variables are never in it."""
    try:
        lines = traceback.format_exception(exception.type, exception.value, exception.traceback)
    except Exception:
        return _sentence(exception)
    return _text("".join(lines))[-_TRACEBACK_CHARS:]
