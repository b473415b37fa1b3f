"""The finished volume: the files of a book as blobs, and what the command line tells of it."""

from dataclasses import dataclass

from agents.book.picture import Flaw, Omission
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
class Remark:
    """Something wrong with a picture that is in the book all the same."""

    path: str
    flaw: Flaw
    detail: str


@dataclass(frozen=True, slots=True)
class SheetShown:
    """A photographed sheet that was straightened: small JPEGs of before and after, its corners in shares 0..1 of the
    photograph, and how sure they are, 0..1."""

    path: str
    before: Blob
    after: Blob
    corners: tuple[tuple[float, float], ...]
    sureness: float


@dataclass(frozen=True, slots=True)
class Volume:
    """All files of a book (the manifest among them), and what a person is told; `loose` are the unpaired drawings,
    `fell_back` the pages whose words the offline storyteller wrote in the place of a service."""

    title: str
    book_id: str
    pages: int
    files: tuple[BookFile, ...]
    omitted: tuple[Omission, ...]
    unpaired: tuple[str, ...]
    loose: tuple[str, ...]
    flagged: tuple[Flag, ...]
    unapproved: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()
    sheets: tuple[SheetShown, ...] = ()
    preflight: Preflight | None = None
    fell_back: tuple[str, ...] = ()
