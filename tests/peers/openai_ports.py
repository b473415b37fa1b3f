"""The ports over OpenAI, by the real client, before a peer; with what they asked and what they paid."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from agents.book.prices import known_price
from agents.services.calling import Policy, Service
from agents.services.openai_answers import Asker
from agents.services.openai_client import OpenAIClient
from agents.services.openai_language import OpenAILanguage
from agents.services.openai_moderation import OpenAIModeration
from agents.services.openai_vision import OpenAIVision
from agents.services.paid import PaidCalls
from agents.services.purse import Caps, Purse
from swarm.events import Event
from tests.agents.services.calls.memory import MemoryLedger

QUICK = Policy(attempt_s=5, first_wait_s=0.01, longest_wait_s=0.02, breaker_failures=10**6)
"""A policy for servers that are meant to fail: waits that nobody notices, and no breaker."""


@dataclass
class Ports:
    """The ports, and what was observed behind them."""

    calls: PaidCalls
    language: OpenAILanguage
    vision: OpenAIVision
    moderation: OpenAIModeration
    ledger: MemoryLedger
    purse: Purse
    events: list[Event] = field(default_factory=list)


@asynccontextmanager
async def ports_to(url: str, *, policy: Policy = QUICK, key: str = "sk-test") -> AsyncIterator[Ports]:
    """The ports to a server at this address, until the end of the block."""
    events: list[Event] = []
    client = OpenAIClient(key=key, address=f"{url}/v1", policy=policy, run_blocking=asyncio.to_thread)
    service = Service("openai", client.classify, observe=events.append, policy=policy)
    ledger, purse = MemoryLedger(), Purse(Caps())
    calls = PaidCalls(service, client.post, ledger=ledger, purse=purse, price=known_price)
    asker = Asker(calls, "gpt-5-mini")
    async with calls:
        yield Ports(
            calls,
            OpenAILanguage(asker),
            OpenAIVision(asker, calls, "text-embedding-3-small", asyncio.to_thread),
            OpenAIModeration(calls, "omni-moderation-latest"),
            ledger,
            purse,
            events,
        )
    await client.close()
