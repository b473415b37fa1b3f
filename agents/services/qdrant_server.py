"""A Qdrant server behind the ports of vectors, which a book never depends on.

The exact index in this process answers in any case, and at once. Beside that, the server is given the points of a book
and asked for its pairs, and its answer is held against the exact one: so a book has the same bytes in the same time
whether the server answers or not. A server that is down, slow, emptied or wrong is noticed, told of once, and filled
again when it is back. What the server is for is the gallery: the pictures of all books, of all who share it.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.services.errors import BadAnswer, ServiceError, ServiceMissing, ServiceRefused
from agents.services.ports import Hit, Neighbour, Place
from agents.services.qdrant_calls import Found, QdrantCalls
from agents.services.qdrant_memory import MemoryVectors, point_id

T = TypeVar("T")

_PATIENCE_S, _LOST_PATIENCE_S = 15.0, 5.0
"""How long the server may take for one thing; less while it is thought lost."""
_PARTING_S = 3.0
_SAME = 1e-3
_DAY_S = 86_400.0


class QdrantVectors:
    """`memory` answers what the server does not. `tell` is told, in a sentence, when the server is lost and when it is
    back. `fault` says what is wrong at the moment, and is empty where nothing is; `faults` are all that were."""

    identity = "qdrant/1"

    def __init__(
        self,
        calls: QdrantCalls,
        memory: MemoryVectors,
        *,
        tell: Callable[[str], object],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.fault = ""
        self.faults: list[str] = []
        self._calls = calls
        self._memory = memory
        self._tell = tell
        self._clock = clock
        self._held: dict[str, tuple[tuple[str, ...], NDArray[np.float32]]] = {}
        self._put: set[str] = set()
        self._lacking: set[str] = set()
        self._work: asyncio.Task[None] | None = None

    async def index(self, collection: str, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Make `collection` hold exactly these points; `vectors` has shape (n, dimensions), n at least 1."""
        await self._memory.index(collection, ids, vectors)
        self._held[collection] = tuple(ids), vectors
        self._put.discard(collection)
        self._begin(lambda: self._fill(collection))

    async def search(self, collection: str, vectors: NDArray[np.float32], limit: int) -> list[list[Hit]]:
        """The `limit` nearest points by cosine of each of the (n, dimensions) vectors, best first."""
        exact = await self._memory.search(collection, vectors, limit)
        self._begin(lambda: self._compare(collection, vectors, limit, exact))
        return exact

    async def keep(self, kind: str, places: Sequence[Place], vectors: NDArray[np.float32]) -> None:
        """Add pictures; one at the same place is replaced. What the server has already is not sent again."""
        await self._memory.keep(kind, places, vectors)
        self._lacking.add(kind)
        self._begin(lambda: self._send(kind, places, vectors))

    async def nearest(self, kind: str, vector: NDArray[np.float32], limit: int) -> list[Neighbour]:
        """The pictures nearest to a vector, best first: of all that the server has, else of those kept here."""
        found: list[Neighbour] = []

        async def ask() -> None:
            with suppress(ServiceMissing):  # nobody has kept any
                (row,) = await self._calls.search(_gallery(kind, len(vector)), vector[None], limit)
                found.extend(_neighbour(point) for point in row)

        self._begin(ask)
        await self.settled()
        is_answered = not self.fault and kind not in self._lacking
        return found if is_answered else await self._memory.nearest(kind, vector, limit)

    async def settled(self) -> None:
        """Wait until the server has done its part of all that was asked for, or did not."""
        if self._work is not None:
            await self._work

    async def close(self) -> None:
        """Remove what only the pairs of this book needed, and let go of the server; after a moment, whatever is still
        in hand."""

        async def part() -> None:
            await self.settled()
            for collection in sorted(self._put):
                size = self._held[collection][1].shape[1]
                await self._calls.clear(_matching(collection, size), collection, self._yesterday())

        try:
            with suppress(ServiceError, TimeoutError):  # what is left behind goes a day later
                async with asyncio.timeout(_PARTING_S):
                    await part()
        finally:
            if self._work is not None:
                self._work.cancel()
            await self._calls.close()

    def _begin(self, work: Callable[[], Awaitable[None]]) -> None:
        """Have the server do something after all that it was asked for before."""
        before = self._work

        async def turn() -> None:
            if before is not None:
                await before
            await self._tried(work)

        self._work = asyncio.create_task(turn(), name="qdrant")

    async def _fill(self, collection: str, *, is_anew: bool = False) -> None:
        """Put a book's points; anew, in place of all that the server has of them."""
        ids, vectors = self._held[collection]
        name, size = _matching(collection, vectors.shape[1]), vectors.shape[1]
        if is_anew:
            await self._calls.ensure(name, size)
            await self._calls.clear(name, collection, self._yesterday())
        points = [str(uuid5(NAMESPACE_URL, f"{collection}\0{one}")) for one in ids]
        payloads = [{"id": one, "group": collection, "at": self._clock()} for one in ids]
        await self._made(name, size, lambda: self._calls.put(name, points, vectors, payloads))
        self._put.add(collection)

    async def _made(self, name: str, size: int, work: Callable[[], Awaitable[T]]) -> T:
        """Work in a collection that may have to be made first, or may be one for other vectors."""
        try:
            return await work()
        except ServiceMissing:
            await self._calls.ensure(name, size)
            return await work()
        except ServiceRefused:
            await self._calls.ensure(name, size)  # which says what is wrong with it, if something is
            raise

    async def _compare(
        self, collection: str, vectors: NDArray[np.float32], limit: int, exact: Sequence[Sequence[Hit]]
    ) -> None:
        """Ask the server; fill it anew when it has not what it should. Raises ServiceError when that does not help."""
        if collection in self._put and await self._agrees(collection, vectors, limit, exact):
            return
        await self._fill(collection, is_anew=True)
        if not await self._agrees(collection, vectors, limit, exact):
            raise BadAnswer("the Qdrant server gives other neighbours than there are: look into its log")

    async def _agrees(
        self, collection: str, vectors: NDArray[np.float32], limit: int, exact: Sequence[Sequence[Hit]]
    ) -> bool:
        try:
            found = await self._calls.search(_matching(collection, vectors.shape[1]), vectors, limit, collection)
        except ServiceMissing:
            return False
        known = set(self._held[collection][0])
        return all(_is_same(row, hits, known) for row, hits in zip(found, exact, strict=True))

    async def _send(self, kind: str, places: Sequence[Place], vectors: NDArray[np.float32]) -> None:
        name, size = _gallery(kind, vectors.shape[1]), vectors.shape[1]
        ids = [point_id(place) for place in places]
        there = await self._made(name, size, lambda: self._calls.payloads(name, ids))
        missing = [index for index, place in enumerate(places) if there.get(ids[index]) != asdict(place)]
        payloads = [asdict(places[index]) for index in missing]
        points = [ids[index] for index in missing]
        await self._made(name, size, lambda: self._calls.put(name, points, vectors[missing], payloads))
        self._lacking.discard(kind)

    async def _tried(self, work: Callable[[], Awaitable[None]]) -> None:
        """Work with the server; that it came to nothing is told, and no error."""
        patience_s = _LOST_PATIENCE_S if self.fault else _PATIENCE_S
        try:
            async with asyncio.timeout(patience_s):
                await work()
        except ServiceError as error:
            self._lost(str(error))
        except TimeoutError:
            self._lost(f"the Qdrant server took longer than {patience_s:.0f} s: see what it is busy with")
        else:
            if self.fault:
                self._tell("the Qdrant server is back, and has again what it should")
            self.fault = ""

    def _lost(self, said: str) -> None:
        if not self.fault:
            self._tell(f"{said}; until it is back, pictures are compared in this process, with the same result")
            self.fault = said
        if said not in self.faults:
            self.faults.append(said)

    def _yesterday(self) -> float:
        return self._clock() - _DAY_S


def _matching(collection: str, size: int) -> str:
    """The server's collection for points of this kind: what stands before the run in `drawings-…`."""
    return f"doodlebound-{collection.partition('-')[0]}-{size}"


def _gallery(kind: str, size: int) -> str:
    return f"doodlebound-pictures-{re.sub(r'[^a-z0-9]+', '-', kind.lower()).strip('-')}-{size}"


def _is_same(found: Sequence[Found], exact: Sequence[Hit], known: set[str]) -> bool:
    """Whether the server's answer is the exact one, but for the order of what is equally near."""
    likeness = [point.likeness for point in found]
    expected = [hit.likeness for hit in exact]
    is_near = len(likeness) == len(expected) and bool(np.allclose(likeness, expected, rtol=0, atol=_SAME))
    return is_near and all(point.payload.get("id") in known for point in found)


def _neighbour(point: Found) -> Neighbour:
    try:
        return Neighbour(msgspec.convert(dict(point.payload), Place), float(point.likeness))
    except msgspec.ValidationError as error:
        raise BadAnswer(
            "the Qdrant server has a picture that is not noted as ours: look into its collections"
        ) from error
