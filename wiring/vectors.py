"""Likeness: the index of vectors as the settings want it, filled from the journal, and asked what is like a picture.

The journal is the truth: the gallery of the pictures of all books is made of what `ingest` has written down there.
"""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from loguru import logger
from numpy.typing import NDArray

from agents.book.picture import Heap, Reading
from agents.book.settings import Settings
from agents.craft.decoding import UndecodableError
from agents.craft.preparing import prepare
from agents.services.errors import SourceError
from agents.services.handmade_vision import HandmadeVision
from agents.services.ports import Neighbour, Place
from agents.services.qdrant_memory import MemoryVectors
from monitor.text import table
from registry import ThreadPool
from swarm.codec import decode, digest_of
from swarm.events import Observe
from swarm.store.writer import Writer
from wiring.job import Job, Request, opened
from wiring.shelf import Shelf
from wiring.watching import told

if TYPE_CHECKING:
    from agents.services.credentials import Credentials
    from agents.services.qdrant_server import QdrantVectors


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that a run looked at, with its vector of 1536 numbers and by whom it was made."""

    place: Place
    kind: str
    vector: NDArray[np.float32]


def vectors_of(job: Job, thread: ThreadPool) -> "MemoryVectors | QdrantVectors":
    """The index that the settings of a job name; `thread` is its own."""
    return _index(job.settings, job.credentials, thread, told(job.monitor), _log)


def _index(
    settings: Settings,
    credentials: "Credentials | None",
    thread: ThreadPool,
    observe: Observe,
    tell: Callable[[str], object],
) -> "MemoryVectors | QdrantVectors":
    memory = MemoryVectors(thread.run)
    if settings.vectors == "memory" or credentials is None or credentials.qdrant_url is None:
        return memory
    from agents.services.qdrant_calls import POLICY, QdrantCalls
    from agents.services.qdrant_server import QdrantVectors

    policy = replace(POLICY, max_in_flight=settings.service_concurrency)
    calls = QdrantCalls.of(credentials.qdrant_url, credentials.qdrant_api_key, thread.run, observe, policy)
    return QdrantVectors(calls, memory, tell=tell)


def _log(said: str) -> None:
    logger.bind(service="qdrant", detail=said).warning("vectors_told")


async def remember(job: Job, vectors: "MemoryVectors | QdrantVectors") -> None:
    """Begin to put the pictures of a run into the gallery of a server, if there is one."""
    if isinstance(vectors, MemoryVectors):
        return
    kept = await asyncio.to_thread(kept_pictures, job.shelf.writer, job.run)
    job.notes["vectors"] = {"implementation": "qdrant", "kept": len(kept), "faults": vectors.faults}
    await _keep(vectors, kept)


async def _keep(vectors: "MemoryVectors | QdrantVectors", kept: list[Kept]) -> None:
    for kind in sorted({one.kind for one in kept}):
        of = [one for one in kept if one.kind == kind]
        await vectors.keep(kind, [one.place for one in of], np.stack([one.vector for one in of]))


def kept_pictures(writer: Writer, run: str = "") -> list[Kept]:
    """The pictures that the runs of a journal, or one run, looked at: at each place of a source what was there last."""
    origins, rows = writer.call(lambda connection: (_origins(connection), _rows(connection, run)), is_write=False)
    newest: dict[tuple[str, str], Kept] = {}
    for run_id, digest, data in rows:
        if run_id in origins and digest_of(data) == digest.hex() and (kept := _kept(run_id, origins[run_id], data)):
            newest[kept.place.source, kept.place.path] = kept
    return list(newest.values())


def _origins(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Source and title of each run that is understood."""
    found: dict[str, tuple[str, str]] = {}
    for run, request in connection.execute("SELECT id, request FROM runs"):
        with suppress(ValueError):  # it was asked by another version
            asked = msgspec.json.decode(request, type=Request)
            found[run] = asked.source, Settings.model_validate(asked.settings).shown_title
    return found


def _rows(connection: sqlite3.Connection, run: str) -> list[tuple[str, bytes, bytes]]:
    """Run, digest and result of each picture that was looked at, the oldest first."""
    return connection.execute(
        "SELECT runs.id, made.digest, made.data FROM steps AS used JOIN runs ON runs.number = used.run "
        "JOIN steps AS made ON made.hash = used.hash AND made.key = used.key AND made.state = 'done' "
        "WHERE used.role = 'ingest' AND used.state IN ('done', 'reused') AND ? IN ('', runs.id) ORDER BY used.id",
        (run,),
    ).fetchall()


def _kept(run: str, origin: tuple[str, str], data: bytes) -> Kept | None:
    try:
        reading = decode(data, Reading)
    except ValueError:  # it was made by another version
        return None
    assert isinstance(reading, Reading)  # noqa: S101  (decoded as one)
    if not reading.features:
        return None
    (source, book), picture = origin, reading.source
    place = Place(picture.digest, picture.item, picture.heap.value, source, run, book)
    return Kept(place, reading.made_with, np.frombuffer(reading.features, "<f2").astype(np.float32))


# The pictures that are like one


@dataclass(frozen=True, slots=True)
class Similar:
    """The pictures nearest to one, best first; `compared` is how many of the store's own there were, and `fault` why a
    server did not answer, if so."""

    picture: str
    neighbours: tuple[Neighbour, ...]
    compared: int
    fault: str

    def as_text(self) -> str:
        """A table."""
        rows = [("likeness", "picture", "book", "source")]
        rows += [(f"{one.likeness:.3f}", one.place.path, one.place.book, one.place.source) for one in self.neighbours]
        return table(rows)

    def as_json(self) -> str:
        """One object on one line."""
        return json.dumps(
            {
                "picture": self.picture,
                "neighbours": [{"likeness": round(one.likeness, 4), **asdict(one.place)} for one in self.neighbours],
                "compared": self.compared,
                "fault": self.fault or None,
            }
        )


def similar(shelf: Shelf, settings: Settings, picture: Path, limit: int, say: Callable[[str], None]) -> Similar:
    """What is like a picture, over all books: those of the store, and of a server those that it has from others.

    Raises SourceError when the picture cannot be read.
    """
    data = _read(picture, settings)
    kept = kept_pictures(shelf.writer)
    return asyncio.run(_similar(settings, picture, data, kept, limit, say))


async def _similar(
    settings: Settings, picture: Path, data: bytes, kept: list[Kept], limit: int, say: Callable[[str], None]
) -> Similar:
    thread = ThreadPool(1, name="vectors")
    vectors = _index(settings, opened(settings), thread, lambda _event: None, say)
    try:
        kind, vector = await _looked_at(picture, data, kept, settings, thread)
        await _keep(vectors, kept)
        found = await vectors.nearest(kind, vector, limit)
    finally:
        await vectors.close()
        thread.close()
    compared = sum(one.kind == kind for one in kept)
    faults = [] if isinstance(vectors, MemoryVectors) else vectors.faults
    return Similar(str(picture), tuple(found), compared, "; ".join(faults))


async def _looked_at(
    picture: Path, data: bytes, kept: list[Kept], settings: Settings, thread: ThreadPool
) -> tuple[str, NDArray[np.float32]]:
    """The vector of a picture and who made it: as the journal has it, else made now as that of a drawing."""
    digest = hashlib.sha256(data).hexdigest()
    vision = HandmadeVision(thread.run)
    known = (one.vector for one in reversed(kept) if one.place.digest == digest and one.kind == vision.identity)
    if (vector := next(known, None)) is not None:
        return vision.identity, vector
    try:
        prepared = await thread.run(
            partial(prepare, max_pixels=settings.max_picture_pixels, may_straighten=settings.straighten),
            data,
            Heap.INPUT,
        )
    except UndecodableError as error:
        raise SourceError(f"{picture} is no picture that can be read: {error.detail}") from None
    return vision.identity, (await vision.look(prepared.pixels)).features


def _read(picture: Path, settings: Settings) -> bytes:
    try:
        with picture.open("rb") as file:
            data = file.read(settings.max_picture_bytes + 1)
    except OSError as error:
        raise SourceError(f"{picture} cannot be read: {error.strerror}; name the file of a picture") from None
    if len(data) > settings.max_picture_bytes:
        raise SourceError(f"{picture} is larger than {settings.max_picture_bytes} bytes: make it smaller")
    return data
