"""The one place that says where log lines go.

Only `configured_logs` adds sinks. Other modules write `logger.bind(...).warning("constant_message")` and nothing else.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO, TypeAlias

from loguru import logger

from monitor import names
from monitor.context import add_context
from monitor.lines import human_line, json_line
from monitor.logfile import LogFile
from monitor.text import Redact, redacted, visible

if TYPE_CHECKING:
    from loguru import Message, Record

Level: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
Form: TypeAlias = Literal["auto", "human", "json"]

_WARNING = logging.WARNING
"""Loguru and the standard library agree on the numbers of these levels."""


@contextmanager
def configured_logs(
    *,
    level: Level = "INFO",
    form: Form = "auto",
    stream: TextIO | None = None,
    is_quiet: bool = False,
    file: Path | None = None,
    file_level: Level = "INFO",
    redact: Redact = redacted,
) -> Iterator["StreamSink"]:
    """Until the end of the block: lines on `stream` (stderr), and JSON lines appended to `file`, which is bounded.

    `form` says how the former are: `human`, `json`, or `auto`: human on a terminal, else JSON. `is_quiet` leaves them
    out. `redact` takes secrets out of both. What libraries log at WARNING and above by
    the standard library, and their warnings, come here too. A file that cannot be opened or written is said once and
    given up. Gives the sink of the stream, which can be lent to a live view.
    """
    human = StreamSink(stream or sys.stderr, level, form, redact)
    records = _FileSink(file, redact, _ignore if is_quiet else human.say) if file else None
    with suppress(ValueError):  # loguru's own sink, if nobody has removed it yet
        logger.remove(0)
    logger.configure(patcher=add_context)  # stays: outside a step it changes nothing
    sinks = [] if is_quiet else [_added(human, level)]
    if records:
        sinks.append(_added(records, file_level))
    try:
        with _intercepted_library_logs():
            yield human
    finally:
        for sink in sinks:
            with suppress(ValueError):  # somebody has removed all
                logger.remove(sink)
        if records:
            records.close()


class StreamSink:
    """Lines as they come, for people or for programs. A stream that is gone (closed, broken pipe) is let go of."""

    def __init__(self, stream: TextIO, level: Level, form: Form, redact: Redact) -> None:
        self._write: Callable[[str], object] = self._to_stream
        self._stream = stream
        self._is_human = form == "human" or (form == "auto" and _is_terminal(stream))
        self._is_coloured = self._is_human and _is_coloured(stream)
        self._least = self._level_no = logger.level(level).no
        self._redact = redact
        self._is_lent = False

    def __call__(self, message: "Message") -> None:
        """Take a line from loguru."""
        record = message.record
        if record["level"].no < self._least:
            return
        if not self._is_human:
            self._write(json_line(record, self._redact).decode("ascii"))
        elif not (self._is_lent and _is_in_view(record)):
            coloured = self._is_coloured and not self._is_lent
            self._write(human_line(record, self._redact, is_coloured=coloured))

    def say(self, text: str) -> None:
        """Write a line of the log's own."""
        self._write(visible(self._redact(text)))

    @contextmanager
    def lend(self, write: Callable[[str], object]) -> Iterator[None]:
        """Until the end of the block a live view owns the terminal: warnings and worse go through its `write`.

        What the workflow monitor says to people is left out, because the view shows it.
        """
        self._write, self._is_lent = write, True
        self._least = max(self._level_no, _WARNING)
        try:
            yield
        finally:
            self._write, self._is_lent = self._to_stream, False
            self._least = self._level_no

    def _to_stream(self, line: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        with suppress(OSError, ValueError):
            self._stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")
            self._stream.flush()


class _FileSink:
    """JSON lines into a file, as long as that goes."""

    def __init__(self, path: Path, redact: Redact, say: Callable[[str], None]) -> None:
        self._redact = redact
        self._say = say
        self._file: LogFile | None = None
        try:
            self._file = LogFile(path)
        except OSError as fault:
            self._give_up(fault)

    def __call__(self, message: "Message") -> None:
        if self._file is None:
            return
        try:
            self._file.write(json_line(message.record, self._redact))
        except OSError as fault:
            self._give_up(fault)

    def close(self) -> None:
        """Close the file, as far as that is possible."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _give_up(self, fault: OSError) -> None:
        self.close()
        self._say(f"the log file cannot be written ({fault.strerror}); going on without it")


class _LibraryHandler(logging.Handler):
    """Hands the log lines of libraries to loguru, their text as a field."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except Exception:
            text = str(record.msg)
        exception = record.exc_info if record.exc_info and record.exc_info[0] else None
        line = logger.opt(exception=exception).bind(library=record.name, text=text)
        line.log(_level(record.levelno), names.LIBRARY_LOG)


@contextmanager
def _intercepted_library_logs() -> Iterator[None]:
    root, handler = logging.getLogger(), _LibraryHandler(_WARNING)
    if any(isinstance(known, _LibraryHandler) for known in root.handlers):  # a log around this one sees to it
        yield
        return
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)


def _level(number: int) -> str:
    """The name of the nearest level below; libraries make up numbers of their own."""
    return "CRITICAL" if number >= 50 else "ERROR" if number >= 40 else "WARNING"


def _added(sink: Callable[["Message"], None], level: Level) -> int:
    return logger.add(
        sink,
        level=level,
        format=lambda _: "",  # the sinks make their own lines from the record
        catch=True,
        backtrace=False,
        diagnose=False,
    )


def _ignore(_: str) -> None:
    """Nobody wants to be told."""


def _is_in_view(record: "Record") -> bool:
    return record["name"] == "monitor.chronicle"


def _is_coloured(stream: TextIO) -> bool:
    return _is_terminal(stream) and not (os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb")


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False
