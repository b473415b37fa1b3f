"""A folder as the content-addressed store: each blob is a file called by the SHA-256 of its bytes."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from agents.services.errors import StoreError
from swarm import Blob
from swarm.agent import RunsBlocking


@dataclass(frozen=True, slots=True)
class FolderBlobs:
    """Blobs below `root`. A blob appears whole or not at all, and is checked when it is read."""

    root: Path
    run_blocking: RunsBlocking
    faults: list[str] = field(default_factory=list)
    """Why blobs could not be kept, though the step may have been done without."""

    @property
    def identity(self) -> str:
        return "folder/1"

    async def put(self, data: bytes) -> Blob:
        """Keep bytes and give their reference; the same bytes are kept once. Raises StoreError."""
        return await self.run_blocking(self._put, data)

    async def get(self, blob: Blob) -> bytes:
        """The bytes of a reference. Raises StoreError if they are gone or damaged."""
        return await self.run_blocking(self.read, blob)

    def has(self, blob: Blob) -> bool:
        """Whether the blob is there."""
        return self._path(blob.digest).is_file()

    def read(self, blob: Blob) -> bytes:
        """As `get`, but blocking."""
        try:
            data = self._path(blob.digest).read_bytes()
        except OSError as error:
            raise StoreError(f"a picture of the store is gone ({blob.digest[:12]}): run again") from error
        if hashlib.sha256(data).hexdigest() != blob.digest:
            raise StoreError(f"a picture of the store is damaged ({blob.digest[:12]}): run again")
        return data

    def _put(self, data: bytes) -> Blob:
        blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
        path = self._path(blob.digest)
        if path.exists():
            return blob
        part = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            self.faults.append(f"{self.root} cannot be written: {error.strerror}; make room there and run again")
            raise StoreError(self.faults[-1]) from error
        return blob

    def _path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest
