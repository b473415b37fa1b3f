"""ingest: reads one picture of the source, upright, on white, in sRGB; or says why it cannot."""

import numpy as np
from loguru import logger
from numpy.typing import NDArray

from agents.book.picture import Heap, Omission, Picture, Reading, Reason, SourcePicture, Straightened
from agents.craft.decoding import UndecodableError
from agents.craft.preparing import Prepared, prepare
from agents.services.errors import SourceError
from agents.services.ports import BlobStore, Storage, Vision
from swarm import Kind, Provisional, Step, agent


@agent(
    scope="image",
    settings=("max_picture_bytes", "max_picture_pixels", "straighten"),
    ports=("storage", "blobs", "vision"),
    kind=Kind.HAZARDOUS,
    workers=4,
    deadline_s=120,
)
async def ingest(
    step: Step,
    *,
    brief: SourcePicture,
    max_picture_bytes: int,
    max_picture_pixels: int,
    straighten: bool,
    storage: Storage,
    blobs: BlobStore,
    vision: Vision,
) -> Reading | Provisional[Reading]:
    """Reads a picture upright, on white, in sRGB, and looks at it."""
    if brief.same_as:
        return _omitted(brief, Reason.SAME_AS, f"the same picture as {brief.same_as}")
    if brief.size_bytes > max_picture_bytes:
        most = max_picture_bytes >> 20
        return _omitted(brief, Reason.TOO_LARGE, f"the file has {brief.size_bytes >> 20} MiB, the limit is {most} MiB")
    try:
        data = await storage.read(brief)
        prepared = await step.run_blocking(_prepare, data, brief.heap, max_picture_pixels, straighten)
    except UndecodableError as error:
        return _omitted(brief, Reason(error.reason), error.detail)
    except SourceError as error:  # tomorrow it may be read
        return Provisional(_omitted(brief, Reason.UNREADABLE, str(error)), str(error))
    sight = await vision.look(prepared.pixels, is_mirrored_too=brief.heap is Heap.INPUT)
    for blemish in prepared.blemishes:
        logger.bind(path=brief.item, reason=blemish.flaw.value, detail=blemish.detail).info("picture_with_blemish")
    width_px, height_px = prepared.size_px
    picture = Picture(
        path=brief.item,
        heap=brief.heap,
        width_px=width_px,
        height_px=height_px,
        master=await blobs.put(prepared.master),
        thumbnail=await blobs.put(prepared.thumbnail),
        mean=prepared.mean,
        palette=prepared.palette,
    )
    return Reading(
        source=brief,
        picture=picture,
        features=_packed(sight.features),
        mirrored=b"" if sight.mirrored is None else _packed(sight.mirrored),
        made_with=vision.identity,
        notes=prepared.notes,
        blemishes=prepared.blemishes,
        straightened=await _straightened(prepared, blobs),
    )


def _prepare(data: bytes, heap: Heap, max_pixels: int, may_straighten: bool) -> Prepared:
    return prepare(data, heap, max_pixels=max_pixels, may_straighten=may_straighten)


async def _straightened(prepared: Prepared, blobs: BlobStore) -> Straightened | None:
    if prepared.sheet is None:
        return None
    corners = tuple((round(x, 4), round(y, 4)) for x, y in prepared.sheet.corners)
    return Straightened(await blobs.put(prepared.before), corners, round(prepared.sheet.sureness, 4))


def _packed(vector: NDArray[np.float32]) -> bytes:
    return vector.astype("<f2").tobytes()


def _omitted(source: SourcePicture, reason: Reason, detail: str) -> Reading:
    logger.bind(path=source.item, reason=reason.value, detail=detail).warning("picture_left_out")
    return Reading(source, omission=Omission(source.item, reason, detail))
