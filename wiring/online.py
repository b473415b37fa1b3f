"""The services that a person switched on: built of settings and credentials, opened for a run, and what they cost.

Nothing here imports a service's client, and nothing of OpenAI is imported at all while all is offline.
"""

import math
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.book.settings import Settings
from agents.services.absent import Undescribed, Unmoderated
from agents.services.errors import SettingsError
from agents.services.handmade_vision import HandmadeVision
from agents.services.ports import Moderation
from agents.services.storyteller import OfflineStoryteller
from swarm import SwarmError
from swarm.agent import RunsBlocking
from swarm.ledger import MICRO, Spending
from swarm.request import Port
from swarm.store.ledger import SqliteLedger
from wiring.job import Job
from wiring.watching import told

if TYPE_CHECKING:
    from agents.services.openai_client import OpenAIClient
    from agents.services.paid import PaidCalls
    from agents.services.purse import Purse


@dataclass(slots=True)
class Paid:
    """What stands behind the ports that cost money."""

    client: "OpenAIClient"
    calls: "PaidCalls"
    purse: "Purse"
    ledger: SqliteLedger


@dataclass(slots=True)
class Services:
    """The ports for language, vision and moderation as the settings want them, and those to fall back on."""

    ports: dict[str, Port]
    fallback: dict[str, Port]
    moderation: Moderation
    paid: Paid | None = None


def services(job: Job, run_blocking: RunsBlocking) -> Services:
    """The ports of a job; nothing is asked before they are opened."""
    storyteller, unmoderated = OfflineStoryteller(run_blocking), Unmoderated()
    fallback: dict[str, Port] = {"language": storyteller, "text_moderation": unmoderated}
    ports: dict[str, Port] = {
        **fallback,
        "vision": HandmadeVision(run_blocking),
        "describer": Undescribed(),
        "moderation": unmoderated,
    }
    if not job.settings.is_online or job.credentials is None:
        return Services(ports, fallback, unmoderated)
    return _online(job, run_blocking, ports, fallback)


def _online(job: Job, run_blocking: RunsBlocking, ports: dict[str, Port], fallback: dict[str, Port]) -> Services:
    from agents.services.openai_answers import Asker
    from agents.services.openai_language import OpenAILanguage
    from agents.services.openai_moderation import OpenAIModeration
    from agents.services.openai_vision import OpenAIVision

    settings = job.settings
    paid = _paid(job, run_blocking)
    if settings.language == "openai":
        ports["language"] = OpenAILanguage(Asker(paid.calls, settings.language_model))
    if settings.vision == "openai":
        asker = Asker(paid.calls, settings.vision_model)
        ports["describer"] = OpenAIVision(asker, paid.calls, settings.embedding_model, run_blocking)
    moderation: Moderation = Unmoderated()
    if settings.is_moderated:
        moderation = ports["moderation"] = OpenAIModeration(paid.calls, settings.moderation_model)
        if settings.language == "openai":  # the offline storyteller's words are ours, and the person's are checked
            ports["text_moderation"] = moderation
    return Services(ports, fallback, moderation, paid)


def _paid(job: Job, run_blocking: RunsBlocking) -> Paid:
    from agents.services.calling import Policy, Service
    from agents.services.openai_client import OpenAIClient
    from agents.services.paid import PaidCalls
    from agents.services.purse import Caps, Purse

    settings, credentials = job.settings, job.credentials
    if credentials is None:
        raise SettingsError("a service is switched on, and there are no credentials: make the book again")
    policy = Policy(
        max_in_flight=settings.service_concurrency,
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
    )
    key = credentials.openai_api_key
    client = OpenAIClient(
        key=key.get_secret_value() if key else "none",
        address=credentials.openai_base_url,
        organisation=credentials.openai_org_id,
        policy=policy,
        run_blocking=run_blocking,
    )
    cost = None if settings.max_cost_usd is None else math.floor(settings.max_cost_usd * MICRO)
    purse = Purse(Caps(settings.max_calls, settings.max_tokens, cost))
    ledger = job.shelf.ledger(job.run)
    service = Service("openai", client.classify, observe=told(job.monitor), policy=policy)
    calls = PaidCalls(service, client.post, ledger=ledger, purse=purse, price=settings.price, drain_s=settings.drain_s)
    return Paid(client, calls, purse, ledger)


@asynccontextmanager
async def opened(job: Job, made: Services) -> AsyncIterator[None]:
    """The services at work: what the run spent before counts, and the person's words are moderated before anything is
    paid. At the end, calls in hand may end, and it is said what all came to.

    Raises SettingsError for words that are flagged, and what the calls raise.
    """
    if made.paid is None:
        yield
        return
    from agents.services.purse import Amount

    paid = made.paid
    spent = total(await paid.ledger.spending())
    paid.purse.spent = Amount(spent.calls, sum(spent.tokens.values()), spent.cost + spent.unsure)
    try:
        async with paid.calls:
            await _check_words(job.settings, made.moderation)
            yield
    finally:
        await paid.client.close()
        with suppress(SwarmError):  # of a journal that has failed, which is said elsewhere
            spent = total(await paid.ledger.spending())
            if not job.is_quiet:
                tell(f"online: {in_words(spent)}")


async def _check_words(settings: Settings, moderation: Moderation) -> None:
    """Raise SettingsError if what a person wrote must not stand in a children's book."""
    words = {"the title": settings.title, "the author's name": settings.author, "the dedication": settings.dedication}
    words |= {f"the caption of {path}": caption for path, caption in settings.captions.items()}
    words |= {f"the text of {path}": text for path, text in settings.text.items()}
    verdicts = await moderation.check_texts([*words.values()])
    for name, flagged in zip(words, verdicts, strict=True):
        if flagged:
            raise SettingsError(f"moderation flags {name} ({', '.join(flagged)}): write it another way, and run again")


def total(stages: Sequence[Spending]) -> Spending:
    """The sum over all roles."""
    tokens: dict[str, int] = {}
    for stage in stages:
        for kind, count in stage.tokens.items():
            tokens[kind] = tokens.get(kind, 0) + count
    parts = ("calls", "failed", "reused", "cost", "unsure")
    return Spending("", tokens=tokens, **{part: sum(getattr(stage, part) for stage in stages) for part in parts})


def in_words(spent: Spending) -> str:
    """What a run came to."""
    unsure = f", and at most {spent.unsure / MICRO:.4f} more that nobody confirmed" if spent.unsure else ""
    kept = f", {spent.reused} answers were there already" if spent.reused else ""
    tokens = sum(spent.tokens.values())
    return f"{spent.calls} calls, {tokens:,} tokens, {spent.cost / MICRO:.4f} US dollars{unsure}{kept}"


def as_report(stages: Sequence[Spending]) -> dict[str, object]:
    """The same for `report.json`, by stage and in all."""
    by_stage = {stage.role or "settings": _figures(stage) for stage in stages}
    return {"stages": by_stage, "total": _figures(total(stages))}


def _figures(spent: Spending) -> Mapping[str, object]:
    return {
        "calls": spent.calls,
        "failed": spent.failed,
        "reused": spent.reused,
        "tokens": dict(spent.tokens),
        "cost_usd": spent.cost / MICRO,
        "unsure_usd": spent.unsure / MICRO,
    }


def tell(line: str) -> None:
    """Say a line on stderr."""
    print(line, file=sys.stderr)
