"""The contract of the store of blobs, on every implementation of it."""

import asyncio
import hashlib
import re
from pathlib import Path
from typing import Protocol

import pytest

from agents.services.errors import StoreError
from agents.services.folder_blobs import FolderBlobs
from agents.services.ports import BlobStore
from swarm import Blob


class Place(Protocol):
    """An implementation with its world: how a blob is lost or damaged behind its back."""

    @property
    def blobs(self) -> BlobStore: ...
    def lose(self, blob: Blob) -> None: ...
    def damage(self, blob: Blob) -> None: ...
    def count(self) -> int:
        """How many blobs are kept."""
        ...


class FolderPlace:
    """A local folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = FolderBlobs(root, asyncio.to_thread)

    def _file(self, blob: Blob) -> Path:
        return next(self.root.rglob(blob.digest))

    def lose(self, blob: Blob) -> None:
        self._file(blob).unlink()

    def damage(self, blob: Blob) -> None:
        self._file(blob).write_bytes(b"other")

    def count(self) -> int:
        return sum(path.is_file() for path in self.root.rglob("*"))


@pytest.fixture(params=["folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return {"folder": FolderPlace}[request.param](tmp_path / "blobs")


@pytest.mark.parametrize("data", [b"", b"a", b"\0\xff" * 300_000])
async def test_blobs_give_back_the_bytes_that_they_were_given(place: Place, data: bytes) -> None:
    blob = await place.blobs.put(data)

    assert blob == Blob(hashlib.sha256(data).hexdigest(), len(data))
    assert await place.blobs.get(blob) == data
    assert place.blobs.read(blob) == data


async def test_blobs_keep_the_same_bytes_once_also_when_they_come_at_the_same_time(place: Place) -> None:
    given = await asyncio.gather(*(place.blobs.put(b"the same") for _ in range(20)))

    assert len(set(given)) == 1
    assert place.count() == 1


async def test_blobs_refuse_a_reference_that_is_gone(place: Place) -> None:
    blob = await place.blobs.put(b"short-lived")
    place.lose(blob)

    with pytest.raises(StoreError, match=r"is gone .*resume the run"):
        await place.blobs.get(blob)
    with pytest.raises(StoreError, match="is gone"):
        place.blobs.read(blob)


async def test_blobs_refuse_a_reference_that_was_never_put(place: Place) -> None:
    with pytest.raises(StoreError, match="is gone"):
        await place.blobs.get(Blob("ab" * 32, 3))


async def test_blobs_refuse_bytes_that_were_damaged(place: Place) -> None:
    blob = await place.blobs.put(b"as it was")
    place.damage(blob)

    with pytest.raises(StoreError, match=r"is damaged .*resume the run"):
        await place.blobs.get(blob)


async def test_blobs_take_again_what_was_lost(place: Place) -> None:
    blob = await place.blobs.put(b"again")
    place.lose(blob)

    assert await place.blobs.put(b"again") == blob
    assert await place.blobs.get(blob) == b"again"


def test_blobs_say_which_implementation_they_are(place: Place) -> None:
    assert re.fullmatch(r"[a-z]+/\d+", place.blobs.identity)
