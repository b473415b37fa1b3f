"""A bucket of Google Cloud Storage as the source: what pictures lie in it, and their bytes.

Nothing is downloaded to list: a picture's digest comes from the checksums of its object (docs/decisions/0015), and its
generation is kept, so that an object that changes while the book is made is noticed. What an object is called becomes
the name of a picture, and never a path.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agents.book.picture import Heap, SourcePicture
from agents.craft.formats import HEAD_BYTES, PICTURE_SUFFIXES, looks_like_picture
from agents.services.errors import (
    NO_RENDERINGS,
    AccountRefused,
    ServiceConflict,
    ServiceError,
    ServiceMissing,
    SourceError,
)
from agents.services.gcs_bucket import Bucket, Threads
from agents.services.gcs_place import GcsPlace
from swarm.agent import RunsBlocking
from swarm.events import Event, Observe

if TYPE_CHECKING:
    from agents.services.gcs_client import Stored

_TOML_BYTES = 2**20
_UNTOLD = ("", "application/octet-stream", "binary/octet-stream")
"""Types of content that say nothing: what such objects begin with is looked at."""


@dataclass(frozen=True, slots=True)
class SourceBucket:
    """A place in a bucket with its two prefixes below it. `max_bytes` bounds what is read of one object, `deadline_s`
    how long that may take; requests are made in `threads`."""

    place: GcsPlace
    input_prefix: str
    output_prefix: str
    max_pictures: int
    max_bytes: int
    deadline_s: float
    threads: Threads

    def list(self) -> "BucketStorage":
        """List both heaps, each in the order of its names; blocking. Hidden objects and what is no picture are passed
        over. Raises SourceError when there is nothing to make a book of, or the bucket cannot be listed."""
        heard: list[Event] = []
        bucket = Bucket(self.place, self.threads, deadline_s=self.deadline_s, observe=heard.append)
        listing = BucketStorage(self.place, self.threads, self.max_bytes, self.deadline_s, heard)
        try:
            with closing(bucket):
                asyncio.run(self._list(bucket, listing))
        except ServiceMissing:
            raise SourceError(f"gs://{self.place.bucket} is not there (404): check the name of the bucket") from None
        except (ServiceError, AccountRefused) as error:
            raise SourceError(f"{self.place} cannot be listed: {error}") from error
        return listing

    async def _list(self, bucket: Bucket, listing: "BucketStorage") -> None:
        for heap in Heap:
            found = {stored.name: stored async for stored in self._walk(bucket, heap)}
            if not found:
                raise SourceError(self._nothing(heap))
            listing.add(heap, sorted(found.values(), key=lambda stored: _raw(stored.name)))
            if (count := len(listing.pictures)) > self.max_pictures:
                raise SourceError(
                    f"{self.place} holds {count} pictures or more, over the limit of {self.max_pictures}: "
                    "make several books of it, or set DOODLEBOUND_MAX_PICTURES"
                )

    def _prefix(self, heap: Heap) -> str:
        return self.place.prefix + (self.input_prefix if heap is Heap.INPUT else self.output_prefix)

    def _nothing(self, heap: Heap) -> str:
        shown = self.place.shown(self._prefix(heap))
        if heap is Heap.INPUT:
            return f"there is no drawing in {shown}: put the child's pictures there"
        return f"there is no rendering in {shown}: {NO_RENDERINGS}"

    async def _walk(self, bucket: Bucket, heap: Heap) -> AsyncIterator["Stored"]:
        """The pictures of a heap, and at most one page more than may be."""
        prefix, count = self._prefix(heap), 0
        async for page in bucket.pages(prefix):
            shown = [stored for stored in page if _is_shown(stored.name[len(prefix) :])]
            are_pictures = await asyncio.gather(*(_is_picture(bucket, stored) for stored in shown))
            for stored, is_picture in zip(shown, are_pictures, strict=True):
                if is_picture:
                    count += 1
                    yield stored
            if count > self.max_pictures:
                return


def _is_shown(name: str) -> bool:
    is_hidden = any(part.startswith(".") and part not in (".", "..") for part in name.split("/"))
    return bool(name) and not name.endswith("/") and not is_hidden


async def _is_picture(bucket: Bucket, stored: "Stored") -> bool:
    """What is called a picture, says that it is one, or begins like one; also what cannot be looked at: whoever reads
    it finds out why, and says so."""
    if PurePosixPath(stored.name).suffix.lower() in PICTURE_SUFFIXES or stored.content_type.startswith("image/"):
        return True
    if stored.content_type not in _UNTOLD or not stored.size_bytes:
        return False
    try:
        return looks_like_picture(await bucket.head(stored.name, min(HEAD_BYTES, stored.size_bytes)))
    except ServiceError:
        return True


@dataclass(slots=True)
class BucketStorage:
    """The listed pictures of a bucket, and the storage port over them. Read from it after `begin`."""

    place: GcsPlace
    threads: Threads
    max_bytes: int
    deadline_s: float
    heard: list[Event] = field(default_factory=list)
    pictures: list[SourcePicture] = field(default_factory=list)
    _objects: dict[str, "Stored"] = field(default_factory=dict)
    _bucket: Bucket | None = None

    @property
    def identity(self) -> str:
        return "gcs/1"

    @property
    def origin(self) -> dict[str, object]:
        """Where the pictures come from: the place, and the generation of each object by its picture."""
        generations = {item: str(stored.generation) for item, stored in self._objects.items()}
        return {"place": str(self.place), "generations": generations}

    def add(self, heap: Heap, objects: Iterable["Stored"]) -> None:
        """List these objects of one heap."""
        firsts: dict[str, str] = {}
        for stored in objects:
            item = self._item(stored.name)
            picture = SourcePicture(item, heap, stored.size_bytes, _digest(self.place, stored))
            first = firsts.setdefault(picture.digest, item)
            self.pictures.append(picture if first == item else replace(picture, same_as=first))
            self._objects[item] = stored

    def begin(self, run_blocking: RunsBlocking, observe: Observe) -> None:
        """Make requests from now on, in threads of our own, and tell of them and of those that were made to list."""
        for event in self.heard:
            observe(event)
        self.heard.clear()
        self._bucket = Bucket(self.place, self.threads, deadline_s=self.deadline_s, observe=observe)

    def close(self) -> None:
        """Let go of the connections."""
        if self._bucket is not None:
            self._bucket.close()

    async def read(self, picture: SourcePicture) -> bytes:
        """The bytes of a listed picture, in the generation that was listed, checked. Raises SourceError if it is gone,
        changed, too large or cannot be read; RunBroken where no object can be."""
        stored, bucket = self._objects[picture.item], self._bucket
        if bucket is None:
            raise RuntimeError("read before begin")
        where = self.place.shown(stored.name)
        if stored.size_bytes > self.max_bytes:
            raise SourceError(
                f"{picture.item} cannot be read: {where} has {stored.size_bytes} bytes, which is too much"
            )
        try:
            return await bucket.download(stored, self.max_bytes)
        except ServiceConflict:
            raise SourceError(
                f"{picture.item} changed while the book was made ({where} is no longer at generation "
                f"{stored.generation}): make it again"
            ) from None
        except ServiceError as error:
            raise SourceError(f"{picture.item} cannot be read: {where}: {error}", retryable=error.retryable) from error

    def _item(self, name: str) -> str:
        """The name below the source as text; what cannot be shown becomes replacement marks, and is kept apart."""
        below = name[len(self.place.prefix) :]
        shown = below.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
        item, digest = shown, hashlib.sha256(_raw(name)).hexdigest()
        if shown != below or item in self._objects:
            item = f"{shown}~{digest[:8]}"
        return item if item not in self._objects else f"{shown}~{digest}"


def _digest(place: GcsPlace, stored: "Stored") -> str:
    """Names the bytes of an object by its checksums; one without an MD5 by where it lies and its generation as well."""
    parts: tuple[str, ...] = (stored.md5, stored.crc32c, str(stored.size_bytes), stored.encoding)
    if not stored.md5:
        parts = (place.bucket, stored.name, str(stored.generation), *parts)
    return hashlib.sha256("\0".join(("gcs", *parts)).encode("utf-8", "surrogatepass")).hexdigest()


def _raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


@dataclass(slots=True)
class BucketToml:
    """The `book.toml` of a place in a bucket, fetched when it is first asked for; blocking. Raises SourceError when it
    cannot be read."""

    place: GcsPlace
    threads: Threads
    deadline_s: float
    _data: bytes | None = None
    _is_fetched: bool = False

    name = "book.toml"

    def __str__(self) -> str:
        return self.place.shown(f"{self.place.prefix}{self.name}")

    def is_file(self) -> bool:
        """Whether it is there."""
        return self._fetched() is not None

    exists = is_file

    def read_bytes(self) -> bytes:
        """Its bytes. Raises FileNotFoundError when there is none."""
        if (data := self._fetched()) is None:
            raise FileNotFoundError(str(self))
        return data

    def _fetched(self) -> bytes | None:
        if not self._is_fetched:
            bucket = Bucket(self.place, self.threads, deadline_s=self.deadline_s, observe=_nobody)
            try:
                with closing(bucket):
                    self._data = asyncio.run(self._fetch(bucket))
            except (ServiceError, AccountRefused) as error:
                raise SourceError(f"{self} cannot be read: {error}") from error
            self._is_fetched = True
        return self._data

    async def _fetch(self, bucket: Bucket) -> bytes | None:
        stored = await bucket.about(f"{self.place.prefix}{self.name}")
        if stored is None:
            return None
        if stored.size_bytes > _TOML_BYTES:
            raise SourceError(f"{self} has {stored.size_bytes} bytes, and may have {_TOML_BYTES}: shorten it")
        return await bucket.download(stored, _TOML_BYTES)


def _nobody(_event: Event) -> None:
    """Before a run nobody counts."""
