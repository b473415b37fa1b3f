"""Hands an agent its step outside any run, with real ports, and pictures to hand on."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from agents.book.picture import Heap, Reading, SourcePicture
from agents.book.story import PageBrief
from agents.services.folder_blobs import FolderBlobs
from agents.services.handmade_vision import HandmadeVision
from swarm import AgentSpec, Gathered, Step, StepId
from tests.agents.volumes import Shelf
from tests.e2e.sources import drawing

LOOK: dict[str, Any] = {"trim": "square", "theme": "calm"}
"""The settings of the usual look of a book."""


async def hand(spec: AgentSpec, *, round_: int = 0, notes: str = "", rejected: object = None, **arguments: Any) -> Any:
    """What the agent gives for these arguments, or raises."""
    step = Step(StepId(spec.role, "item"), "run", round_, notes, rejected, False, asyncio.to_thread)
    return await spec.handler(step, **arguments)


def gathered(values: Mapping[str, Any], losses: Mapping[str, str] | None = None) -> Gathered[Any]:
    """Results by item, as an agent of the whole book gets them."""
    return Gathered(dict(values), dict(losses or {}))


def brief_of(renderings: int = 4) -> PageBrief:
    """The brief of a page with so many renderings."""
    return Shelf().brief(renderings=renderings, caption="Pip the fox")


class Pictures:
    """Pictures that are read as ingest reads them; the store of what was made of them."""

    def __init__(self, root: Path) -> None:
        self.blobs = FolderBlobs(root / "blobs", asyncio.to_thread)
        self.vision = HandmadeVision(asyncio.to_thread)
        self._root = root

    def file(self, item: str, number: int, style: int = 0) -> tuple[SourcePicture, bytes]:
        """A scribble as an object of the source, and its bytes."""
        path = self._root / "picture.png"
        drawing(number, style).save(path)
        data = path.read_bytes()
        heap = Heap.INPUT if item.startswith("inputs/") else Heap.OUTPUT
        return SourcePicture(item, heap, len(data), "digest"), data

    async def read(self, spec: AgentSpec, item: str, number: int, style: int = 0) -> Reading:
        """What ingest makes of a scribble."""
        source, data = self.file(item, number, style)
        return cast(Reading, await self.take(spec, source, data))

    async def take(self, spec: AgentSpec, source: SourcePicture, data: bytes, *, straighten: bool = True) -> Any:
        """What ingest makes of these bytes."""
        return await hand(
            spec,
            brief=source,
            max_picture_bytes=10**7,
            max_picture_pixels=10**6,
            straighten=straighten,
            storage=_Bytes(data),
            blobs=self.blobs,
            vision=self.vision,
        )


class _Bytes:
    """The storage port over one object."""

    identity = "bytes/1"

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self, picture: SourcePicture) -> bytes:
        return self._data
