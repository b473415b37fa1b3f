"""An OpenAI server: the calls that a picture book needs, as the real client makes them, with content of its own.

Responses and chat completions with structured output, embeddings in both encodings, moderations, edits of images,
speech, models; usage, rate headers and OpenAI's errors. What it says is made from the request alone
(`openai_content`), so that the same request has the same answer; what can be wrong with it stands in `openai_faults`.
Source: the API reference at platform.openai.com/docs/api-reference, and the requests that openai 3.54 makes.
"""

import base64
import email
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.peers.openai_content import Prompt, edited, embedding, moderation, speech
from tests.peers.openai_schemas import checked_schema, made_of
from tests.peers.serving import Answer, Asked

CREATED = 1_760_000_000
_TOKEN_CHARS = 4
_LOW_DETAIL_TOKENS = 85


class Refused(Exception):
    """The request is answered with an error of OpenAI's."""

    def __init__(self, status: int, message: str, *, code: str | None = None, kind: str = "invalid_request_error"):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": None, "code": code}}


@dataclass(frozen=True, slots=True)
class Billed:
    """A call that cost something, with its usage as the answer says it."""

    path: str
    model: str
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class _Told:
    """What a model says, cut off where it `is_cut`, and its usage."""

    text: str
    is_cut: bool
    input_tokens: int
    output_tokens: int


@dataclass
class OpenAI:
    """The server. With a `key`, whoever shows another is refused; with `models`, whoever names another. Each answer
    begins `latency_s` after its request. `answers` make the content of structured output by the schema's name instead
    of the general way. Where it `obeys`, it does what orders hidden in the data demand. `bills` grows by each call."""

    key: str | None = None
    models: frozenset[str] = frozenset()
    latency_s: float = 0.0
    obeys: bool = False
    answers: dict[str, Callable[[Prompt, dict[str, Any]], object]] = field(default_factory=dict)
    requests_per_minute: int = 500
    tokens_per_minute: int = 200_000
    bills: list[Billed] = field(default_factory=list)

    async def answer(self, asked: Asked) -> Answer:
        """What the server says."""
        try:
            answer = self._answer(asked)
        except Refused as refused:
            answer = Answer.of(refused.body, refused.status)
        name = hashlib.sha256(asked.target.encode() + asked.body).hexdigest()[:24]
        headers = {"x-request-id": f"req_{name}", "openai-version": "2020-10-01", **self._rates(), **answer.headers}
        delivery = replace(answer.delivery, after_s=answer.delivery.after_s + self.latency_s)
        return replace(answer, headers=headers, delivery=delivery)

    def _answer(self, asked: Asked) -> Answer:
        if self.key is not None and asked.headers.get("authorization") != f"Bearer {self.key}":
            raise Refused(401, "Incorrect API key provided.", code="invalid_api_key")
        path = asked.path.removeprefix("/v1")
        if asked.method == "GET" and path.startswith("/models"):
            return self._models(path.removeprefix("/models").strip("/"))
        calls: dict[str, Callable[[str, Asked], Answer]] = {
            "/responses": self._responses,
            "/chat/completions": self._chat,
            "/embeddings": self._embeddings,
            "/moderations": self._moderations,
            "/images/edits": self._edits,
            "/audio/speech": self._speech,
        }
        if path not in calls:
            raise Refused(404, f"Invalid URL ({asked.method} {asked.path})")
        if asked.method != "POST":
            raise Refused(405, f"Not allowed to {asked.method} on {asked.path}.", code="method_not_supported")
        return calls[path](path, asked)

    def _rates(self) -> dict[str, str]:
        used = len(self.bills)
        tokens = sum(bill.input_tokens + bill.output_tokens for bill in self.bills)
        return {
            "x-ratelimit-limit-requests": str(self.requests_per_minute),
            "x-ratelimit-remaining-requests": str(max(0, self.requests_per_minute - used)),
            "x-ratelimit-reset-requests": "120ms",
            "x-ratelimit-limit-tokens": str(self.tokens_per_minute),
            "x-ratelimit-remaining-tokens": str(max(0, self.tokens_per_minute - tokens)),
            "x-ratelimit-reset-tokens": "6m0s" if tokens >= self.tokens_per_minute else "6ms",
        }

    def _known(self, model: object) -> str:
        if not isinstance(model, str) or not model:
            raise Refused(400, "you must provide a model parameter")
        if self.models and model not in self.models:
            raise Refused(404, f"The model `{model}` does not exist or you do not have access.", code="model_not_found")
        return model

    def _bill(self, path: str, model: str, input_tokens: int, output_tokens: int = 0) -> None:
        self.bills.append(Billed(path, model, input_tokens, output_tokens))

    def _models(self, name: str) -> Answer:
        told = [
            {"id": model, "object": "model", "created": CREATED, "owned_by": "peer"}
            for model in sorted(self.models or {"gpt-5-mini", "text-embedding-3-small", "omni-moderation-latest"})
        ]
        if not name:
            return Answer.of({"object": "list", "data": told})
        self._known(name)
        return Answer.of({"id": name, "object": "model", "created": CREATED, "owned_by": "peer"})

    # Texts

    def _responses(self, path: str, asked: Asked) -> Answer:
        said = _body(asked)
        prompt = Prompt.of_responses(said)
        wanted = said.get("text", {}).get("format", {"type": "text"})
        told = self._told(path, said, prompt, wanted, wanted, said.get("max_output_tokens"))
        content = {"type": "output_text", "text": told.text, "annotations": [], "logprobs": []}
        state = "incomplete" if told.is_cut else "completed"
        message = {"id": "msg_1", "type": "message", "role": "assistant", "status": state, "content": [content]}
        return Answer.of(
            {
                "id": f"resp_{prompt.digest}",
                "object": "response",
                "created_at": CREATED,
                "status": state,
                "error": None,
                "incomplete_details": {"reason": "max_output_tokens"} if told.is_cut else None,
                "instructions": said.get("instructions"),
                "metadata": {},
                "model": said["model"],
                "output": [message],
                "parallel_tool_calls": True,
                "store": said.get("store", True),
                "temperature": 1.0,
                "text": {"format": wanted},
                "tool_choice": "auto",
                "tools": [],
                "top_p": 1.0,
                "usage": {
                    "input_tokens": told.input_tokens,
                    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                    "output_tokens": told.output_tokens,
                    "output_tokens_details": {"reasoning_tokens": 0},
                    "total_tokens": told.input_tokens + told.output_tokens,
                },
            }
        )

    def _chat(self, path: str, asked: Asked) -> Answer:
        said = _body(asked)
        prompt = Prompt.of_chat(said)
        wanted = said.get("response_format", {"type": "text"})
        most = said.get("max_completion_tokens", said.get("max_tokens"))
        told = self._told(path, said, prompt, wanted, wanted.get("json_schema", {}), most)
        message = {"role": "assistant", "content": told.text, "refusal": None, "annotations": list[str]()}
        reason = "length" if told.is_cut else "stop"
        return Answer.of(
            {
                "id": f"chatcmpl-{prompt.digest}",
                "object": "chat.completion",
                "created": CREATED,
                "model": said["model"],
                "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
                "usage": {
                    "prompt_tokens": told.input_tokens,
                    "completion_tokens": told.output_tokens,
                    "total_tokens": told.input_tokens + told.output_tokens,
                    "prompt_tokens_details": {"cached_tokens": 0},
                    "completion_tokens_details": {"reasoning_tokens": 0},
                },
            }
        )

    def _told(self, path: str, said: Any, prompt: Prompt, wanted: Any, named: Any, most: int | None) -> _Told:
        model = self._known(said.get("model"))
        if said.get("stream"):
            raise Refused(400, "this server does not stream", code="unsupported_value")
        prompt = replace(prompt, order=prompt.hidden_order if self.obeys else "")
        text = (
            self._structured(prompt, named) if wanted.get("type") == "json_schema" else prompt.order or prompt.story()
        )
        tokens = -(-len(text) // _TOKEN_CHARS)
        given = tokens if most is None else min(tokens, most)
        asked_tokens = -(-len(prompt.text) // _TOKEN_CHARS) + _LOW_DETAIL_TOKENS * len(prompt.pictures)
        self._bill(path, model, asked_tokens, given)
        is_cut = given < tokens
        return _Told(text[: given * _TOKEN_CHARS] if is_cut else text, is_cut, asked_tokens, given)

    def _structured(self, prompt: Prompt, named: Any) -> str:
        name, schema = named.get("name", ""), named.get("schema", {})
        if fault := checked_schema(schema):
            raise Refused(400, f"Invalid schema for response_format {name!r}: {fault}")
        make = self.answers.get(name)
        return json.dumps(make(prompt, schema) if make else made_of(schema, prompt), ensure_ascii=False)

    # All else

    def _embeddings(self, path: str, asked: Asked) -> Answer:
        said = _body(asked)
        model, texts = self._known(said.get("model")), said.get("input")
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
            raise Refused(400, "'$.input' is invalid. Please check the API reference.")
        vectors = [embedding(text, said.get("dimensions", 1536)) for text in texts]
        is_packed = said.get("encoding_format") == "base64"
        data = [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(vector.tobytes()).decode() if is_packed else vector.tolist(),
            }
            for index, vector in enumerate(vectors)
        ]
        tokens = sum(-(-len(text) // _TOKEN_CHARS) for text in texts)
        self._bill(path, model, tokens)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return Answer.of({"object": "list", "data": data, "model": model, "usage": usage})

    def _moderations(self, path: str, asked: Asked) -> Answer:
        said = _body(asked)
        model = self._known(said.get("model", "omni-moderation-latest"))
        self._bill(path, model, 0)
        try:
            results = moderation(said.get("input"))
        except ValueError as error:
            raise Refused(400, str(error)) from None
        return Answer.of({"id": "modr-1", "model": model, "results": results})

    def _edits(self, path: str, asked: Asked) -> Answer:
        head = f"Content-Type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
        form: dict[str, bytes] = {}
        for part in email.message_from_bytes(head + asked.body).walk():
            name = part.get_param("name", header="content-disposition")
            data = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(data, bytes):
                form.setdefault(name.removesuffix("[]"), data)
        model = self._known(form.get("model", b"").decode())
        if "image" not in form or not form.get("prompt"):
            raise Refused(400, "Missing required parameter: 'image' or 'prompt'.")
        try:
            picture = edited(form["image"], form["prompt"].decode())
        except OSError:
            raise Refused(400, "Invalid image file or mode for image 1.", code="invalid_image_file") from None
        self._bill(path, model, 323, 272)
        details = {"image_tokens": 291, "text_tokens": 32}
        usage = {"input_tokens": 323, "output_tokens": 272, "total_tokens": 595, "input_tokens_details": details}
        data = [{"b64_json": base64.b64encode(picture).decode()}]
        return Answer.of({"created": CREATED, "data": data, "usage": usage, "output_format": "png"})

    def _speech(self, path: str, asked: Asked) -> Answer:
        said = _body(asked)
        model = self._known(said.get("model"))
        if not said.get("input") or not said.get("voice"):
            raise Refused(400, "Missing required parameter: 'input' or 'voice'.")
        self._bill(path, model, len(said["input"]))
        body, kind = speech(said["input"], said.get("response_format", "mp3"))
        return Answer(200, body, {"content-type": kind})


def _body(asked: Asked) -> dict[str, Any]:
    try:
        said = asked.json
    except ValueError:
        raise Refused(400, "We could not parse the JSON body of your request.") from None
    if not isinstance(said, dict):
        raise Refused(400, "We could not parse the JSON body of your request.")
    return said
