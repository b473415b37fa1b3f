"""A folder as the content-addressed store: each blob is a file called by the SHA-256 of its bytes."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agents.services.errors import StoreError
from swarm import Blob
from swarm.agent import RunsBlocking
from swarm.errors import RunBroken
from swarm.failpoints import failpoint


@dataclass(frozen=True, slots=True)
class FolderBlobs:
    """Blobs below `root`. A blob appears whole or not at all, and is checked when it is read."""

    root: Path
    run_blocking: RunsBlocking

    @property
    def identity(self) -> str:
        return "folder/1"

    async def put(self, data: bytes) -> Blob:
        """Keep bytes and give their reference; the same bytes are kept once. Raises RunBroken."""
        return await self.run_blocking(self._put, data)

    async def get(self, blob: Blob) -> bytes:
        """The bytes of a reference. Raises StoreError if they are gone or damaged, RunBroken if they cannot be read."""
        return await self.run_blocking(self.read, blob)

    def has(self, blob: Blob) -> bool:
        """Whether the blob is there."""
        return self._path(blob.digest).is_file()

    def has_digest(self, digest: str) -> bool:
        """Whether a blob with this digest is there; blocking."""
        return self._path(digest).is_file()

    def all(self) -> Iterator[tuple[str, int, float]]:
        """All blobs: digest, size in bytes, and when it was written in seconds since 1970; blocking."""
        for path in self.root.glob("*/*"):
            with suppress(FileNotFoundError):
                about = path.stat()
                yield path.name, about.st_size, about.st_mtime

    def remove(self, digest: str) -> None:
        """Forget a blob; blocking, and content when it is gone."""
        self._path(digest).unlink(missing_ok=True)

    def read(self, blob: Blob) -> bytes:
        """As `get`, but blocking."""
        try:
            data = self._path(blob.digest).read_bytes()
        except FileNotFoundError as error:
            said = f"a picture of the store is gone ({blob.digest[:12]}): resume the run, and it is made again"
            raise StoreError(said, retryable=True) from error
        except OSError as error:
            raise RunBroken(
                f"{self.root} cannot be read: {error.strerror}; mend that and resume the run", retryable=True
            ) from error
        if hashlib.sha256(data).hexdigest() != blob.digest:
            self.remove(blob.digest)  # so that it is made again
            said = f"a picture of the store is damaged ({blob.digest[:12]}): resume the run, and it is made again"
            raise StoreError(said, retryable=True)
        return data

    def _put(self, data: bytes) -> Blob:
        blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
        path = self._path(blob.digest)
        if path.exists():
            return blob
        part = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                failpoint("blobs.write")
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise RunBroken(
                f"{self.root} cannot be written: {error.strerror}; mend that and resume the run", retryable=True
            ) from error
        return blob

    def _path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest
