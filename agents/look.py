"""look: has a picture moderated and described by the services that are switched on, before it is paired."""

import io

import numpy as np
from loguru import logger
from numpy.typing import NDArray
from PIL import Image

from agents.book.picture import Look, Reading
from agents.services.errors import ServiceError
from agents.services.ports import BlobStore, Moderation, Vision
from swarm import Provisional, Step, agent


@agent(
    scope="image",
    needs=("ingest",),
    ports=("blobs", "moderation", "describer"),
    before="pair",
    only_if=(("is_moderated", True), ("vision", "openai")),
    workers=16,
    deadline_s=600,
)
async def look(
    step: Step, *, ingest: Reading, blobs: BlobStore, moderation: Moderation, describer: Vision
) -> Look | Provisional[Look]:
    """Has a picture moderated and described, where services are switched on."""
    if ingest.picture is None:
        return Look()
    thumbnail = await blobs.get(ingest.picture.thumbnail)
    if flagged := await moderation.check_picture(thumbnail):
        logger.bind(path=ingest.source.item, reason=", ".join(flagged)).warning("picture_flagged")
        return Look(flagged)
    try:
        sight = await describer.look(await step.run_blocking(_pixels, thumbnail))
    except ServiceError as error:  # it can be paired without; tomorrow it may be described
        logger.bind(path=ingest.source.item, reason=str(error)).warning("picture_not_described")
        return Provisional(Look(), str(error))
    vector = sight.features.astype("<f2").tobytes()
    return Look((), sight.description, vector, describer.identity)


def _pixels(jpeg: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), dtype=np.uint8)
