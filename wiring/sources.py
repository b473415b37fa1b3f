"""The source of a book, wherever it lies: its name, its `book.toml`, its pictures."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from agents.book.settings import Settings
from agents.services.configuration import TomlFile
from agents.services.folder import SourceFolder
from agents.services.gcs import BucketToml, SourceBucket
from agents.services.gcs_bucket import THREADS
from agents.services.gcs_place import GcsPlace, is_in_bucket
from agents.services.ports import Listing
from registry import ThreadPool

_TOML_DEADLINE_S = 60.0
"""For what is read before there are settings."""
_MOST_HUNG = 64
"""A thread that nobody waits for any more ends by itself soon after, so that many may."""


class Source(Protocol):
    """What a person named: a folder, or a place in a bucket. `name` finds it again from anywhere."""

    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> Path | None:
        """The folder, if it is one."""
        ...

    @property
    def toml(self) -> TomlFile: ...

    def listed(self, settings: Settings) -> Listing:
        """The pictures; blocking. Raises SourceError."""
        ...


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A local folder."""

    folder: Path

    @property
    def name(self) -> str:
        return str(self.folder.resolve())

    @property
    def toml(self) -> TomlFile:
        return self.folder / "book.toml"

    def listed(self, settings: Settings) -> Listing:
        """The pictures; blocking. Raises SourceError."""
        return SourceFolder(
            self.folder,
            settings.input_prefix,
            settings.output_prefix,
            settings.max_pictures,
            settings.max_picture_bytes,
        ).list()


@dataclass(frozen=True, slots=True)
class BucketSource:
    """A place in a bucket."""

    place: GcsPlace
    toml: BucketToml = field(init=False)
    folder: None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "toml", BucketToml(self.place, bucket_threads(), _TOML_DEADLINE_S))

    @property
    def name(self) -> str:
        return str(self.place)

    def listed(self, settings: Settings) -> Listing:
        """The pictures; blocking. Raises SourceError."""
        return SourceBucket(
            self.place,
            settings.input_prefix,
            settings.output_prefix,
            settings.max_pictures,
            settings.max_picture_bytes,
            settings.storage_deadline_s,
            bucket_threads(),
        ).list()


def source_named(name: str) -> Source:
    """The source that a person names. Raises SettingsError."""
    return BucketSource(GcsPlace.of(name)) if is_in_bucket(name) else FolderSource(Path(name))


def bucket_threads() -> ThreadPool:
    """Threads for the requests to a bucket."""
    return ThreadPool(THREADS, most_hung=_MOST_HUNG, name="bucket")
