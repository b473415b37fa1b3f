"""Putting a finished book into its place: it appears whole or not at all.

A book is made in `OUT/.doodlebound/work/RUN/book`, synced, and renamed to `OUT/SLUG`. An older book of the same source
is moved aside first, under a written intent that the next start finishes; a book of another source keeps its place.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from agents.services.errors import OutputError, PublishError
from swarm.failpoints import failpoint

STORE = ".doodlebound"
KEEP = "keep"
"""A file of this name in a working folder says that it is not to be removed."""
_SPARE_BYTES = 50 * 2**20
_ROOM_FACTOR = 3


@dataclass(frozen=True, slots=True)
class OutFolder:
    """The folder that books are put into, with its store."""

    root: Path

    @property
    def store(self) -> Path:
        """Where the journal, blobs and work lie."""
        return self.root / STORE

    @property
    def blobs(self) -> Path:
        """Where the pictures of all runs lie, by their content."""
        return self.store / "blobs"

    def log(self, run: str) -> Path:
        """Where the log of a run is written; it stays there, whatever becomes of the run."""
        return self.store / "logs" / f"{run}.jsonl"

    def work(self, run: str) -> Path:
        """The working folder of a run."""
        return self.store / "work" / run

    def remove_work(self, run: str) -> None:
        """Remove the working folder of a run, unless it is to be kept; content when there is none."""
        if not (self.work(run) / KEEP).exists():
            shutil.rmtree(self.work(run), ignore_errors=True)

    def kept(self, run: str) -> str:
        """The folder, below the store, of what an upload of a run is about to replace."""
        return f"kept/{run}"

    def remove_kept(self, run: str) -> None:
        """Forget what the upload of a run has replaced; content when there is nothing."""
        shutil.rmtree(self.store / self.kept(run), ignore_errors=True)

    def prepare(self, *, source: Path | None, source_bytes: int) -> None:
        """Make the folder, and check that there is room.

        Raises OutputError when the folder cannot be used.
        """
        if source is not None and self.root.resolve().is_relative_to(source.resolve()):
            raise OutputError(f"the output folder {self.root} lies inside the source: name another with --out")
        try:
            (self.store / "work").mkdir(parents=True, exist_ok=True)
            probe = self.store / f"probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise OutputError(
                f"the output folder {self.root} cannot be written: {error.strerror}; name another with --out"
            ) from error
        needed = source_bytes * _ROOM_FACTOR + _SPARE_BYTES
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise OutputError(
                f"the output folder {self.root} has {free >> 20} MiB of room, a book of this source may need "
                f"{needed >> 20} MiB: make room, or name another with --out"
            )

    def recover(self, *, is_held: Callable[[str], bool]) -> None:
        """Finish the replacements that earlier processes left half-done, but not those of a run that is held now.

        Raises OutputError when one cannot be finished.
        """
        for intent in sorted((self.store / "work").glob("intent-*.json")):
            if is_held(intent.stem.removeprefix("intent-")):
                continue
            try:
                self._carry_out(intent)
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise OutputError(
                    f"an earlier run was replacing a book, and {intent} cannot be carried out ({error}): "
                    "see to the folders that it names and remove it, or name another folder with --out"
                ) from error

    def publish(self, made: Path, slug: str, source_id: str) -> Path:
        """Move a made book to its place and give it. Raises PublishError; then the book stays where it was made."""
        try:
            _sync_tree(made)
            failpoint("publish.synced")
            for name in self._names(slug):
                target = self.root / name
                if not os.path.lexists(target):
                    made.rename(target)
                elif _source_of(target) == source_id:
                    self._replace(made, target)
                else:
                    continue
                failpoint("publish.moved")
                _sync(self.root)
                return target
        except OSError as error:
            raise PublishError(
                f"the book cannot be put into {self.root}: {error.strerror}; make room there and run again"
            ) from error
        raise AssertionError("the names never end")

    @staticmethod
    def _names(slug: str) -> Iterator[str]:
        yield slug
        yield from (f"{slug}-{number}" for number in count(2))

    def _replace(self, made: Path, target: Path) -> None:
        aside = self.store / "work" / f"old-{made.parent.name}-{target.name}"
        intent = self.store / "work" / f"intent-{made.parent.name}.json"
        paths = {"made": made, "target": target, "aside": aside}
        part = intent.with_suffix(".part")
        part.write_text(json.dumps({name: os.fspath(path.relative_to(self.root)) for name, path in paths.items()}))
        _sync(part)
        part.rename(intent)
        _sync(intent.parent)
        try:
            failpoint("publish.intended")
            self._carry_out(intent)
        except OSError:
            if aside.exists() and not target.exists():  # the older edition stands until the new one does
                aside.rename(target)
                intent.unlink()
            raise

    def _carry_out(self, intent: Path) -> None:
        """Do what is left of a replacement; each of its moves is seen from what lies where."""
        paths = {name: self.root / path for name, path in json.loads(intent.read_text()).items()}
        made, target, aside = paths["made"], paths["target"], paths["aside"]
        if made.exists():
            if target.exists():
                target.rename(aside)
            failpoint("publish.aside")
            made.rename(target)
            failpoint("publish.replaced")
        _sync(self.root)
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        elif aside.exists():
            aside.rename(target)
        failpoint("publish.cleared")
        intent.unlink()


def _source_of(book: Path) -> str:
    """The source that a book was made from, empty if that is not known."""
    try:
        report = json.loads((book / "report.json").read_text("utf-8"))
        return str(report["source_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _sync_tree(root: Path) -> None:
    for folder, _, files in os.walk(root):
        for name in files:
            _sync(Path(folder, name))
        _sync(Path(folder))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
