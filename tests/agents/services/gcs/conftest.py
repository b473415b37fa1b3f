"""A bucket server, a proxy before it that lets requests go wrong, and the real client that is sent there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from agents.services import gcs_bucket
from agents.services.gcs import BucketStorage, SourceBucket
from agents.services.gcs_bucket import Bucket
from agents.services.gcs_place import GcsPlace
from registry import ThreadPool
from swarm.events import Event
from tests.peers.gcs import Gcs
from tests.peers.gcs_objects import Bucket as Objects
from tests.peers.proxy import Proxy, proxied
from tests.peers.serving import served


@dataclass
class World:
    """A bucket `pictures` on a server behind a proxy, and what was said of requests."""

    peer: Gcs
    proxy: Proxy
    events: list[Event] = field(default_factory=list)
    _open: list[Callable[[], None]] = field(default_factory=list)

    @property
    def objects(self) -> Objects:
        """The objects of the bucket."""
        return self.peer.bucket("pictures")

    def bucket(self, prefix: str = "", deadline_s: float = 30.0) -> Bucket:
        """The way to the bucket."""
        place = GcsPlace.of(f"gs://pictures/{prefix}")
        bucket = Bucket(place, ThreadPool(8), deadline_s=deadline_s, observe=self.events.append)
        self._open.append(bucket.close)
        return bucket

    def source(self, max_pictures: int = 100, max_bytes: int = 10_000, deadline_s: float = 30.0) -> SourceBucket:
        """The place `gs://pictures/mila` as a source."""
        place = GcsPlace.of("gs://pictures/mila")
        return SourceBucket(place, "inputs/", "outputs/", max_pictures, max_bytes, deadline_s, ThreadPool(8))

    def listed(self, max_pictures: int = 100, max_bytes: int = 10_000, deadline_s: float = 30.0) -> BucketStorage:
        """The pictures of that source, to be read."""
        storage = self.source(max_pictures, max_bytes, deadline_s).list()
        storage.begin(ThreadPool(1).run, self.events.append)
        self._open.append(storage.close)
        return storage

    def put(self, *names: str, data: bytes = b"picture") -> None:
        """Put objects below `mila/`."""
        for name in names:
            self.objects.put(f"mila/{name}", data)

    def asked(self, method: str, path: str) -> int:
        """How many requests of a method had this in their path."""
        return sum(e.asked.method == method and path in e.asked.path for e in self.proxy.log)

    def close(self) -> None:
        """Let go of all connections."""
        for close in self._open:
            close()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    peer = Gcs()
    with served(peer) as here, proxied(here.url) as proxy:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", proxy.url)
        monkeypatch.setattr(gcs_bucket, "POLICY", replace(gcs_bucket.POLICY, first_wait_s=0.01))
        world = World(peer, proxy)
        world.put("inputs/a.png", data=b"drawing" * 100)
        world.put("outputs/b.jpg", data=b"rendering" * 100)
        try:
            yield world
        finally:
            world.close()
