"""The moderation port over OpenAI: texts and pictures, each with the categories for which it is flagged."""

import re
from typing import Any

from agents.services.errors import BadAnswer
from agents.services.openai_answers import asked_twice
from agents.services.openai_client import MODERATIONS, jpeg_url
from agents.services.paid import PaidCalls, Question

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

    async def check_text(self, text: str) -> tuple[str, ...]:
        """The categories for which a text is flagged. Raises ServiceError."""
        return await self._checked({"type": "text", "text": text}) if text.strip() else ()

    async def check_picture(self, jpeg: bytes) -> tuple[str, ...]:
        """The same for a picture."""
        return await self._checked({"type": "image_url", "image_url": {"url": jpeg_url(jpeg)}})

    async def _checked(self, part: dict[str, Any]) -> tuple[str, ...]:
        question = Question(MODERATIONS, self._model, {"input": [part]}, input_tokens=0)
        return await asked_twice(self._calls, question, _flagged)


def _flagged(said: Any) -> tuple[str, ...]:
    results = said.get("results")
    if not isinstance(results, list) or len(results) != 1 or not isinstance(results[0], dict):
        raise BadAnswer("the answer has not one verdict for one thing")
    flagged, categories = results[0].get("flagged"), results[0].get("categories")
    if not isinstance(flagged, bool) or not isinstance(categories, dict):
        raise BadAnswer("the verdict has not the shape of one")
    named = (name for name, is_meant in categories.items() if is_meant is True and _CATEGORY.fullmatch(str(name)))
    return tuple(sorted(named)) or ("flagged",) if flagged else ()
