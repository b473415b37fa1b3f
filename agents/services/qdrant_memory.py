"""Qdrant's embedded index in memory: the client is synchronous, so all calls go to a thread of its own.

The client is imported when it is first used: a run that finds its pairs in the journal never waits for it.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from numpy.typing import NDArray

from agents.services.ports import Hit, Neighbour, Place
from swarm.agent import RunsBlocking

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

_BATCH = 100
_FEW_QUERIES = 32


class MemoryVectors:
    """An index that lasts as long as the process. `run_blocking` belongs to it alone and has one thread.

    The embedded client compares with every point, one query after another, at some 10 ms each. Many queries at once are
    therefore answered by one product over the same points.
    """

    identity = "memory/1"

    def __init__(self, run_blocking: RunsBlocking) -> None:
        self.run_blocking = run_blocking
        self._points: dict[str, tuple[tuple[str, ...], NDArray[np.float32]]] = {}
        self._kept: dict[str, dict[str, tuple[Place, NDArray[np.float32]]]] = {}

    @cached_property
    def _client(self) -> "QdrantClient":
        from qdrant_client import QdrantClient

        return QdrantClient(":memory:")

    async def index(self, collection: str, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Make `collection` hold exactly these points; `vectors` has shape (n, dimensions), n at least 1."""
        await self.run_blocking(self._index, collection, ids, vectors)

    async def search(self, collection: str, vectors: NDArray[np.float32], limit: int) -> list[list[Hit]]:
        """The `limit` nearest points by cosine of each of the (n, dimensions) vectors, best first."""
        return await self.run_blocking(self._search, collection, vectors, limit)

    async def keep(self, kind: str, places: Sequence[Place], vectors: NDArray[np.float32]) -> None:
        """Add pictures; one at the same place is replaced."""
        kept = self._kept.setdefault(kind, {})
        for place, vector in zip(places, _unit(vectors), strict=True):
            kept[point_id(place)] = place, vector

    async def nearest(self, kind: str, vector: NDArray[np.float32], limit: int) -> list[Neighbour]:
        """The pictures nearest to a vector, best first, equal ones in the order in which they were kept."""
        return await self.run_blocking(self._neighbours, kind, vector, limit)

    async def count(self, kind: str) -> int:
        """How many pictures there are of a kind."""
        return len(self._kept.get(kind, {}))

    async def settled(self) -> None:
        """Nothing is ever in hand."""

    async def close(self) -> None:
        """Nothing lasts, so there is nothing to do."""

    def _neighbours(self, kind: str, vector: NDArray[np.float32], limit: int) -> list[Neighbour]:
        kept = self._kept.get(kind)
        if not kept:
            return []
        points = np.stack([vector for _, vector in kept.values()])
        (best,) = _best(_unit(vector[None]) @ points.T, limit)
        places = [place for place, _ in kept.values()]
        return [Neighbour(places[index], score) for index, score in best]

    def _index(self, collection: str, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        from qdrant_client.models import Distance, PointStruct, VectorParams

        self._points[collection] = tuple(ids), _unit(vectors)
        if self._client.collection_exists(collection):
            self._client.delete_collection(collection)
        parameters = VectorParams(size=vectors.shape[1], distance=Distance.COSINE)
        self._client.create_collection(collection, vectors_config=parameters)
        for start in range(0, len(ids), _BATCH):
            points = [
                PointStruct(id=str(uuid5(NAMESPACE_URL, name)), vector=vector.tolist(), payload={"id": name})
                for name, vector in zip(ids[start : start + _BATCH], vectors[start : start + _BATCH], strict=True)
            ]
            self._client.upsert(collection, points)

    def _search(self, collection: str, vectors: NDArray[np.float32], limit: int) -> list[list[Hit]]:
        if len(vectors) > _FEW_QUERIES and collection in self._points:
            return _nearest(*self._points[collection], _unit(vectors), limit)
        from qdrant_client.models import QueryRequest

        requests = [QueryRequest(query=vector.tolist(), limit=limit, with_payload=True) for vector in vectors]
        answers = self._client.query_batch_points(collection, requests)
        return [[Hit((point.payload or {})["id"], point.score) for point in answer.points] for answer in answers]


def point_id(place: Place) -> str:
    """The id of a picture's point: one for the same bytes at the same place, whatever the run."""
    return str(uuid5(NAMESPACE_URL, "\0".join((place.digest, place.source, place.path))))


def _nearest(
    ids: tuple[str, ...], points: NDArray[np.float32], queries: NDArray[np.float32], limit: int
) -> list[list[Hit]]:
    return [[Hit(ids[index], score) for index, score in row] for row in _best(queries @ points.T, limit)]


def _best(likeness: NDArray[np.float32], limit: int) -> list[list[tuple[int, float]]]:
    """The `limit` largest numbers of each row with their columns, largest first, the earlier of equal ones first."""
    best = np.argsort(-likeness, axis=1, kind="stable")[:, :limit]
    scores = np.take_along_axis(likeness, best, axis=1)
    return [list(zip(row, of, strict=True)) for row, of in zip(best.tolist(), scores.tolist(), strict=True)]


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
