"""The calls to a Qdrant server over HTTP: in batches, through the safe way of all services, with one kind of error.

The client is imported and made in a thread when it is first used: both take longer than the loop may stand still.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import SecretStr

from agents.services.calling import Policy, Service
from agents.services.errors import (
    AccountRefused,
    BadAnswer,
    ServiceConflict,
    ServiceError,
    ServiceMissing,
    ServiceRefused,
    ServiceUnavailable,
)
from swarm.agent import RunsBlocking
from swarm.events import Observe

if TYPE_CHECKING:
    from qdrant_client import AsyncQdrantClient
    from qdrant_client import models as qdrant_models

T = TypeVar("T")

POLICY = Policy(max_in_flight=8, max_attempts=3, attempt_s=5.0)
_DEADLINE_S = 10.0
_BATCH = 32
"""More vectors in one request would hold up the loop for more than some 20 ms while they are written as JSON."""
_IDS = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A point that the server found: what is noted with it, and its likeness."""

    payload: Mapping[str, Any]  # the server's word, to be checked by who reads it
    likeness: float


@dataclass(slots=True)
class QdrantCalls:
    """A server's collections of vectors, compared by cosine. All raise ServiceError, and no other error of a call."""

    url: str
    api_key: SecretStr | None
    run_blocking: RunsBlocking
    service: Service
    _client: "AsyncQdrantClient | None" = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(
        cls, url: str, api_key: SecretStr | None, run_blocking: RunsBlocking, observe: Observe, policy: Policy = POLICY
    ) -> "QdrantCalls":
        """The calls to the server at this address."""
        service = Service("qdrant", lambda error: meaning(error, url), observe=observe, policy=policy)
        return cls(url, api_key, run_blocking, service)

    async def ensure(self, collection: str, size: int) -> None:
        """Make a collection for vectors of `size` numbers, if it is not there. Raises ServiceRefused if it is one for
        other vectors."""
        try:
            info = await self._call(lambda client: client.get_collection(collection))
        except ServiceMissing:
            with suppress(ServiceConflict):  # another process was quicker
                await self._make(collection, size)
            return
        held = info.config.params.vectors
        if getattr(held, "size", None) != size or getattr(held, "distance", None) != "Cosine":
            raise ServiceRefused(
                f"the collection {collection} of the Qdrant server at {self.url} is not for {size} numbers compared by "
                "cosine: remove it there, and it is made anew"
            )

    async def _make(self, collection: str, size: int) -> None:
        models = await self._models()
        cosine = models.VectorParams(size=size, distance=models.Distance.COSINE)
        await self._call(lambda client: client.create_collection(collection, vectors_config=cosine))
        for key, kind in (("group", models.PayloadSchemaType.KEYWORD), ("at", models.PayloadSchemaType.FLOAT)):
            await self._call(partial(_indexed, collection, key, kind))

    async def put(
        self,
        collection: str,
        ids: Sequence[str],
        vectors: NDArray[np.float32],
        payloads: Sequence[Mapping[str, Any]],
    ) -> None:
        """Put points (UUIDs, vectors of shape (n, size)); those of the same id are replaced."""
        models = await self._models()

        def points(of: slice) -> "list[qdrant_models.PointStruct]":
            rows = zip(ids[of], vectors[of].tolist(), payloads[of], strict=True)
            return [models.PointStruct(id=name, vector=vector, payload=dict(note)) for name, vector, note in rows]

        async def batch(start: int) -> None:
            of = slice(start, start + _BATCH)
            await self._call(lambda client: client.upsert(collection, points(of)))

        await _all(batch(start) for start in range(0, len(ids), _BATCH))

    async def clear(self, collection: str, group: str, before: float) -> None:
        """Remove the points of a group, and all that were put before this time (seconds since 1970)."""
        models = await self._models()
        old = models.FieldCondition(key="at", range=models.Range(lt=before))
        condition = models.Filter(should=[_of_group(models, group), old])
        await self._call(lambda client: client.delete(collection, models.FilterSelector(filter=condition)))

    async def search(
        self, collection: str, vectors: NDArray[np.float32], limit: int, group: str | None = None
    ) -> list[list[Found]]:
        """The nearest points (of a group) of each vector, best first, found by comparing with all."""
        models = await self._models()
        within = None if group is None else models.Filter(must=[_of_group(models, group)])

        async def batch(start: int) -> list[list[Found]]:
            requests = [
                models.QueryRequest(
                    query=vector,
                    limit=limit,
                    filter=within,
                    with_payload=True,
                    params=models.SearchParams(exact=True),
                )
                for vector in vectors[start : start + _BATCH].tolist()
            ]
            answers = await self._call(lambda client: client.query_batch_points(collection, requests))
            if len(answers) != len(requests):
                raise BadAnswer(f"the Qdrant server at {self.url} answered {len(answers)} of {len(requests)} questions")
            return [[Found(point.payload or {}, point.score) for point in answer.points] for answer in answers]

        return [row for rows in await _all(batch(start) for start in range(0, len(vectors), _BATCH)) for row in rows]

    async def payloads(self, collection: str, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """What is noted with those of these points that are there, by id."""

        async def batch(start: int) -> list[tuple[str, Mapping[str, Any]]]:
            asked = list(ids[start : start + _IDS])
            records = await self._call(lambda client: client.retrieve(collection, asked, with_payload=True))
            return [(str(record.id), record.payload or {}) for record in records]

        found = await _all(batch(start) for start in range(0, len(ids), _IDS))
        return dict(pair for pairs in found for pair in pairs)

    async def greet(self) -> int:
        """The number of the server's collections: whether it answers, and takes the key."""
        return len((await self._call(lambda client: client.get_collections())).collections)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()

    async def _call(self, work: "Callable[[AsyncQdrantClient], Awaitable[T]]") -> T:
        client = await self._opened()
        return await self.service.call(lambda _: work(client), deadline_s=_DEADLINE_S)

    async def _models(self) -> Any:  # a module
        """The client's types, which are imported with it."""
        await self._opened()
        from qdrant_client import models

        return models

    async def _opened(self) -> "AsyncQdrantClient":
        async with self._opening:
            if self._client is None:
                self._client = await self.run_blocking(self._open)
            return self._client

    def _open(self) -> "AsyncQdrantClient":
        import httpx
        from qdrant_client import AsyncQdrantClient

        policy = self.service.policy
        key = {} if self.api_key is None else {"api-key": self.api_key.get_secret_value()}
        limits = httpx.Limits(max_connections=policy.max_in_flight, max_keepalive_connections=policy.max_in_flight)
        return AsyncQdrantClient(
            url=self.url, headers=key, timeout=ceil(policy.attempt_s), check_compatibility=False, limits=limits
        )


def meaning(error: Exception, url: str) -> ServiceError | AccountRefused | None:
    """What an exception of the client means; it may raise anything when an answer is none. No answer of the server's
    ends a run, since no book depends on it."""
    import httpx
    from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    where = f"the Qdrant server at {url}"
    cause = error.source if isinstance(error, ResponseHandlingException) else error
    match cause:
        case TimeoutError():
            return None
        case ResourceExhaustedResponse():
            return ServiceUnavailable(
                f"{where} has too much to do: try again later",
                outcome="rate-limited",
                retry_after_s=float(cause.retry_after_s),
            )
        case UnexpectedResponse():
            return _of_status(cause.status_code or 0, where)
        case httpx.TimeoutException():
            return ServiceUnavailable(f"{where} is too slow: try again later", outcome="timeout")
        case httpx.TransportError():
            return ServiceUnavailable(f"{where} cannot be reached: start it, or mend QDRANT_URL", outcome="lost")
    return BadAnswer(f"{where} answered what is no answer ({type(cause).__name__}): is QDRANT_URL right?")


def _of_status(status: int, where: str) -> ServiceError:
    match status:
        case 401 | 403:
            return ServiceRefused(f"{where} refuses the key ({status}): mend QDRANT_API_KEY")
        case 404:
            return ServiceMissing(f"{where} has no such collection (404): it is made anew by the next book")
        case 409:
            return ServiceConflict(f"{where} has that already (409)")
        case 429:
            return ServiceUnavailable(f"{where} has too much to do (429): try again later", outcome="rate-limited")
    if status == 408 or status >= 500:
        return ServiceUnavailable(f"{where} is in trouble ({status}): look into its log")
    return ServiceRefused(f"{where} will have none of this request ({status}): is its version too old?")


def _of_group(models: Any, group: str) -> Any:  # of the client's own types, which are imported late
    return models.FieldCondition(key="group", match=models.MatchValue(value=group))


def _indexed(collection: str, key: str, kind: Any, client: "AsyncQdrantClient") -> Awaitable[object]:
    return client.create_payload_index(collection, key, kind)


async def _all(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What all of these give; the first error ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
