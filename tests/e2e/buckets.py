"""A source and a shelf in buckets on a server of ours, behind a proxy that lets requests go wrong."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.books import BESIDE, lasting
from tests.peers.gcs import Gcs
from tests.peers.proxy import Proxy, proxied
from tests.peers.serving import served

SOURCE, SHELF = "gs://pictures/mila", "gs://shelf/books"
MEDIA = "/download/"


@dataclass
class Buckets:
    """The buckets `pictures` and `shelf`."""

    peer: Gcs
    proxy: Proxy

    def fill(self, folder: Path) -> None:
        """Put the pictures of a folder, and its `book.toml`, below `mila/`."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in (".jpg", ".png", ".toml"):
                self.peer.bucket("pictures").put(f"mila/{path.relative_to(folder).as_posix()}", path.read_bytes())

    def shelf(self) -> dict[str, bytes]:
        """What lies on the shelf."""
        return {name: found.data for name, found in self.peer.bucket("shelf").objects.items()}

    def asked(self, method: str, path: str) -> int:
        """How many requests of a method had this in their path."""
        return sum(e.asked.method == method and path in e.asked.path for e in self.proxy.log)

    def most_tries(self) -> int:
        """How often, at most, one object was asked for to read it."""
        tries = Counter(e.asked.target for e in self.proxy.log if MEDIA in e.asked.path)
        return max(tries.values())

    def check_shelf(self, slug: str, book: Path) -> None:
        """The book on the shelf is whole, and is the one that lies in this folder."""
        shelf = self.shelf()
        prefix = f"books/{slug}/"
        there = {name.removeprefix(prefix): data for name, data in shelf.items() if name.startswith(prefix)}
        listed = json.loads(there["manifest.json"])["files"]
        assert {path: hashlib.sha256(there[path]).hexdigest() for path in listed} == {
            path: said["sha256"] for path, said in listed.items()
        }
        assert {path: data for path, data in there.items() if path not in BESIDE - {"manifest.json"}} == lasting(book)
        assert set(there) == {*listed, "manifest.json", "report.json"}


@contextmanager
def buckets() -> Iterator[Buckets]:
    """Serve the two buckets until the end of the block."""
    peer = Gcs()
    peer.bucket("shelf")
    with served(peer) as here, proxied(here.url) as proxy:
        yield Buckets(peer, proxy)
