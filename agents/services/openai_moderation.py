"""The moderation port over OpenAI: texts and pictures, each with the categories for which it is flagged."""

import re
from collections.abc import Sequence
from typing import Any

from agents.services.errors import BadAnswer
from agents.services.openai_answers import asked_twice
from agents.services.openai_client import MODERATIONS, jpeg_url
from agents.services.paid import PaidCalls, Question

_AT_ONCE = 32
_CATEGORY = re.compile(r"[a-z_/-]{1,40}")


class OpenAIModeration:
    """Asks a moderation model, which costs nothing but counts as a call."""

    is_paid = True

    def __init__(self, calls: PaidCalls, model: str) -> None:
        self._calls = calls
        self._model = model

    @property
    def identity(self) -> str:
        """The model."""
        return f"openai:{self._model}/1"

    async def check_texts(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """For each text the categories for which it is flagged; blank ones are not asked about. Raises ServiceError."""
        told = [text for text in dict.fromkeys(texts) if text.strip()]
        found: dict[str, tuple[str, ...]] = {}
        for start in range(0, len(told), _AT_ONCE):
            some = told[start : start + _AT_ONCE]
            found |= zip(some, await self._checked([*some], len(some)), strict=True)
        return [found.get(text, ()) for text in texts]

    async def check_picture(self, jpeg: bytes) -> tuple[str, ...]:
        """The categories for which a picture is flagged. Raises ServiceError."""
        (verdict,) = await self._checked([{"type": "image_url", "image_url": {"url": jpeg_url(jpeg)}}], 1)
        return verdict

    async def _checked(self, asked: list[Any], count: int) -> list[tuple[str, ...]]:
        question = Question(MODERATIONS, self._model, {"input": asked}, input_tokens=0)
        return await asked_twice(self._calls, question, lambda said: _verdicts(said, count))


def _verdicts(said: Any, count: int) -> list[tuple[str, ...]]:
    results = said.get("results")
    if not isinstance(results, list) or len(results) != count:
        raise BadAnswer("the answer has not one verdict for each thing")
    return [_verdict(result) for result in results]


def _verdict(result: Any) -> tuple[str, ...]:
    flagged, categories = (result.get(key) if isinstance(result, dict) else None for key in ("flagged", "categories"))
    if not isinstance(flagged, bool) or not isinstance(categories, dict):
        raise BadAnswer("a verdict has not the shape of one")
    named = (name for name, is_meant in categories.items() if is_meant is True and _CATEGORY.fullmatch(str(name)))
    return tuple(sorted(named)) or ("flagged",) if flagged else ()
