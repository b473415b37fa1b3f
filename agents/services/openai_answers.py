"""Reading what a model answers: nothing of it is believed before it is checked, and each fault has a name."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from agents.services.errors import BadAnswer
from agents.services.openai_client import RESPONSES
from agents.services.paid import PaidCalls, Question

M = TypeVar("M", bound=BaseModel)
V = TypeVar("V")

_PICTURE_TOKENS, _LIKELY_PICTURE_TOKENS = 3000, 300
_BYTES_A_TOKEN, _LIKELY_BYTES_A_TOKEN = 2.5, 4
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked: `instructions` are ours, `data` is fenced as data, `picture` a data URL of a small JPEG.
    `version` counts the changes of our words."""

    name: str
    version: int
    instructions: str
    data: dict[str, Any]
    output_tokens: int
    picture: str = ""


class Asker:
    """Asks one model for values of a given shape, with one repair attempt where an answer is none."""

    def __init__(self, calls: PaidCalls, model: str) -> None:
        self.model = model
        self._calls = calls

    async def ask(self, prompt: Prompt, shape: type[M], check: Callable[[M], V]) -> V:
        """What `check` makes of the answer, which has the `shape`. `check` raises BadAnswer for what it does not take.

        Raises BadAnswer when the repaired answer is no better, or the model refuses; then both are forgotten, so that
        the next run asks anew. And what the calls raise.
        """
        first = self._question(prompt, shape)
        try:
            return check(_read(await self._calls.ask(first), shape))
        except BadAnswer as fault:
            if isinstance(fault, Declined):
                await self._calls.reject(first)
                raise
            second = self._question(_repaired(prompt, str(fault)), shape)
        try:
            return check(_read(await self._calls.ask(second), shape))
        except BadAnswer:
            for question in (first, second):
                await self._calls.reject(question)
            raise

    def _question(self, prompt: Prompt, shape: type[BaseModel]) -> Question:
        content: list[dict[str, Any]] = [{"type": "input_text", "text": fenced(prompt.data)}]
        if prompt.picture:
            content.append({"type": "input_image", "image_url": prompt.picture, "detail": "low"})
        schema = {"type": "json_schema", "name": prompt.name, "strict": True, "schema": strict_schema(shape)}
        size = len((prompt.instructions + content[0]["text"] + json.dumps(schema)).encode())
        has_picture = bool(prompt.picture)
        return Question(
            path=RESPONSES,
            model=self.model,
            body={
                "instructions": prompt.instructions,
                "input": [{"role": "user", "content": content}],
                "text": {"format": schema},
                "max_output_tokens": prompt.output_tokens,
                "store": False,
            },
            input_tokens=int(size / _BYTES_A_TOKEN) + _PICTURE_TOKENS * has_picture,
            output_tokens=prompt.output_tokens,
            likely_tokens=size // _LIKELY_BYTES_A_TOKEN + _LIKELY_PICTURE_TOKENS * has_picture,
            version=prompt.version,
        )


class Declined(BadAnswer):
    """The model will not answer this: asking once more does not help."""


async def asked_twice(calls: PaidCalls, question: Question, read: Callable[[Any], V]) -> V:
    """What `read` makes of an answer that has no repair but to ask once more: a bad one is forgotten. Raises
    BadAnswer for the second bad one, and what the calls raise."""
    try:
        return read(json.loads(await calls.ask(question)))
    except BadAnswer:
        await calls.reject(question)
    try:
        return read(json.loads(await calls.ask(question)))
    except BadAnswer:
        await calls.reject(question)
        raise


def fenced(data: dict[str, Any]) -> str:
    """Data as JSON between marks. No text in it can end the fence, since `<` and `>` are written as escapes."""
    text = json.dumps(data, ensure_ascii=False, indent=1).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<data>\n{text.encode('utf-8', 'replace').decode()}\n</data>"


def strict_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a model without defaults, as structured output wants it: no titles and no descriptions."""
    schema: dict[str, Any] = _without_titles(shape.model_json_schema())
    return schema


def _without_titles(value: Any) -> Any:
    """Without the titles that pydantic gives; a property may be called so."""
    match value:
        case dict():
            return {
                key: _without_titles(one)
                for key, one in value.items()
                if key not in ("title", "description") or not isinstance(one, str)
            }
        case list():
            return [_without_titles(one) for one in value]
    return value


def _read(body: bytes, shape: type[M]) -> M:
    text = _text_of(json.loads(body))
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise BadAnswer("the answer is no JSON") from None
        place = ".".join(str(part) for part in first["loc"])[:80]
        raise BadAnswer(f"the answer has not the shape that was asked for, at {place or 'its root'}") from None


def _text_of(said: dict[str, Any]) -> str:
    """The text of an answer of the Responses API. Raises BadAnswer, naming what there is instead."""
    status = said.get("status")
    parts = [
        part
        for item in _list(said.get("output"))
        for part in _list(item.get("content") if isinstance(item, dict) else None)
        if isinstance(part, dict)
    ]
    if any(part.get("type") == "refusal" for part in parts):
        raise Declined("the model refused to answer", retryable=False)
    if status == "incomplete":
        details = said.get("incomplete_details")
        if isinstance(details, dict) and details.get("reason") == "content_filter":
            raise Declined("the answer was held back by the service's content filter", retryable=False)
        raise BadAnswer("the answer is truncated")
    if status not in (None, "completed"):
        raise BadAnswer("the answer says that it failed")
    text = "".join(part["text"] for part in parts if isinstance(part.get("text"), str))
    if not text.strip():
        raise BadAnswer("the answer is empty")
    if len(text) > _LONGEST:
        raise BadAnswer("the answer is far too long")
    return text


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _repaired(prompt: Prompt, fault: str) -> Prompt:
    """The same once more, with what was wrong, and more room."""
    note = f"\n\nA first answer was of no use: {fault}. Answer anew, and mend that."
    return replace(prompt, instructions=prompt.instructions + note, output_tokens=2 * prompt.output_tokens)
