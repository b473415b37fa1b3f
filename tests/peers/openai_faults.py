"""What can be wrong with what OpenAI says, beside what can be wrong with any server (`faults`).

Each is a fault for a rule of the proxy, before our peer or any other server with this API:

    proxied(peer.url, Rule(REFUSAL, path="/responses", times=1))
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.peers.faults import Status
from tests.peers.serving import Answer

HOSTILE = '<script src="https://evil.example/x.js"></script><img src=x onerror=alert(1)>'
GERMAN = "Die Sonne ging auf und der Tag war neu. Ein kleiner Freund saß vor der Tür. Sie hatten einen guten Plan."


@dataclass(frozen=True)
class Content:
    """Another content: `change` takes the answer as JSON and gives what comes instead."""

    change: Callable[[Any], Any]
    is_forwarded: bool = True

    def spoil(self, answer: Answer) -> Answer:
        """The answer, changed; an answer that is no JSON or an error stays as it is."""
        try:
            said = json.loads(answer.body)
        except ValueError:
            return answer
        if answer.status != 200:
            return answer
        return replace(answer, body=json.dumps(self.change(said), ensure_ascii=False).encode())


@dataclass(frozen=True)
class Body:
    """Another body with the status 200, whatever the peer said."""

    body: bytes
    kind: str = "application/json"
    is_forwarded: bool = True

    def spoil(self, answer: Answer) -> Answer:
        """The other body."""
        return Answer(200, self.body, {"content-type": self.kind})


# Bodies that are no answer

HTML = Body(b"<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html")
NO_JSON = Body(b'{"id": "resp_1", "output": [')
BARE = Body(b"{}")
EMPTY = Body(b"")

# Structured answers, of the Responses API and of chat completions


def text(change: Callable[[str], str]) -> Content:
    """The model's text, changed."""

    def changed(said: Any) -> Any:
        for part in _texts(said):
            key = "text" if "text" in part else "content"
            part[key] = change(part[key])
        return said

    return Content(changed)


def strings(value: str) -> Content:
    """Every string in a structured answer is this one."""
    return text(lambda told: json.dumps(_with_strings(json.loads(told), value), ensure_ascii=False))


TRUNCATED = text(lambda told: told[: len(told) // 2])
GARBAGE = text(lambda _: "Sure! Here is your story:")
NOTHING = text(lambda _: "")
WRONG_SHAPE = text(lambda _: '{"surprise": [1, 2, 3]}')
WRONG_LANGUAGE = strings(GERMAN)
HOSTILE_TEXT = strings(HOSTILE)
TOO_LONG = strings("The cat sat on the mat. " * 2000)
BLANK = strings(" ")


def _refused(said: Any) -> Any:
    why = "I'm sorry, I can't help with that."
    for item in said.get("output", []):
        item["content"] = [{"type": "refusal", "refusal": why}]
    for choice in said.get("choices", []):
        choice["message"] |= {"content": None, "refusal": why}
    return said


def _cut_short(reason: str) -> Callable[[Any], Any]:
    def cut_short(said: Any) -> Any:
        for part in _texts(said):
            key = "text" if "text" in part else "content"
            part[key] = part[key][: len(part[key]) // 2]
        if "output" in said:
            said |= {"status": "incomplete", "incomplete_details": {"reason": reason}}
        for choice in said.get("choices", []):
            choice["finish_reason"] = "length" if reason == "max_output_tokens" else "content_filter"
        return said

    return cut_short


REFUSAL = Content(_refused)
INCOMPLETE = Content(_cut_short("max_output_tokens"))
FILTERED = Content(_cut_short("content_filter"))
NO_OUTPUT = Content(lambda said: said | {key: [] for key in ("output", "choices", "data", "results") if key in said})
FAILED = Content(lambda said: said | {"status": "failed", "error": {"code": "server_error", "message": "It broke."}})

# Usage

NO_USAGE = Content(lambda said: {key: value for key, value in said.items() if key != "usage"})
NEGATIVE_USAGE = Content(
    lambda said: said | {"usage": {k: -v if isinstance(v, int) else v for k, v in said["usage"].items()}}
)

# Vectors


def vectors(change: Callable[[list[Any]], list[Any]]) -> Content:
    """The list of vectors, changed; in the form of numbers, so ask for that, or take what the client makes of both."""
    return Content(lambda said: said | {"data": change(said["data"])})


SHORT_VECTORS = vectors(lambda data: [one | {"embedding": [0.5, 0.5, 0.5]} for one in data])
REVERSED_VECTORS = vectors(lambda data: data[::-1])
SWAPPED_INDEXES = vectors(lambda data: [one | {"index": len(data) - 1 - one["index"]} for one in data])
NAN_VECTORS = vectors(lambda data: [one | {"embedding": [float("nan")] * 1536} for one in data])
ZERO_VECTORS = vectors(lambda data: [one | {"embedding": [0.0] * 1536} for one in data])
FEWER_VECTORS = vectors(lambda data: data[:-1])
BROKEN_BASE64 = vectors(lambda data: [one | {"embedding": "AAA"} for one in data])

# Moderation

FLAGGED = Content(
    lambda said: (
        said
        | {
            "results": [
                one | {"flagged": True, "categories": one["categories"] | {"violence": True}} for one in said["results"]
            ]
        }
    )
)

# Errors


def rate_limited(*headers: tuple[str, str]) -> Status:
    """429 with these headers, like `retry-after` or `retry-after-ms`."""
    return _error(429, "Rate limit reached for requests", "requests", "rate_limit_exceeded", *headers)


def no_quota() -> Status:
    """429 that no waiting mends."""
    said = "You exceeded your current quota, please check your plan and billing details."
    return _error(429, said, "insufficient_quota", "insufficient_quota")


def server_error(code: int = 500, *headers: tuple[str, str]) -> Status:
    """A status of 500 and above with OpenAI's body, and these headers, like `x-should-retry`."""
    return _error(code, "The server had an error while processing your request.", "server_error", None, *headers)


def _error(status: int, message: str, kind: str, code: str | None, *headers: tuple[str, str]) -> Status:
    body = json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}}).encode()
    return Status(status, body, (("content-type", "application/json"), *headers))


def _texts(said: Any) -> list[dict[str, Any]]:
    """The places where an answer holds the model's text."""
    parts = [part for item in said.get("output", []) for part in item.get("content", []) if "text" in part]
    messages = [choice["message"] for choice in said.get("choices", []) if choice["message"].get("content")]
    return parts + messages


def _with_strings(value: Any, text: str) -> Any:
    match value:
        case dict():
            return {name: _with_strings(one, text) for name, one in value.items()}
        case list():
            return [_with_strings(one, text) for one in value]
        case str():
            return text
    return value
