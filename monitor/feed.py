"""The newest events of the swarm, numbered, for whoever watches from outside. No watcher can slow the swarm.

    feed = Feed()                                       # WorkflowMonitor(feed=feed) fills it
    with feed.subscribe(after=last_event_id) as watcher:
        while not is_gone:
            for told in await watcher.take(timeout_s=15):   # [] after 15 quiet seconds: say that you are there
                send(id=told.id, data=told.as_json())
            if watcher.missed: …                        # so many were gone before they could be taken

All watchers read one ring, each from its own place: telling an event costs the same for none and for a hundred. One
that is slower than the ring loses the oldest, and is told how many; nothing ever waits for it. To be used on the event
loop only.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from types import TracebackType
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import asdict

from monitor.text import Redact, redacted, shortened, well_formed
from swarm.agent import StepId
from swarm.events import Event, JournalCommitted, StepsReady

_TEXT_CHARS = 500


class Told(Struct, gc=False):
    """One event as it is told: its number, when it was (seconds since 1970), what it was. It is put into words when
    first asked for, and they are kept, so that many watchers cost no more than one."""

    id: int
    at: float
    event: Event
    redact: Redact
    words: str = ""

    @property
    def name(self) -> str:
        """What happened, like `step_ended`."""
        return name_of(self.event)

    def as_dict(self) -> dict[str, object]:
        """`{"id": 7, "at": …, "event": "step_ended", "run": …, "role": …, "item": …, …}`: plain values, ready for JSON.

        The fields are those of the event; a step is its `role` and `item`. Texts are free of secrets and at most 500
        characters long; they are anyone's words still, to be escaped where they are shown.
        """
        told: dict[str, object] = {"id": self.id, "at": round(self.at, 3), "event": self.name}
        for field, value in asdict(self.event).items():
            if isinstance(value, StepId):
                told |= {"role": self._plain(value.role), "item": self._plain(value.item)}
            else:
                told[field] = self._plain(value)
        return told

    def as_json(self) -> str:
        """The same as JSON: one line of plain ASCII."""
        if not self.words:
            self.words = json.dumps(self.as_dict())
        return self.words

    def _plain(self, value: Any) -> object:  # a field of an event, or what is inside of one
        if isinstance(value, str):
            return shortened(self.redact(well_formed(value)), _TEXT_CHARS)
        if isinstance(value, tuple):
            return [self._plain(inner) for inner in value]
        return value


class Feed:
    """A ring of the newest `size` events; numbers begin at 1 and have no gaps. `clock` gives seconds since 1970."""

    def __init__(self, *, size: int = 2_000, clock: Callable[[], float] = time.time, redact: Redact = redacted) -> None:
        self.newest = 0
        self.missed = 0
        self._ring: deque[Told] = deque(maxlen=size)
        self._clock = clock
        self._redact = redact
        self._watchers: set[Watcher] = set()
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def oldest(self) -> int:
        """The number of the oldest event that is still there; one more than the newest if there is none."""
        return self.newest - len(self._ring) + 1

    @property
    def watchers(self) -> int:
        """How many there are now."""
        return len(self._watchers)

    def tell(self, event: Event) -> None:
        """Take an event: about half a microsecond, however many watch. Of steps that are ready and of commits, which
        only figures are made of, there is nothing to tell."""
        if isinstance(event, StepsReady | JournalCommitted):
            return
        self.newest = number = self.newest + 1
        self._ring.append(Told(number, self._clock(), event, self._redact))
        if self._waiting:
            self._wake()

    def subscribe(self, after: int | None = None, *, pace_s: float = 0.25) -> "Watcher":
        """Watch what comes after the event of this number, or from now on. Between two takes at least `pace_s` pass, so
        that a burst of events is one batch and not as many wake-ups.

        A number that was never given (of a feed before a restart) counts as the beginning of the ring.
        """
        place = self.newest if after is None else after if 0 <= after <= self.newest else self.oldest - 1
        return Watcher(self, place, pace_s)

    def since(self, number: int) -> list[Told]:
        """What is still there of the events after this number, in order."""
        there = min(self.newest - number, len(self._ring))
        return list(islice(self._ring, len(self._ring) - there, None)) if there > 0 else []

    def join(self, watcher: "Watcher") -> None:
        """Somebody watches."""
        self._watchers.add(watcher)

    def leave(self, watcher: "Watcher") -> None:
        """Somebody watches no more."""
        self._watchers.discard(watcher)

    async def something_new(self) -> None:
        """Wait for the next event."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        finally:
            if future in self._waiting:
                self._waiting.remove(future)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


class Watcher:
    """A place in a feed, moved on by its owner; a context manager that lets go of it. `missed` counts the events that
    were gone before they were taken."""

    def __init__(self, feed: Feed, place: int, pace_s: float) -> None:
        self.missed = 0
        self._feed = feed
        self._place = place
        self._pace_s = pace_s
        self._next_at = 0.0

    def __enter__(self) -> Self:
        self._feed.join(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._feed.leave(self)

    async def take(self, timeout_s: float | None = None) -> list[Told]:
        """All that is new, in order; waits until there is something, at most `timeout_s` seconds, and then gives
        nothing. Never more at a time than the feed's size."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                if (pause_s := self._next_at - loop.time()) > 0:
                    await asyncio.sleep(pause_s)
                while self._place >= self._feed.newest:
                    await self._feed.something_new()
        except TimeoutError:
            return []
        self._next_at = loop.time() + self._pace_s
        return self._taken()

    def _taken(self) -> list[Told]:
        batch = self._feed.since(self._place)
        missed = self._feed.newest - self._place - len(batch)
        self.missed += missed
        self._feed.missed += missed
        self._place = self._feed.newest
        return batch


def name_of(event: Event) -> str:
    """The name of an event's class in lower case, like `step_ended`."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in type(event).__name__)[1:]
