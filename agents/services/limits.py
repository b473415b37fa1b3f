"""What may be asked of a service in a minute: buckets that fill evenly, and what the service itself says is left."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_BURST_SHARE = 1 / 6
"""A bucket holds ten seconds' worth, so that a run does not begin with a whole minute's at once."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a service says is left of a limit: so many `remaining` until it is full again in `reset_s` seconds."""

    remaining: float
    reset_s: float


class Bucket:
    """So many units a minute (0: no limit of our own). Time is handed in, in monotonic seconds."""

    def __init__(self, per_minute: float, now_s: float) -> None:
        self._per_s = per_minute / 60
        self._most = max(1.0, per_minute * _BURST_SHARE)
        self._level = self._most
        self._at_s = now_s
        self._closed_until_s = now_s

    def wait_s(self, units: float, now_s: float) -> float:
        """How long to wait until so many units may be taken; more than the bucket holds goes when it is full."""
        self._fill(now_s)
        missing = min(units, self._most) - self._level if self._per_s else 0.0
        return max(missing / self._per_s if missing > 0 else 0.0, self._closed_until_s - now_s, 0.0)

    def take(self, units: float, now_s: float) -> None:
        """Take units; the level may fall below 0, which who comes next waits for."""
        self._fill(now_s)
        self._level -= units

    def heard(self, left: Left, now_s: float) -> None:
        """Believe the service when it says that there is less than we thought."""
        self._fill(now_s)
        self._level = min(self._level, max(0.0, left.remaining))
        if left.remaining < 1:
            self.close(left.reset_s, now_s)

    def close(self, seconds: float, now_s: float) -> None:
        """Give nothing for so many seconds."""
        self._closed_until_s = max(self._closed_until_s, now_s + seconds)

    def _fill(self, now_s: float) -> None:
        self._level = min(self._most, self._level + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s


class RateLimiter:
    """Requests and tokens a minute (0: no limit of our own), first come first served."""

    def __init__(
        self,
        *,
        requests_per_minute: float,
        tokens_per_minute: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        longest_s: float,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._longest_s = longest_s
        self._requests = Bucket(requests_per_minute, clock())
        self._tokens = Bucket(tokens_per_minute, clock())
        self._turn = asyncio.Lock()

    async def take(self, tokens: float) -> None:
        """Wait until one more request with about so many tokens may be made."""
        async with self._turn:
            while (wait_s := self._wait_s(tokens)) > 0:
                await self._sleep(wait_s)
            now_s = self._clock()
            self._requests.take(1, now_s)
            self._tokens.take(tokens, now_s)

    def heard(self, requests: Left | None, tokens: Left | None) -> None:
        """What the service's answer says is left."""
        now_s = self._clock()
        for bucket, left in ((self._requests, requests), (self._tokens, tokens)):
            if left is not None:
                bucket.heard(Left(left.remaining, min(left.reset_s, self._longest_s)), now_s)

    def pause(self, seconds: float) -> None:
        """The service asked to be left alone for so long; at most `longest_s` are kept to."""
        self._requests.close(min(seconds, self._longest_s), self._clock())

    def _wait_s(self, tokens: float) -> float:
        now_s = self._clock()
        return max(self._requests.wait_s(1, now_s), self._tokens.wait_s(tokens, now_s))
