"""A finished book put into a bucket, under `prefix/SLUG/`: whole, never over another's, and so that it can be undone.

`report.json` comes first and claims the place, `manifest.json` comes last: where it stands, the book is whole. Of an
older edition the manifest goes first, then what the new one has otherwise or no more. Each object is put with a
precondition on the generation that was seen; before anything is done, what takes it back is promised, and what was
there is kept (docs/decisions/0015).
"""

import asyncio
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from agents.services.errors import PublishError, ServiceConflict, ServiceMissing
from agents.services.gcs_bucket import Bucket
from swarm.failpoints import failpoint

if TYPE_CHECKING:
    from agents.services.gcs_client import Stored

    There: TypeAlias = Mapping[str, Stored]

CLAIM, SEAL = "report.json", "manifest.json"
_LARGEST_JSON = 2**26
_AT_A_TIME = 8
_MOST_SLUGS = 1000
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".epub": "application/epub+zip",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}


class Change(msgspec.Struct, frozen=True):
    """What is done to one object: over the generation that was there (0: none) comes what has this checksum (empty: it
    is removed). `kept` is the file, below the store, that holds what was there."""

    bucket: str
    name: str
    over: int
    crc32c: str
    kept: str = ""


@dataclass(frozen=True, slots=True)
class BookUpload:
    """Puts a book into a bucket. `promise` writes a change down, durably, before it is made, and blocks; what was there
    is kept in the folder `kept` below `store`."""

    bucket: Bucket
    store: Path
    kept: str
    promise: Callable[[Change], None]

    async def put(self, book: Path, slug: str, source_id: str) -> str:
        """Put the book in its place and say where that is. Raises PublishError, ServiceError, AccountRefused."""
        paths = sorted(json.loads((book / SEAL).read_text("utf-8"))["files"])
        prefix, there = await self._claimed(book, slug, source_id)
        failpoint("upload.claimed")
        stale = await self._stale(there, prefix, {CLAIM, SEAL, *paths})
        new = [path for path in (*paths, SEAL) if not await _is_there(there.get(prefix + path), book / path)]
        if new or stale:
            seal = there.get(prefix + SEAL)
            await self._remove([seal] if seal else [])
            await self._put_all(
                [(prefix + path, book / path, there.get(prefix + path)) for path in new if path != SEAL]
            )
            await self._remove(stale)
            failpoint("upload.unsealed")
            await self._put(prefix + SEAL, book / SEAL, None)
        return self.bucket.place.shown(prefix)

    # the place

    async def _claimed(self, book: Path, slug: str, source_id: str) -> tuple[str, "There"]:
        """The prefix that is the book's from now on, and what lies below it."""
        for name in islice(_names(slug), _MOST_SLUGS):
            prefix = f"{self.bucket.place.prefix}{name}/"
            there = {stored.name: stored async for page in self.bucket.pages(prefix) for stored in page}
            claim = there.get(prefix + CLAIM)
            if there and (claim is None or await self._source_of(claim) != source_id):
                continue
            try:
                await self._put(prefix + CLAIM, book / CLAIM, claim)
            except _Taken:
                if claim is not None:
                    raise
                continue  # somebody was there first
            return prefix, there
        raise PublishError(f"{self.bucket.place} has too many books called {slug}: name another place with --upload")

    async def _source_of(self, claim: "Stored") -> str:
        return str((await self._json(claim)).get("source_id", ""))

    async def _stale(self, there: "There", prefix: str, new: set[str]) -> list["Stored"]:
        """What the older edition's manifest lists, and the new edition has no more."""
        seal = there.get(prefix + SEAL)
        files = (await self._json(seal)).get("files") if seal else None
        listed = files if isinstance(files, dict) else {}
        return [there[prefix + path] for path in sorted(set(listed) - new) if prefix + path in there]

    async def _json(self, stored: "Stored") -> dict[str, Any]:
        """An object as JSON; empty if it is no such thing."""
        if stored.size_bytes > _LARGEST_JSON:
            return {}
        try:
            said = json.loads(await self.bucket.download(stored, _LARGEST_JSON))
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    # objects

    async def _put_all(self, files: Iterable[tuple[str, Path, "Stored | None"]]) -> None:
        """Put these files under these names, some at a time. Raises what the first to fail raises."""
        slots = asyncio.Semaphore(_AT_A_TIME)

        async def put(name: str, path: Path, there: "Stored | None") -> None:
            async with slots:
                await self._put(name, path, there)

        try:
            async with asyncio.TaskGroup() as group:
                for file in files:
                    group.create_task(put(*file))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _put(self, name: str, path: Path, there: "Stored | None") -> None:
        data, over = await asyncio.to_thread(path.read_bytes), there.generation if there else 0
        checksum = _checksum(data)
        await self._promised(Change(self.bucket.place.bucket, name, over, checksum, await self._keep(there)))
        try:
            await self.bucket.upload(name, data, over=over, content_type=content_type(name))
        except ServiceConflict:  # after a failed attempt, that may be our own
            now = await self.bucket.about(name)
            if now is None or (now.crc32c, now.size_bytes) != (checksum, len(data)):
                raise self._taken(name) from None
        failpoint("upload.put")

    async def _remove(self, objects: Iterable["Stored"]) -> None:
        for stored in objects:
            change = Change(self.bucket.place.bucket, stored.name, stored.generation, "", await self._keep(stored))
            await self._promised(change)
            try:
                await self.bucket.delete(stored.name, stored.generation)
            except ServiceMissing:  # gone: after a failed attempt, by our own doing
                pass
            except ServiceConflict:
                raise self._taken(stored.name) from None
            failpoint("upload.removed")

    def _taken(self, name: str) -> "_Taken":
        return _Taken(f"{self.bucket.place.shown(name)} was changed while the book was put there")

    async def _promised(self, change: Change) -> None:
        await asyncio.to_thread(self.promise, change)
        failpoint("upload.promised")

    async def _keep(self, stored: "Stored | None") -> str:
        """Keep what is there, durably, and give the file, below the store."""
        if stored is None:
            return ""
        try:
            data = await self.bucket.download(stored, stored.size_bytes)
        except (ServiceConflict, ServiceMissing):
            raise self._taken(stored.name) from None
        name = hashlib.sha256(f"{stored.name}\0{stored.generation}".encode("utf-8", "surrogatepass")).hexdigest()
        path = f"{self.kept}/{name}"
        await asyncio.to_thread(_write, self.store / path, data)
        return path


class _Taken(PublishError):
    """An object is not as it was when it was looked at."""


def content_type(name: str) -> str:
    """What a file of a book is served as."""
    return _TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")


def _names(slug: str) -> Iterator[str]:
    yield slug
    yield from (f"{slug}-{number}" for number in count(2))


async def _is_there(stored: "Stored | None", path: Path) -> bool:
    """Whether an object has the bytes of a file."""
    if stored is None:
        return False
    data = await asyncio.to_thread(path.read_bytes)
    return (stored.size_bytes, stored.crc32c) == (len(data), _checksum(data))


def _checksum(data: bytes) -> str:
    from agents.services.gcs_client import crc32c_of

    return crc32c_of(data)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
