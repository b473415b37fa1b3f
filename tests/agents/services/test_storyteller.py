"""The offline storyteller behind its port."""

import asyncio

from agents.craft.reading import word_count
from agents.services.ports import Language
from agents.services.storyteller import OfflineStoryteller
from tests.agents.craft.story.books import CAPTIONS, briefs, scenes


async def test_storyteller_proposes_and_writes_through_its_port() -> None:
    language: Language = OfflineStoryteller(asyncio.to_thread)
    told = scenes(*CAPTIONS)

    proposals = await language.propose(told, age=4, seed=2, title="Pip")
    best = max(proposals, key=lambda proposal: proposal.score)
    pages = briefs([told[index] for index in best.order], best.outline)
    texts = [await language.write(page, age=4, seed=2, notes="", rejected="") for page in pages]

    assert len(proposals) == 3
    assert all(50 <= word_count(text) <= 100 for text in texts)
    assert best.outline.refrain in texts[0]


async def test_storyteller_writes_another_text_when_one_was_rejected() -> None:
    language = OfflineStoryteller(asyncio.to_thread)
    told = scenes(*CAPTIONS)
    proposal = (await language.propose(told, age=4, seed=2, title=""))[0]
    page = briefs([told[index] for index in proposal.order], proposal.outline)[3]

    first = await language.write(page, age=4, seed=2, notes="", rejected="")
    second = await language.write(page, age=4, seed=2, notes="at most 52 words", rejected=first)

    assert second != first
    assert word_count(second) <= 52


def test_storyteller_says_who_it_is() -> None:
    assert OfflineStoryteller(asyncio.to_thread).identity == "offline/1"
