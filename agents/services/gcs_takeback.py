"""Taking back what was done to objects of buckets: what was put is removed, what was there is put back.

Only what is still as we left it is touched; what somebody changed since stays. It may be done twice.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from agents.services.errors import ServiceConflict, ServiceMissing, ServiceUnavailable
from agents.services.gcs_bucket import Bucket, Threads
from agents.services.gcs_place import GcsPlace
from agents.services.gcs_upload import Change, content_type
from swarm.events import Event

_DEADLINE_S = 20.0


class TakeBack:
    """Takes changes back, one after the other; blocking. What was kept lies below `store`. Once a bucket cannot be
    reached, no more is tried. Close it: `with TakeBack(…) as take_back`."""

    def __init__(self, store: Path, threads: Callable[[], Threads]) -> None:
        self._store = store
        self._threads = threads
        self._buckets: dict[str, Bucket] = {}
        self._runner: asyncio.Runner | None = None
        self._fault: ServiceUnavailable | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for bucket in self._buckets.values():
            bucket.close()
        if self._runner is not None:
            self._runner.close()

    def __call__(self, target: str) -> None:
        """Take back a change, as it was promised. Raises ServiceError, AccountRefused, OSError when it cannot now."""
        change = msgspec.json.decode(target, type=Change)
        if self._fault is not None:
            raise self._fault
        if self._runner is None:
            self._runner = asyncio.Runner()
        try:
            self._runner.run(self._take_back(change))
        except ServiceUnavailable as error:
            self._fault = error
            raise

    async def _take_back(self, change: Change) -> None:
        bucket = self._bucket(change.bucket)
        now = await bucket.about(change.name)
        if now is None:
            if change.kept and not change.crc32c:
                await self._put_back(bucket, change, over=0)
            return
        is_ours = bool(change.crc32c) and now.crc32c == change.crc32c and now.generation != change.over
        if is_ours and change.kept:
            await self._put_back(bucket, change, over=now.generation)
        elif is_ours:
            await self._remove(bucket, change, now.generation)

    async def _put_back(self, bucket: Bucket, change: Change, *, over: int) -> None:
        data = (self._store / change.kept).read_bytes()
        try:
            await bucket.upload(change.name, data, over=over, content_type=content_type(change.name))
        except ServiceConflict:
            return  # somebody was there since, or our own attempt that failed

    async def _remove(self, bucket: Bucket, change: Change, generation: int) -> None:
        try:
            await bucket.delete(change.name, generation)
        except (ServiceConflict, ServiceMissing):
            return

    def _bucket(self, name: str) -> Bucket:
        if name not in self._buckets:
            place = GcsPlace(name, "")
            self._buckets[name] = Bucket(place, self._threads(), deadline_s=_DEADLINE_S, observe=_nobody)
        return self._buckets[name]


def _nobody(_event: Event) -> None:
    """What is taken back belongs to no run that is watched."""
