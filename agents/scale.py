"""scale: makes the pictures of one page as large as they appear, for print and for screens."""

import asyncio
from itertools import chain

from agents.book.design import PageDesign, PlacedPicture
from agents.book.scaled import ScaledPage, ScaledPicture
from agents.book.settings import Format
from agents.press.album import resolutions
from agents.press.scaling import scaled_to
from agents.services.ports import BlobStore
from swarm import Step, agent


@agent(scope="page", needs=("design",), settings=("formats",), ports=("blobs",), workers=2, deadline_s=300)
async def scale(step: Step, *, design: PageDesign, formats: list[str], blobs: BlobStore) -> ScaledPage:
    """Makes the pictures of one page as large as they appear, for print and for screens."""

    async def made(picture: PlacedPicture) -> list[ScaledPicture]:
        master, box = await blobs.get(picture.master), picture.box
        pictures = await step.run_blocking(scaled_to, master, box, dpis)
        return [
            ScaledPicture(
                *(picture.master.digest, box.width_mm, box.height_mm, dpi),
                *(await blobs.put(scaled.data), scaled.width_px, scaled.height_px),
            )
            for dpi, scaled in zip(dpis, pictures, strict=True)
        ]

    dpis = resolutions(Format(name) for name in formats)
    done = await asyncio.gather(*(made(picture) for picture in (design.drawing, *design.renderings)))
    return ScaledPage(tuple(chain.from_iterable(done)))
