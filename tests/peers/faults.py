"""What can go wrong with a request, and when: the same seed and the same requests meet the same faults."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Protocol

from tests.peers.serving import Answer, Asked, Delivery


class Fault(Protocol):
    """Spoils an answer. Unless it `is_forwarded`, the peer never hears of the request, and the answer is empty."""

    @property
    def is_forwarded(self) -> bool: ...

    def spoil(self, answer: Answer) -> Answer: ...


@dataclass(frozen=True)
class Status:
    """Another status instead of the answer; where it `is_forwarded`, the request was carried out all the same."""

    code: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    is_forwarded: bool = False

    def spoil(self, answer: Answer) -> Answer:
        """The status."""
        return Answer(self.code, self.body, dict(self.headers))


@dataclass(frozen=True)
class Slow:
    """The answer begins so many seconds late; the rules that follow hold as well."""

    seconds: float
    is_forwarded: bool = True

    def spoil(self, answer: Answer) -> Answer:
        """The answer, later."""
        return replace(answer, delivery=replace(answer.delivery, after_s=answer.delivery.after_s + self.seconds))


@dataclass(frozen=True)
class Drip:
    """The body comes in eight pieces over so many seconds."""

    seconds: float
    is_forwarded: bool = True

    def spoil(self, answer: Answer) -> Answer:
        """The answer in pieces."""
        return replace(answer, delivery=replace(answer.delivery, over_s=self.seconds))


@dataclass(frozen=True)
class Reset:
    """The connection is reset after this share of the body; at 0 before any answer."""

    after_ratio: float = 0.0
    is_forwarded: bool = True

    def spoil(self, answer: Answer) -> Answer:
        """The answer, torn off."""
        return _cut(answer, self.after_ratio, is_reset=True)


@dataclass(frozen=True)
class Truncate:
    """The body ends after this share of it; where it `is_hidden`, the header tells the length of what comes."""

    after_ratio: float = 0.5
    is_hidden: bool = False
    is_forwarded: bool = True

    def spoil(self, answer: Answer) -> Answer:
        """The answer, shortened."""
        if self.is_hidden:
            return replace(answer, body=answer.body[: int(len(answer.body) * self.after_ratio)])
        return _cut(answer, self.after_ratio, is_reset=False)


@dataclass(frozen=True)
class Corrupt:
    """One bit of the body, at this share of it, is another."""

    at_ratio: float = 0.5
    is_forwarded: bool = True

    def spoil(self, answer: Answer) -> Answer:
        """The answer with the wrong bit."""
        if not answer.body:
            return answer
        body, place = bytearray(answer.body), min(int(len(answer.body) * self.at_ratio), len(answer.body) - 1)
        body[place] ^= 1
        return replace(answer, body=bytes(body))


def _cut(answer: Answer, ratio: float, *, is_reset: bool) -> Answer:
    how = Delivery(answer.delivery.after_s, answer.delivery.over_s, int(len(answer.body) * ratio), is_reset)
    return replace(answer, delivery=how)


@dataclass
class Rule:
    """When a fault happens: to requests of a method (any, if empty) in whose decoded path and query `path` is found (a
    regular expression), but not to the first `skip` of them, and only `times` times.

    With `up` and `down` it flaps: so many requests pass, so many fail, and again. With a `ratio` below 1 each request
    fails with that likelihood, decided by the seed, the request and how often it came. Of several faults the seed
    chooses one.
    """

    fault: Fault | tuple[Fault, ...]
    method: str = ""
    path: str = ""
    skip: int = 0
    times: int | None = None
    up: int = 0
    down: int = 1
    ratio: float = 1.0
    seed: int = 0
    met: int = 0
    _came: dict[tuple[str, str], int] = field(default_factory=dict)

    def happens(self, asked: Asked) -> Fault | None:
        """The fault that this request meets, which is then counted."""
        if self.method not in ("", asked.method) or not re.search(self.path, _decoded(asked)):
            return None
        nth, self.met = self.met, self.met + 1
        is_over = self.times is not None and nth >= self.skip + self.times
        if nth < self.skip or is_over or (nth - self.skip) % (self.up + self.down) < self.up:
            return None
        chance, choice = self._thrown(asked)
        if chance >= self.ratio:
            return None
        faults = self.fault if isinstance(self.fault, tuple) else (self.fault,)
        return faults[choice % len(faults)]

    def _thrown(self, asked: Asked) -> tuple[float, int]:
        """A number 0..1 and a choice, from the seed, the request and how often it came."""
        came = self._came.get(key := (asked.method, asked.target), 0)
        self._came[key] = came + 1
        digest = hashlib.sha256(repr((self.seed, key, came)).encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64, digest[8]


def _decoded(asked: Asked) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.query.items())
    return f"{asked.path}?{query}" if query else asked.path
