"""Who watches, and what each is sent. Painting costs the same for one viewer and for a hundred, and none is waited for.

A scene is painted at most once a pace and only while somebody looks at it. What changed of it is one message for all
its viewers. One who takes them too slowly loses those that wait, is counted, and gets the whole scene instead.
"""

import asyncio
import hashlib
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Self

from loguru import logger

from monitor import names

_MOST_WAITING = 4
_MOST_SCENES = 64


@dataclass(frozen=True)
class Scene:
    """A page at one moment: its parts by name as HTML, its newest marks by their ids as HTML, the oldest first."""

    parts: dict[str, str]
    marks: tuple[tuple[int, str], ...] = ()
    is_over: bool = False

    @property
    def place(self) -> int:
        """The id of the newest mark."""
        return self.marks[-1][0] if self.marks else 0

    @cached_property
    def digest(self) -> str:
        """Names what the parts say."""
        return hashlib.sha256("\0".join(self.parts.values()).encode("utf-8", "replace")).hexdigest()[:16]

    def since(self, earlier: "Scene") -> bytes | None:
        """What changed since an earlier scene as a message; None when nothing did."""
        parts = {name: html for name, html in self.parts.items() if earlier.parts.get(name) != html}
        return self._message(parts, earlier.place)

    def opening(self, place: int, digest: str) -> bytes | None:
        """The message for one who knows the marks up to `place`, and the parts when the digest is theirs."""
        return self._message({} if digest == self.digest else self.parts, place)

    def _message(self, parts: dict[str, str], after: int) -> bytes | None:
        marks = [html for number, html in self.marks if number > after]
        if not parts and not marks:
            return None
        told = json.dumps({"parts": parts, "marks": marks, "over": self.is_over})
        return f"id: {self.place}\ndata: {told}\n\n".encode()


class TooManyViewers(Exception):
    """There are as many streams as there may be."""


@dataclass
class _Topic:
    scene: Scene | None = None
    painted_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    viewers: "set[Viewer]" = field(default_factory=set)


class Hub:
    """All viewers by what they look at. `paint` gives the scene of a topic, None for one that there is not. To be used
    on one loop."""

    def __init__(
        self,
        paint: Callable[[str], Awaitable[Scene | None]],
        *,
        pace_s: float = 1.0,
        most_viewers: int = 256,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dropped = 0
        self.is_closed = False
        self._paint = paint
        self._pace_s = pace_s
        self._most_viewers = most_viewers
        self._clock = clock
        self._topics: dict[str, _Topic] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def viewers(self) -> int:
        """How many there are."""
        return sum(len(topic.viewers) for topic in self._topics.values())

    async def scene(self, name: str) -> Scene | None:
        """The scene as it is now, or was less than half a pace ago."""
        topic = self._topic(name)
        async with topic.lock:
            if self._clock() - topic.painted_at >= self._pace_s / 2:
                topic.scene = await self._paint(name)
                topic.painted_at = self._clock()
        return topic.scene

    def watch(self, name: str, place: int, digest: str) -> "Viewer":
        """A viewer of a topic, who knows its marks up to `place` and its parts by their digest. Raises
        TooManyViewers."""
        if self.viewers >= self._most_viewers or self.is_closed:
            raise TooManyViewers
        return Viewer(self, name, place, digest)

    def close(self) -> None:
        """Let all viewers go."""
        self.is_closed = True
        if self._task is not None:
            self._task.cancel()
        for topic in self._topics.values():
            for viewer in topic.viewers:
                viewer.wake()

    def join(self, viewer: "Viewer") -> None:
        """Somebody looks."""
        self._topic(viewer.topic).viewers.add(viewer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._turn(), name="page")

    def leave(self, viewer: "Viewer") -> None:
        """Somebody looks no more."""
        self._topic(viewer.topic).viewers.discard(viewer)

    def _topic(self, name: str) -> _Topic:
        topic = self._topics.pop(name, None) or _Topic()
        self._topics[name] = topic
        if len(self._topics) > _MOST_SCENES:
            for old in [old for old, known in self._topics.items() if not known.viewers and old != name][:1]:
                del self._topics[old]
        return topic

    async def _turn(self) -> None:
        """Paint what is looked at, while it is."""
        while self.viewers:
            await asyncio.sleep(self._pace_s)
            for name in [name for name, topic in self._topics.items() if topic.viewers]:
                try:
                    await self._renew(name)
                except Exception as fault:  # the next turn may go well
                    logger.opt(exception=fault).warning(names.PAGE_NOT_PAINTED)

    async def _renew(self, name: str) -> None:
        """Send all viewers what is new to them; those who know the same are sent the same bytes."""
        scene = await self.scene(name)
        if scene is None:
            return
        messages: dict[int, bytes | None] = {}
        for viewer in self._topic(name).viewers:
            known = viewer.known
            if known is None or known is scene:
                continue
            if id(known) not in messages:
                messages[id(known)] = scene.since(known)
            self.dropped += viewer.put(scene, messages[id(known)])


class Viewer:
    """One who looks at a topic; a context manager that lets go of the place. `place` and `digest` say what the browser
    has already, `known` is the scene that it has when it has taken all that waits; None at first, and when it fell
    behind."""

    def __init__(self, hub: Hub, topic: str, place: int, digest: str) -> None:
        self.topic = topic
        self._hub = hub
        self._place = place
        self._digest = digest
        self.known: Scene | None = None
        self._waiting: deque[tuple[Scene, bytes]] = deque()
        self._something = asyncio.Event()

    def __enter__(self) -> Self:
        self._hub.join(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hub.leave(self)

    def put(self, scene: Scene, message: bytes | None) -> int:
        """Keep the message that leads from the known scene to this one until it is taken, and give how many were
        dropped for it: then nothing is known any more, and the next take is the whole scene."""
        self.known = scene
        if message is None:
            return 0
        self._waiting.append((scene, message))
        self._something.set()
        if len(self._waiting) <= _MOST_WAITING:
            return 0
        dropped = len(self._waiting)
        self._waiting.clear()
        self.known, self._digest = None, ""
        return dropped

    def wake(self) -> None:
        """Look whether there is still something to wait for."""
        self._something.set()

    async def take(self, timeout_s: float) -> bytes | None:
        """The next message; None after `timeout_s` quiet seconds. Raises EOFError when nothing more will come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not self._hub.is_closed:
                    if self.known is None and (opening := await self._opening()) is not None:
                        return opening
                    if self._waiting:
                        break
                    self._something.clear()
                    await self._something.wait()
        if self._hub.is_closed:
            raise EOFError
        if not self._waiting:
            return None
        scene, message = self._waiting.popleft()
        self._place, self._digest = scene.place, scene.digest
        return message

    async def _opening(self) -> bytes | None:
        """What leads to the scene as it is now, for one who has just come or fell behind."""
        scene = await self._hub.scene(self.topic)
        if scene is None:
            raise EOFError
        message = scene.opening(self._place, self._digest)
        self.known = scene
        self._place, self._digest = scene.place, scene.digest
        return message
