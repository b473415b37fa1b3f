"""A proxy before a peer that lets requests go wrong by rules, and forwards the others untouched."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import aiohttp
import yarl

from tests.peers.faults import Fault, Rule, Slow
from tests.peers.serving import Answer, Asked, Exchange, Served, served

_OF_THE_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "upgrade"}
)
"""Headers that belong to one connection, or that whoever serves writes himself."""


@dataclass
class Proxy:
    """Forwards to `upstream` what no rule spoils. The first rule that happens decides; slow ones add up."""

    upstream: str
    rules: list[Rule] = field(default_factory=list)
    here: Served = field(default_factory=lambda: Served(""))

    @property
    def url(self) -> str:
        """Where clients are sent."""
        return self.here.url

    @property
    def log(self) -> list[Exchange]:
        """All requests, in the order in which they ended, with what whoever asked was told."""
        return self.here.log

    def now(self, *rules: Rule) -> None:
        """From now on these rules hold, and no others."""
        self.rules[:] = rules

    async def answer(self, asked: Asked) -> Answer:
        """The peer's answer, spoiled where a rule says so."""
        faults = self._faults(asked)
        is_forwarded = all(fault.is_forwarded for fault in faults)
        answer = await self._forwarded(asked) if is_forwarded else Answer()
        for fault in reversed(faults):  # the slow ones last, so that what replaces the answer is slow as well
            answer = fault.spoil(answer)
        return answer

    def _faults(self, asked: Asked) -> list[Fault]:
        faults: list[Fault] = []
        for rule in list(self.rules):
            if fault := rule.happens(asked):
                faults.append(fault)
                if not isinstance(fault, Slow):
                    break
        return faults

    async def _forwarded(self, asked: Asked) -> Answer:
        url = yarl.URL(self.upstream + asked.target, encoded=True)
        headers = {name: value for name, value in asked.headers.items() if name not in _OF_THE_HOP}
        async with (
            aiohttp.ClientSession(auto_decompress=False, connector=aiohttp.TCPConnector(force_close=True)) as session,
            session.request(
                asked.method,
                url,
                headers=headers,
                data=io.BytesIO(asked.body) if asked.body else None,
                allow_redirects=False,
                skip_auto_headers=("User-Agent", "Content-Type", "Accept", "Accept-Encoding"),
            ) as response,
        ):
            told = {name: value for name, value in response.headers.items() if name.lower() not in _OF_THE_HOP}
            return Answer(response.status, await response.read(), told)


@contextmanager
def proxied(upstream: str, *rules: Rule) -> Iterator[Proxy]:
    """A proxy before a peer until the end of the block."""
    proxy = Proxy(upstream, list(rules))
    with served(proxy) as here:
        proxy.here = here
        yield proxy
