"""ingest: reads one picture of the source, upright, on white, in sRGB; or says why it cannot."""

from dataclasses import dataclass

import numpy as np
from loguru import logger
from numpy.typing import NDArray
from PIL import Image

from agents.book.picture import Heap, Oklab, Omission, Picture, Reading, Reason, SourcePicture, Swatch
from agents.craft.colour import mean_oklab, palette
from agents.craft.decoding import UndecodableError, decode, fit
from agents.craft.jpegs import encode_jpeg
from agents.services.errors import SourceError
from agents.services.ports import BlobStore, Storage, Vision
from swarm import Kind, Step, agent

_MASTER_PX = {Heap.INPUT: 2250, Heap.OUTPUT: 1280}
"""The longest side that the book can use: 7.5 in of drawing and 4.2 in of rendering at 300 dpi."""
_THUMBNAIL_PX = 512
_PALETTE_PX = 64


@dataclass(frozen=True, slots=True)
class _Prepared:
    size_px: tuple[int, int]
    master: bytes
    thumbnail: bytes
    pixels: NDArray[np.uint8]
    mean: Oklab
    palette: tuple[Swatch, ...]


@agent(
    scope="image",
    settings=("max_picture_bytes", "max_picture_pixels"),
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
    storage: Storage,
    blobs: BlobStore,
    vision: Vision,
) -> Reading:
    """Reads a picture upright, on white, in sRGB, and looks at it."""
    if brief.same_as:
        return _omitted(brief, Reason.SAME_AS, f"the same picture as {brief.same_as}")
    if brief.size_bytes > max_picture_bytes:
        most = max_picture_bytes >> 20
        return _omitted(brief, Reason.TOO_LARGE, f"the file has {brief.size_bytes >> 20} MiB, the limit is {most} MiB")
    try:
        data = await storage.read(brief)
        prepared = await step.run_blocking(_prepare, data, _MASTER_PX[brief.heap], max_picture_pixels)
    except UndecodableError as error:
        return _omitted(brief, Reason(error.reason), error.detail)
    except SourceError as error:
        return _omitted(brief, Reason.UNREADABLE, str(error))
    sight = await vision.look(prepared.pixels, is_mirrored_too=brief.heap is Heap.INPUT)
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
    )


def _prepare(data: bytes, longest_side_px: int, max_pixels: int) -> _Prepared:
    decoded = decode(data, max_pixels=max_pixels, longest_side_px=longest_side_px)
    thumbnail = fit(decoded.image, _THUMBNAIL_PX)
    few = _pixels(fit(thumbnail, _PALETTE_PX))
    swatches = palette(few)
    return _Prepared(
        size_px=(decoded.width_px, decoded.height_px),
        master=encode_jpeg(decoded.image, quality=92),
        thumbnail=encode_jpeg(thumbnail, quality=88),
        pixels=_pixels(thumbnail),
        mean=Oklab(*mean_oklab(few)),
        palette=tuple(Swatch(Oklab(s.lightness, s.a, s.b), s.share_ratio) for s in swatches),
    )


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image, dtype=np.uint8)


def _packed(vector: NDArray[np.float32]) -> bytes:
    return vector.astype("<f2").tobytes()


def _omitted(source: SourcePicture, reason: Reason, detail: str) -> Reading:
    logger.bind(path=source.item, reason=reason.value, detail=detail).warning("picture_left_out")
    return Reading(source, omission=Omission(source.item, reason, detail))
