"""The ports: what agents ask of the world. Each has an embedded default that needs no network and no key.

Every implementation has an `identity`: its name, for OpenAI and the like with `:model`, and the version of what it
does (`offline/1`). The identity is part of the keys of the steps that use the port.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agents.book.picture import SourcePicture
from agents.book.review import Critique
from agents.book.story import PageBrief, Proposal, Scene
from swarm import Blob
from swarm.agent import RunsBlocking
from swarm.events import Observe


class Storage(Protocol):
    """Where the two heaps of pictures lie."""

    @property
    def identity(self) -> str: ...

    async def read(self, picture: SourcePicture) -> bytes:
        """The bytes of a listed picture. Raises `SourceError` if it is gone, changed or cannot be read."""
        ...


class Listing(Storage, Protocol):
    """A source as it was listed: its pictures, and the storage port over them. Read from it after `begin`."""

    @property
    def pictures(self) -> Sequence[SourcePicture]: ...
    @property
    def origin(self) -> Mapping[str, object]:
        """What the report says of where the pictures come from."""
        ...

    def begin(self, run_blocking: RunsBlocking, observe: Observe) -> None:
        """Work in these threads, unless it has its own; `observe` is told of requests to a service."""
        ...

    def close(self) -> None:
        """Let go of what it holds; more than once if need be."""
        ...


class BlobStore(Protocol):
    """The content-addressed store of a run: what steps make and hand on by digest."""

    @property
    def identity(self) -> str: ...

    async def put(self, data: bytes) -> Blob:
        """Keep bytes and give their reference; the same bytes are kept once."""
        ...

    async def get(self, blob: Blob) -> bytes:
        """The bytes of a reference. Raises `StoreError` if they are gone or damaged."""
        ...

    def read(self, blob: Blob) -> bytes:
        """As `get`, but blocking: for work that is in a thread already."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """One neighbour: the point's id and its cosine likeness -1..1."""

    id: str
    likeness: float


class Vectors(Protocol):
    """An index of unit vectors of 1536 numbers. It is derived: lost or corrupt, it is rebuilt, never an error."""

    @property
    def identity(self) -> str: ...

    async def index(self, collection: str, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Make `collection` hold exactly these points; `vectors` has shape (n, 1536)."""
        ...

    async def search(self, collection: str, vectors: NDArray[np.float32], limit: int) -> list[list[Hit]]:
        """The nearest points of each of the (n, 1536) vectors, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture stands: its path below its source, the digest of its bytes, and the run and book that used it."""

    digest: str
    path: str
    heap: str
    source: str
    run: str
    book: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A picture of any book that is like another, with the cosine likeness -1..1."""

    place: Place
    likeness: float


class Gallery(Protocol):
    """An index of the pictures of all books by what is to be seen in them. It is derived, and `kind` says from what:
    vectors of one kind can be compared with each other only."""

    async def keep(self, kind: str, places: Sequence[Place], vectors: NDArray[np.float32]) -> None:
        """Add pictures with their (n, dimensions) vectors; one at the same place is replaced, others stay."""
        ...

    async def nearest(self, kind: str, vector: NDArray[np.float32], limit: int) -> list[Neighbour]:
        """The pictures nearest to a vector, best first; none of a kind that nobody has kept."""
        ...

    async def count(self, kind: str) -> int:
        """How many pictures there are of a kind."""
        ...


@dataclass(frozen=True, slots=True)
class Sight:
    """What vision makes of a picture: a vector of 1536 numbers, and where asked for that of its mirror image."""

    features: NDArray[np.float32]
    mirrored: NDArray[np.float32] | None = None
    description: str = ""


class Vision(Protocol):
    """What is to be seen in a picture."""

    @property
    def identity(self) -> str: ...

    async def look(self, pixels: NDArray[np.uint8], *, is_mirrored_too: bool = False) -> Sight:
        """The features of an upright sRGB picture of shape (height, width, 3)."""
        ...


class Language(Protocol):
    """Who tells the story."""

    @property
    def identity(self) -> str: ...

    async def propose(self, scenes: Sequence[Scene], *, age: int, seed: int, title: str) -> tuple[Proposal, ...]:
        """Three proposals for order and outline; each order is a permutation of the scenes' indexes."""
        ...

    async def write(self, brief: PageBrief, *, age: int, seed: int, notes: str, rejected: str) -> str:
        """The text of one page, 50 to 100 words; `notes` say what was wrong with the `rejected` text, if any."""
        ...

    async def criticise(self, brief: PageBrief, text: str, *, age: int) -> Critique | None:
        """What a critic says of the text of a page; None where there is no critic."""
        ...


class Moderation(Protocol):
    """Who says what must not stand in a children's book."""

    @property
    def identity(self) -> str: ...

    async def check_texts(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """For each text the categories for which it is flagged, like `violence`; none where it is not."""
        ...

    async def check_picture(self, jpeg: bytes) -> tuple[str, ...]:
        """The categories for which a picture is flagged."""
        ...
