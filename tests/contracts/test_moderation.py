"""The contract of the moderation port, on every implementation of it."""

import io
import re
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from agents.services.absent import Unmoderated
from agents.services.ports import Moderation
from tests.peers.openai import OpenAI
from tests.peers.openai_content import FLAGGED_COLOUR
from tests.peers.openai_ports import ports_to
from tests.peers.serving import served


@pytest.fixture(params=["none", "openai"])
async def moderation(request: pytest.FixtureRequest) -> AsyncIterator[Moderation]:
    if request.param == "none":
        yield Unmoderated()
        return
    with served(OpenAI()) as peer:
        async with ports_to(peer.url) as ports:
            yield ports.moderation


def _jpeg(colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize(
    "texts", [[], [""], ["A fox."], ["A fox.", " ", "A fox.", "An owl."], [f"word {number}" for number in range(40)]]
)
async def test_moderation_gives_a_verdict_for_each_text(moderation: Moderation, texts: list[str]) -> None:
    assert await moderation.check_texts(texts) == [()] * len(texts)


async def test_moderation_lets_a_harmless_picture_through(moderation: Moderation) -> None:
    assert await moderation.check_picture(_jpeg((200, 220, 240))) == ()


def test_moderation_says_which_implementation_it_is(moderation: Moderation) -> None:
    assert re.fullmatch(r"[a-z]+(:\S+)?/\d+", moderation.identity)


async def test_openai_names_the_categories_of_what_it_flags() -> None:
    with served(OpenAI()) as peer:
        async with ports_to(peer.url) as ports:
            texts = await ports.moderation.check_texts(["A fox.", "a gun and hate", "", "blood"])
            picture = await ports.moderation.check_picture(_jpeg(FLAGGED_COLOUR))

    assert texts == [(), ("hate", "violence"), (), ("violence/graphic",)]
    assert picture == ("violence",)
