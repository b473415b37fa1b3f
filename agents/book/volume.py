"""The finished volume: the files of a book as blobs, and what the command line tells of it."""

from dataclasses import dataclass

from agents.book.picture import Omission
from agents.book.printing import Preflight
from swarm import Blob


@dataclass(frozen=True, slots=True)
class BookFile:
    """One file of the book's folder; `path` is relative, with forward slashes."""

    path: str
    blob: Blob


@dataclass(frozen=True, slots=True)
class Flag:
    """A pair below the confidence threshold, for a person to judge."""

    input: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Volume:
    """All files of a book (the manifest among them), and what a person is told; `loose` are the unpaired drawings."""

    title: str
    book_id: str
    pages: int
    files: tuple[BookFile, ...]
    omitted: tuple[Omission, ...]
    unpaired: tuple[str, ...]
    loose: tuple[str, ...]
    flagged: tuple[Flag, ...]
    unapproved: tuple[str, ...]
    preflight: Preflight | None = None
