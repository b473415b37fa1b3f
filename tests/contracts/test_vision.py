"""The contract of the vision port, on every implementation of it."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from agents.craft.likeness import feature_vector, mirrored
from agents.services.handmade_vision import HandmadeVision
from agents.services.ports import Vision
from tests.e2e.sources import drawing
from tests.peers.openai import OpenAI
from tests.peers.openai_content import Prompt
from tests.peers.openai_ports import ports_to
from tests.peers.serving import served

DIMENSIONS = 1536


@pytest.fixture(params=["handmade", "openai"])
async def vision(request: pytest.FixtureRequest) -> AsyncIterator[Vision]:
    if request.param == "handmade":
        yield HandmadeVision(asyncio.to_thread)
        return
    with served(OpenAI(answers={"picture_description": _recognised})) as peer:
        async with ports_to(peer.url) as ports:
            yield ports.vision


def _recognised(prompt: Prompt, _schema: dict[str, Any]) -> dict[str, str]:
    """What a model does that knows what is drawn, in whatever colours and from whichever side."""
    with Image.open(io.BytesIO(prompt.pictures[0])) as opened:
        shown = feature_vector(np.asarray(opened.convert("RGB")))
    known = [feature_vector(_pixels(number)) for number in range(4)]
    likeness = [max(shown @ one, shown @ mirrored(one)) for one in known]
    return {"description": f"A {('fox', 'house', 'boat', 'tree')[int(np.argmax(likeness))]} on a hill."}


def _pixels(number: int, style: int = 0) -> NDArray[np.uint8]:
    return np.asarray(drawing(number, style), dtype=np.uint8)


async def test_vision_gives_two_unit_vectors_of_1536_numbers(vision: Vision) -> None:
    sight = await vision.look(_pixels(1), is_mirrored_too=True)

    for vector in (sight.features, sight.mirrored):
        assert vector is not None
        assert vector.shape == (DIMENSIONS,)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


async def test_vision_sees_the_same_in_the_same_picture(vision: Vision) -> None:
    first, second = await asyncio.gather(vision.look(_pixels(1)), vision.look(_pixels(1), is_mirrored_too=True))

    assert np.array_equal(first.features, second.features)
    assert first.mirrored is None
    assert first.description == second.description


async def test_vision_finds_a_rendering_more_like_its_drawing_than_another(vision: Vision) -> None:
    drawings = [await vision.look(_pixels(number)) for number in range(4)]
    renderings = [await vision.look(_pixels(number, style=2)) for number in range(4)]

    likeness = np.array([[made.features @ drawn.features for drawn in drawings] for made in renderings])

    assert list(likeness.argmax(axis=1)) == [0, 1, 2, 3]


async def test_vision_knows_a_picture_in_the_mirror(vision: Vision) -> None:
    straight, other = [await vision.look(_pixels(number), is_mirrored_too=True) for number in (2, 3)]
    flipped = await vision.look(_pixels(2)[:, ::-1])

    assert straight.mirrored is not None
    assert other.mirrored is not None
    assert straight.mirrored @ flipped.features >= straight.features @ flipped.features
    assert straight.mirrored @ flipped.features > other.mirrored @ flipped.features


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 2)])
@pytest.mark.parametrize("colour", [0, 255])
async def test_vision_bears_pictures_with_nothing_in_them(vision: Vision, shape: tuple[int, int], colour: int) -> None:
    sight = await vision.look(np.full((*shape, 3), colour, dtype=np.uint8), is_mirrored_too=True)

    for vector in (sight.features, sight.mirrored):
        assert vector is not None
        assert vector.shape == (DIMENSIONS,)
        assert np.isfinite(vector).all()


def test_vision_says_which_implementation_it_is(vision: Vision) -> None:
    assert re.fullmatch(r"[a-z]+(:\S+)?/\d+", vision.identity)
