"""The contract of the storage port, on every implementation of it."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest
from google.cloud import storage

from agents.book.picture import Heap, SourcePicture
from agents.services.errors import SourceError
from agents.services.folder import FolderStorage, SourceFolder
from agents.services.gcs import BucketStorage, SourceBucket
from agents.services.gcs_place import GcsPlace
from agents.services.ports import Storage
from registry import ThreadPool
from tests.peers.emulator import emulated
from tests.peers.gcs import Gcs
from tests.peers.serving import served

CONTENTS = {"inputs/a.png": b"one", "inputs/deep/b.png": b"two", "outputs/ü x.jpg": b"", "outputs/c.jpg": b"four"}


class Place(Protocol):
    """An implementation with its world: what it lists, and how that changes behind its back."""

    @property
    def storage(self) -> Storage: ...
    @property
    def listed(self) -> Sequence[SourcePicture]: ...
    def change(self, item: str, data: bytes | None) -> None:
        """Give a listed object other bytes, or none at all."""
        ...


class FolderPlace:
    """A local folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for item, data in CONTENTS.items():
            (root / item).parent.mkdir(parents=True, exist_ok=True)
            (root / item).write_bytes(data)
        self.storage: FolderStorage = SourceFolder(root, "inputs/", "outputs/", 100, 1000).list()
        self.storage.run_blocking = asyncio.to_thread
        self.listed = self.storage.pictures

    def change(self, item: str, data: bytes | None) -> None:
        (self.root / item).unlink()
        if data is not None:
            (self.root / item).write_bytes(data)


class BucketPlace:
    """A bucket on a server of ours."""

    def __init__(self, peer: Gcs) -> None:
        self.bucket = peer.bucket("pictures")
        for item, data in CONTENTS.items():
            self.bucket.put(f"mila/{item}", data)
        self.storage = _listed()
        self.listed = self.storage.pictures

    def change(self, item: str, data: bytes | None) -> None:
        if data is None:
            del self.bucket.objects[f"mila/{item}"]
        else:
            self.bucket.put(f"mila/{item}", data)


class EmulatedPlace:
    """A bucket on a server that others wrote. It overlooks preconditions, so an object that changed looks damaged."""

    def __init__(self) -> None:
        self.client = storage.Client(project="p")
        self.bucket = self.client.bucket("pictures")
        for item, data in CONTENTS.items():
            self.bucket.blob(f"mila/{item}").upload_from_string(data, retry=None)
        self.storage = _listed()
        self.listed = self.storage.pictures

    def change(self, item: str, data: bytes | None) -> None:
        assert data is None
        self.bucket.blob(f"mila/{item}").delete(retry=None)


def _listed() -> BucketStorage:
    threads = ThreadPool(8)
    listed = SourceBucket(GcsPlace.of("gs://pictures/mila"), "inputs/", "outputs/", 100, 1000, 30.0, threads).list()
    listed.begin(threads.run, lambda _event: None)
    return listed


ALL = ("folder", "gcs", "emulator")


@pytest.fixture(params=ALL)
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    match request.param:
        case "folder":
            yield FolderPlace(tmp_path / "source")
        case "gcs":
            peer = Gcs()
            with served(peer) as here:
                monkeypatch.setenv("STORAGE_EMULATOR_HOST", here.url)
                on_ours = BucketPlace(peer)
                yield on_ours
                on_ours.storage.close()
        case "emulator":
            with emulated("pictures") as url:
                monkeypatch.setenv("STORAGE_EMULATOR_HOST", url)
                on_theirs = EmulatedPlace()
                yield on_theirs
                on_theirs.storage.close()
                on_theirs.client.close()


def test_storage_lists_what_is_there_in_the_order_of_paths(place: Place) -> None:
    assert [(picture.item, picture.size_bytes) for picture in place.listed] == [
        ("inputs/a.png", 3),
        ("inputs/deep/b.png", 3),
        ("outputs/c.jpg", 4),
        ("outputs/ü x.jpg", 0),
    ]
    assert [picture.heap for picture in place.listed] == [Heap.INPUT] * 2 + [Heap.OUTPUT] * 2
    assert all(re.fullmatch(r"[0-9a-f]{64}", picture.digest) for picture in place.listed)


async def test_storage_reads_the_bytes_of_what_is_listed_also_at_the_same_time(place: Place) -> None:
    read = await asyncio.gather(*(place.storage.read(picture) for picture in [*place.listed, *place.listed]))

    assert read == [CONTENTS[picture.item] for picture in place.listed] * 2


async def test_storage_refuses_an_object_that_is_gone(place: Place) -> None:
    place.change("inputs/a.png", None)

    with pytest.raises(SourceError, match=r"inputs/a\.png cannot be read"):
        await place.storage.read(place.listed[0])


@pytest.mark.parametrize("place", ["folder", "gcs"], indirect=True)
async def test_storage_refuses_an_object_that_changed(place: Place) -> None:
    place.change("inputs/a.png", b"another")

    with pytest.raises(SourceError, match=r"inputs/a\.png changed .*make it again"):
        await place.storage.read(place.listed[0])


def test_storage_says_which_implementation_it_is(place: Place) -> None:
    assert re.fullmatch(r"[a-z]+/\d+", place.storage.identity)
