"""The way to one bucket: its client in threads of its own, behind the one place that retries."""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from agents.services.calling import Attempt, Classify, Policy, Service
from agents.services.errors import BadAnswer, SettingsError
from agents.services.gcs_place import GcsPlace
from swarm.events import Observe

if TYPE_CHECKING:
    from agents.services.gcs_client import BucketClient, Page, Stored

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 8
"""How many requests are made at the same time: more were not faster."""
_LONGEST_STALL_S = 20.0
_SLOWEST_BYTES_PER_S = 250_000
POLICY = Policy(max_in_flight=2 * THREADS, attempt_s=3600.0)
"""Twice as many calls as threads, so that a thread finds the next one at once; an attempt ends when nothing comes."""
_SHARE = 2 / 3
"""What a request may take of the time that is left, so that there is time for another."""


class Threads(Protocol):
    """Threads for blocking work that nobody else works in."""

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a thread and wait for its result."""
        ...

    def close(self) -> None:
        """Let the idle threads end; where there is work again, there are threads again."""
        ...


class Bucket:
    """Calls to a bucket, each within `deadline_s` seconds, retries included, and four more for each MB; `observe` is
    told of each request.

    Belongs to one event loop. Each call raises ServiceError, and AccountRefused where the credentials are none.
    """

    def __init__(self, place: GcsPlace, threads: Threads, *, deadline_s: float, observe: Observe) -> None:
        self.place = place
        self.deadline_s = deadline_s
        self._threads = threads
        self._client, classify = _client(place.bucket, min(_LONGEST_STALL_S, deadline_s / 3))
        self._service = Service("gcs", classify, observe=observe, policy=POLICY)

    async def pages(self, prefix: str) -> AsyncIterator[tuple["Stored", ...]]:
        """All that lies below a prefix, page by page. BadAnswer where the pages go round in a circle."""
        token, seen = "", set[str]()
        while token not in seen:
            seen.add(token)
            page = await self._page(prefix, token)
            yield tuple(stored for stored in page.objects if stored.name.startswith(prefix))
            if not (token := page.token):
                return
        raise BadAnswer("its pages go round in a circle")

    async def about(self, name: str) -> "Stored | None":
        """What is known of an object; None if there is none."""
        return await self._call(lambda seconds: self._client.about(name, timeout_s=seconds))

    async def head(self, name: str, size: int) -> bytes:
        """The first bytes of an object, not checked."""
        return await self._call(lambda seconds: self._client.head(name, size, timeout_s=seconds))

    async def download(self, wanted: "Stored", most_bytes: int) -> bytes:
        """All bytes of an object as it was listed, checked; ServiceConflict if it has changed since."""
        return await self._call(
            lambda seconds: self._client.download(wanted, most_bytes=most_bytes, timeout_s=seconds), wanted.size_bytes
        )

    async def upload(self, name: str, data: bytes, *, over: int, content_type: str) -> "Stored":
        """Put an object over the one of generation `over` (0: where there is none). ServiceConflict if that is not what
        is there; after a failed attempt, that may be our own."""
        return await self._call(
            lambda seconds: self._client.upload(name, data, over=over, content_type=content_type, timeout_s=seconds),
            len(data),
        )

    async def delete(self, name: str, generation: int) -> None:
        """Remove an object, if it has this generation."""
        await self._call(lambda seconds: self._client.delete(name, generation=generation, timeout_s=seconds))

    def close(self) -> None:
        """Let go of connections and threads."""
        self._client.close()
        self._threads.close()

    async def _page(self, prefix: str, token: str) -> "Page":
        return await self._call(lambda seconds: self._client.page(prefix, token, timeout_s=seconds))

    async def _call(self, request: Callable[[float], T], size_bytes: int = 0) -> T:
        async def make(attempt: Attempt) -> T:
            return await self._threads.run(request, attempt.timeout_s * _SHARE)

        return await self._service.call(make, deadline_s=self.deadline_s + size_bytes / _SLOWEST_BYTES_PER_S)


def _client(bucket: str, stall_s: float) -> tuple["BucketClient", Classify]:
    try:
        from agents.services.gcs_client import BucketClient
        from agents.services.gcs_errors import classifier
    except ModuleNotFoundError as error:
        raise SettingsError(f"gs://{bucket} needs the Python package {error.name}: run `make cloud`") from error
    return BucketClient(bucket, stall_s=stall_s), classifier(bucket)
