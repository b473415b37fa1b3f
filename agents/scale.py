"""scale: makes the pictures of one page as large as they appear, for print and for screens."""

import asyncio

from agents.book.design import PageDesign, PlacedPicture
from agents.book.scaled import ScaledPage, ScaledPicture
from agents.book.settings import Format
from agents.press.album import resolutions
from agents.press.scaling import scaled
from agents.services.ports import BlobStore
from swarm import Step, agent


@agent(scope="page", needs=("design",), settings=("formats",), ports=("blobs",), workers=2, deadline_s=300)
async def scale(step: Step, *, design: PageDesign, formats: list[str], blobs: BlobStore) -> ScaledPage:
    """Makes the pictures of one page as large as they appear, for print and for screens."""

    async def made(picture: PlacedPicture, dpi: int) -> ScaledPicture:
        master = await blobs.get(picture.master)
        jpeg = await step.run_blocking(scaled, master, picture.box, dpi)
        blob = await blobs.put(jpeg.data)
        box = picture.box
        return ScaledPicture(
            picture.master.digest, box.width_mm, box.height_mm, dpi, blob, jpeg.width_px, jpeg.height_px
        )

    dpis = resolutions(Format(name) for name in formats)
    pictures = (design.drawing, *design.renderings)
    done = await asyncio.gather(*(made(picture, dpi) for picture in pictures for dpi in dpis))
    return ScaledPage(tuple(done))
