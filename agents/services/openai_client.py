"""The way to OpenAI, or to any server with its API: requests by the real client, and what its errors mean.

The client's own retries are off, since `calling` retries. It is asked for the raw answer, whatever the path: what an
answer cost is read before anything else, parsing is ours (`openai_answers`), and the client's own models of requests
and answers, which take as long as the rest of a call, are not built. It is imported when it is first used.
"""

import asyncio
import base64
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from agents.services.calling import Policy
from agents.services.errors import AccountRefused, ServiceError, ServiceRefused, ServiceUnavailable
from agents.services.limits import Left
from agents.services.paid import Exchange, Question, Usage
from swarm.agent import RunsBlocking

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

RESPONSES, EMBEDDINGS, MODERATIONS = "responses", "embeddings", "moderations"
_CONNECT_S = 5.0
_LEAST_KEY = 8
_MOST_TOKENS = 10**9
_SPAN = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")


class OpenAIClient:
    """Posts questions to one server. `address` is None for OpenAI's own; `run_blocking` imports the client, which takes
    a second."""

    def __init__(
        self,
        *,
        key: str,
        address: str | None,
        organisation: str | None = None,
        policy: Policy,
        run_blocking: RunsBlocking,
    ) -> None:
        self.place = address or "OpenAI"
        self._key = key
        self._address = address
        self._organisation = organisation
        self._policy = policy
        self._run_blocking = run_blocking
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def post(self, question: Question, exchange: Exchange) -> bytes:
        """Make a request once and give the body of the answer, which is a JSON object. Raises ServiceUnavailable for
        one that is none, and what `classify` knows."""
        client = await self._opened()
        from httpx2 import Response  # both are there by now
        from openai import APIStatusError

        body = {"model": question.model, **question.body}
        try:
            raw = await client.post(f"/{question.path}", body=body, cast_to=Response)
        except APIStatusError as error:
            exchange.usage = usage_of(_object(error.response.content))
            raise
        exchange.attempt.requests_left = _left(raw.headers, "requests")
        exchange.attempt.tokens_left = _left(raw.headers, "tokens")
        said = _object(raw.content)
        exchange.usage = Usage() if question.path == MODERATIONS else usage_of(said)  # moderations are free
        if said is None:
            told = f"{self.place} answered what is no JSON object: check OPENAI_BASE_URL, or try again later"
            raise ServiceUnavailable(told, outcome="bad-answer")
        return self._without_key(raw.content)

    def classify(self, error: Exception) -> ServiceError | AccountRefused | None:
        """What an exception of the client means. No sentence repeats what the server wrote: that may hold anything."""
        from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

        if isinstance(error, APITimeoutError):
            return ServiceUnavailable(f"{self.place} did not answer in time: try again later", outcome="timeout")
        if isinstance(error, APIConnectionError):
            said = f"{self.place} cannot be reached, or the connection was lost: check the network, and try again later"
            return ServiceUnavailable(said, outcome="lost")
        if isinstance(error, APIStatusError):
            return self._meant(error)
        if isinstance(error, OpenAIError):
            said = f"{self.place} answered what its client does not understand: try again later"
            return ServiceUnavailable(said, outcome="bad-answer")
        return None

    def _without_key(self, body: bytes) -> bytes:
        """An answer is kept; a server that repeats the key in it shall not have it kept as well."""
        if len(self._key) < _LEAST_KEY:
            return bytes(body)
        spellings = (self._key, json.dumps(self._key)[1:-1], self._key.replace("/", "\\/"))
        for spelling in spellings:
            body = body.replace(spelling.encode(), b"[redacted]")
        return bytes(body)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def _opened(self) -> "AsyncOpenAI":
        async with self._opening:
            if self._client is None:
                self._client = await self._run_blocking(self._make)
            return self._client

    def _make(self) -> "AsyncOpenAI":
        import httpx2
        from openai import AsyncOpenAI

        return AsyncOpenAI(
            api_key=self._key,
            base_url=self._address or "https://api.openai.com/v1",
            organization=self._organisation,
            max_retries=0,
            timeout=httpx2.Timeout(self._policy.attempt_s, connect=_CONNECT_S),
        )

    def _meant(self, error: "APIStatusError") -> ServiceError | AccountRefused:
        status, code = error.status_code, _code(error)
        if status == 401:
            return AccountRefused(f"{self.place} does not accept the key: set OPENAI_API_KEY anew, and resume the run")
        if "insufficient_quota" in (error.code, error.type):
            said = f"{self.place} does no more work for this account, whose quota is used up"
            return AccountRefused(f"{said}: mend its billing, and resume the run")
        if status in (403, 404):
            said = f"{self.place} has no such model for this account, or no right to it{code}"
            return AccountRefused(f"{said}: check the names of the models in the settings, and resume the run")
        if status == 429:
            wait_s = _retry_after_s(error.response.headers)
            said = f"{self.place} is asked too often{code}: lower requests_per_minute, or try again later"
            return ServiceUnavailable(said, outcome="rate-limited", retry_after_s=wait_s)
        if status in (408, 409) or status >= 500:
            said = f"{self.place} failed with status {status}{code}: try again later"
            if error.response.headers.get("x-should-retry") == "false":
                return ServiceError(said)
            return ServiceUnavailable(said, retry_after_s=_retry_after_s(error.response.headers))
        return ServiceRefused(f"{self.place} refuses the request with status {status}{code}")


def jpeg_url(jpeg: bytes) -> str:
    """A JPEG as an address that holds it."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def usage_of(said: Mapping[str, Any] | None) -> Usage:
    """The tokens that an answer says it took; unknown where it says nothing, or what cannot be."""
    usage = said.get("usage") if said else None
    if not isinstance(usage, dict):
        return Usage(is_known=False)
    taken = _count(usage.get("input_tokens", usage.get("prompt_tokens")))
    given = _count(usage.get("output_tokens", usage.get("completion_tokens", 0)))
    details = usage.get("input_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else 0
    if taken is None or given is None:
        return Usage(is_known=False)
    return Usage(taken, given, min(cached or 0, taken))


def seconds_of(span: str) -> float | None:
    """Seconds of a span like `120ms`, `6m0s` or `1.5`; None for what is none."""
    with suppress(ValueError):
        return max(0.0, float(span))
    found = _SPAN.fullmatch(span.strip())
    if not found or not any(found.groups()):
        return None
    return sum(float(part or 0) * unit for part, unit in zip(found.groups(), (3600, 60, 1, 0.001), strict=True))


def _count(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS:
        return value
    return None


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and said else None


def _left(headers: Mapping[str, str], kind: str) -> Left | None:
    remaining, reset = (headers.get(f"x-ratelimit-{what}-{kind}", "") for what in ("remaining", "reset"))
    if not remaining.isdecimal():
        return None
    return Left(float(remaining), seconds_of(reset) or 0.0)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    if (milliseconds := seconds_of(headers.get("retry-after-ms", ""))) is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after", "")
    if (seconds := seconds_of(asked)) is not None:
        return seconds
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    return None


def _code(error: "APIStatusError") -> str:
    """The error's code, if it is a plain word."""
    return f" ({error.code})" if re.fullmatch(r"[a-z_]{1,60}", error.code or "") else ""
