"""The log of a run as a file of JSON lines: written as it comes, bounded, and read again."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 8 * 2**20
"""When the file would be larger, it becomes the older one of two."""


class LogFile:
    """Appends lines, each handed to the operating system at once, so that a crash of the process loses none.

    The file and the older one beside it (`RUN.1.jsonl` beside `RUN.jsonl`) never hold more than `max_bytes` each; what
    was older still is gone. Raises OSError when it cannot be opened or written.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._file, self._size = self._opened()

    def write(self, line: bytes) -> None:
        """Append a line, which has no end yet."""
        if self._size + len(line) >= self._max_bytes and self._size:
            self._turn()
        self._file.write(line + b"\n")
        self._size += len(line) + 1

    def close(self) -> None:
        """Close the file, as far as that is possible."""
        with suppress(OSError):
            self._file.close()

    def _turn(self) -> None:
        self._file.close()
        self._path.replace(older(self._path))
        self._file, self._size = self._opened()

    def _opened(self) -> tuple[BinaryIO, int]:
        file = self._path.open("ab", buffering=0)
        return file, file.tell()


def older(path: Path) -> Path:
    """Where the older lines of a log are."""
    return path.with_name(f"{path.stem}.1{path.suffix}")


def lines(path: Path) -> Iterator[bytes]:
    """All lines of a log, the oldest first, without their ends; a last one that is not complete is left out. None when
    there is no log."""
    for part in (older(path), path):
        with suppress(FileNotFoundError), part.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line[:-1]


def follow(path: Path, *, is_over: Callable[[], bool], pause: Callable[[], None]) -> Iterator[bytes]:
    """The lines of a log that is still written, from the beginning, until `is_over` and all are read. `pause` is called
    whenever there is nothing new."""
    yield from lines(older(path))
    number, place = _number(path), 0
    while True:
        was_over = is_over()
        if _number(path) != number:
            if number:  # it was turned: the rest of what was read is the older one now
                rest, _ = _from(older(path), place)
                yield from rest
            number, place = _number(path), 0
        new, place = _from(path, place)
        yield from new
        if was_over and not new:
            return
        if not new:
            pause()


def _number(path: Path) -> int:
    """Which file it is, whatever its name; 0 for none."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _from(path: Path, place: int) -> tuple[list[bytes], int]:
    """The complete lines from this place on, and where they end."""
    try:
        with path.open("rb") as file:
            file.seek(place)
            data = file.read()
    except FileNotFoundError:
        return [], place
    whole = data.rfind(b"\n") + 1
    return data[:whole].splitlines(), place + whole


def copy(path: Path, target: Path) -> None:
    """Write all lines of a log into one file. Raises OSError."""
    with target.open("wb") as file:
        for line in lines(path):
            file.write(line + b"\n")


def remove(path: Path) -> None:
    """Remove a log; content when there is none."""
    for part in (older(path), path):
        with suppress(FileNotFoundError):
            part.unlink()
