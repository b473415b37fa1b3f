"""The vision port over OpenAI: a picture is described in words once, and the words become a vector."""

import base64
import binascii
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from agents.craft.untrusted import fault_of
from agents.services.errors import BadAnswer
from agents.services.openai_answers import Asker, Prompt, asked_twice
from agents.services.openai_client import EMBEDDINGS, jpeg_url
from agents.services.openai_prompts import PICTURE, VISION_VERSION, PictureWords
from agents.services.paid import PaidCalls, Question
from agents.services.ports import Sight
from swarm.agent import RunsBlocking

DIMENSIONS = 1536
_SIDE_PX = 512
_TOKENS = 2500
_LONGEST_CHARS = 600


class OpenAIVision:
    """Looks at thumbnails in low detail, by one model, and embeds what it saw by another."""

    is_paid = True

    def __init__(self, asker: Asker, calls: PaidCalls, embedding_model: str, run_blocking: RunsBlocking) -> None:
        self._asker = asker
        self._calls = calls
        self._embedding_model = embedding_model
        self._run_blocking = run_blocking

    @property
    def identity(self) -> str:
        """Both models and the version of our prompt."""
        return f"openai:{self._asker.model}+{self._embedding_model}/{VISION_VERSION}"

    async def look(self, pixels: NDArray[np.uint8], *, is_mirrored_too: bool = False) -> Sight:
        """The vector of what is described, 1536 numbers of length 1, and the description. Words do not tell left from
        right, so the mirror image has the same vector. Raises ServiceError."""
        picture = await self._run_blocking(data_url, pixels)
        prompt = Prompt("picture_description", VISION_VERSION, PICTURE, {}, _TOKENS, picture)
        description = await self._asker.ask(prompt, PictureWords, _description)
        vector = await self._embedded(description)
        return Sight(vector, vector if is_mirrored_too else None, description)

    async def _embedded(self, text: str) -> NDArray[np.float32]:
        body = {"input": [text], "dimensions": DIMENSIONS, "encoding_format": "base64"}
        tokens = len(text.encode()) // 2 + 8
        question = Question(
            EMBEDDINGS, self._embedding_model, body, tokens, likely_tokens=tokens // 2, version=VISION_VERSION
        )
        return await asked_twice(self._calls, question, _vector)


def data_url(pixels: NDArray[np.uint8]) -> str:
    """A picture as a small JPEG in an address of its own; nothing else of its file goes along."""
    image = Image.fromarray(pixels)
    image.thumbnail((_SIDE_PX, _SIDE_PX))
    return jpeg_url(_jpeg(image))


def _jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def _description(answer: PictureWords) -> str:
    text = " ".join(answer.description.split())
    if fault := fault_of(text, most_chars=_LONGEST_CHARS):
        raise BadAnswer(f"the description is {fault}")
    return text


def _vector(said: Any) -> NDArray[np.float32]:
    data = said.get("data")
    if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], dict) or data[0].get("index") != 0:
        raise BadAnswer("the answer has not one vector for one text")
    vector = _numbers(data[0].get("embedding"))
    if vector.shape != (DIMENSIONS,):
        raise BadAnswer(f"the vector has {vector.size} numbers, and {DIMENSIONS} are wanted")
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0:
        raise BadAnswer("the vector holds what is no number, or nothing")
    return np.asarray(vector / length, dtype=np.float32)


def _numbers(said: object) -> NDArray[np.float64]:
    """A vector in either encoding."""
    try:
        if isinstance(said, str):
            return np.frombuffer(base64.b64decode(said, validate=True), dtype="<f4").astype(np.float64)
        if isinstance(said, list):
            return np.array([float(number) for number in said], dtype=np.float64)
    except (binascii.Error, ValueError, TypeError, OverflowError):
        pass
    raise BadAnswer("the vector cannot be read")
