"""A local folder as the source: what pictures lie in it, and their bytes."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from agents.book.picture import Heap, SourcePicture
from agents.craft.formats import HEAD_BYTES, PICTURE_SUFFIXES, looks_like_picture
from agents.services.errors import NO_RENDERINGS, SourceError
from swarm.agent import RunsBlocking
from swarm.events import Observe

_PASSING = frozenset({errno.EIO, errno.EAGAIN, errno.EINTR, errno.ESTALE, errno.ETIMEDOUT})
"""What a drive on a network may say once and not again."""
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""What is no fault of the picture: every other one would meet it too."""
_READS = 3


@dataclass(frozen=True, slots=True)
class SourceFolder:
    """A folder with its two prefixes below it. `max_bytes` bounds what is read of one file."""

    root: Path
    input_prefix: str
    output_prefix: str
    max_pictures: int
    max_bytes: int

    def list(self) -> "FolderStorage":
        """List both heaps, each in the order of its paths, with sizes and digests; blocking. Links, hidden files and
        what is no picture are passed over, subfolders are not. Raises SourceError when there is nothing to make a
        book of."""
        self._check_root()
        try:
            found = {heap: sorted(self._walk(heap), key=os.fsencode) for heap in Heap}
        except OSError as error:
            raise SourceError(f"{error.filename} cannot be read: {error.strerror}; change its permissions") from None
        if not found[Heap.INPUT]:
            raise SourceError(f"there is no drawing in {self._place(Heap.INPUT)}: put the child's pictures there")
        if not found[Heap.OUTPUT]:
            raise SourceError(f"there is no rendering in {self._place(Heap.OUTPUT)}: {NO_RENDERINGS}")
        count = sum(len(paths) for paths in found.values())
        if count > self.max_pictures:
            raise SourceError(
                f"{self.root} holds {count} pictures, over the limit of {self.max_pictures}: "
                "make several books of it, or set DOODLEBOUND_MAX_PICTURES"
            )
        listing = FolderStorage(self.max_bytes)
        for heap, paths in found.items():
            listing.add(self.root, heap, paths)
        return listing

    def _check_root(self) -> None:
        root = self.root
        try:
            is_empty = not any(root.iterdir())
        except FileNotFoundError:
            wanted = f"give a folder with {self.input_prefix} and {self.output_prefix}"
            raise SourceError(f"{root} is not there: {wanted}") from None
        except NotADirectoryError:
            raise SourceError(f"{root} is a file: give the folder that holds the pictures") from None
        except OSError as error:
            raise SourceError(f"{root} cannot be read: {error.strerror}; check its name and permissions") from None
        if is_empty:
            raise SourceError(f"{root} is empty: put drawings into {self.input_prefix} below it")

    def _place(self, heap: Heap) -> Path:
        return self.root / (self.input_prefix if heap is Heap.INPUT else self.output_prefix)

    def _walk(self, heap: Heap) -> Iterator[Path]:
        place = self._place(heap)
        for parts in _growing(place.relative_to(self.root).parts):
            if (path := self.root.joinpath(*parts)).is_symlink():
                raise SourceError(f"{path} is a link, and links are not followed: put the pictures themselves there")
        for folder, folders, files in os.walk(place, onerror=_refuse, followlinks=False):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in files:
                path = Path(folder, name)
                if not name.startswith(".") and _is_picture(path):
                    yield path


def _growing(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return (parts[: i + 1] for i in range(len(parts)))


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _is_picture(path: Path) -> bool:
    """A regular file that is called or begins like a picture."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        if path.suffix.lower() in PICTURE_SUFFIXES:
            return True
        with path.open("rb") as file:
            return looks_like_picture(file.read(HEAD_BYTES))
    except OSError:
        return False


@dataclass(slots=True)
class FolderStorage:
    """The listed pictures of a folder, and the storage port over them."""

    max_bytes: int
    pictures: list[SourcePicture] = field(default_factory=list)
    run_blocking: RunsBlocking | None = None
    _files: dict[str, Path] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        return "folder/1"

    @property
    def origin(self) -> dict[str, object]:
        """Nothing: the folder of a family is nobody's business."""
        return {}

    def begin(self, run_blocking: RunsBlocking, observe: Observe) -> None:
        """Read in these threads from now on."""
        self.run_blocking = run_blocking

    def close(self) -> None:
        """Nothing is held."""

    def add(self, root: Path, heap: Heap, paths: list[Path]) -> None:
        """List these files of one heap; blocking."""
        firsts: dict[str, str] = {}
        for path in paths:
            picture = self._listed(root, heap, path)
            if picture.digest:
                first = firsts.setdefault(picture.digest, picture.item)
                picture = picture if first == picture.item else replace(picture, same_as=first)
            self.pictures.append(picture)
            self._files[picture.item] = path

    def _listed(self, root: Path, heap: Heap, path: Path) -> SourcePicture:
        size_bytes, digest = 0, ""
        try:
            size_bytes = path.lstat().st_size
            digest = _digest(path) if size_bytes <= self.max_bytes else ""
        except OSError:
            pass  # whoever reads it finds out why, and says so
        return SourcePicture(self._name(root, path), heap, size_bytes, digest)

    def _name(self, root: Path, path: Path) -> str:
        """The path below the source as text; what is not UTF-8 becomes replacement marks, and is kept apart."""
        raw = os.fsencode(path.relative_to(root).as_posix())
        name = raw.decode("utf-8", "replace")
        return name if name not in self._files else f"{name}~{hashlib.sha256(raw).hexdigest()[:8]}"

    async def read(self, picture: SourcePicture) -> bytes:
        """The bytes of a listed picture. Raises SourceError if it is gone, changed or cannot be read."""
        if self.run_blocking is None:
            return self._read(picture)
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_is_passing),
            stop=stop_after_attempt(_READS),
            wait=wait_random_exponential(multiplier=0.1, max=2.0),
            reraise=True,
        ):
            with attempt:
                return await self.run_blocking(self._read, picture)
        raise AssertionError("the last attempt returns or raises")

    def _read(self, picture: SourcePicture) -> bytes:
        path = self._files[picture.item]
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                data = file.read(self.max_bytes + 1)
        except OSError as error:
            if error.errno in _OURS:
                raise
            is_passing = error.errno in _PASSING
            raise SourceError(f"{picture.item} cannot be read: {error.strerror}", retryable=is_passing) from None
        if picture.digest and hashlib.sha256(data).hexdigest() != picture.digest:
            raise SourceError(f"{picture.item} changed while the book was made: make it again")
        return data


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, SourceError) and error.retryable


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
