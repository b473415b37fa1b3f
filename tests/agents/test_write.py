"""The write agent."""

import asyncio
from dataclasses import replace

from agents.craft.reading import measure
from agents.services.absent import Unmoderated
from agents.services.storyteller import OfflineStoryteller
from agents.write import write
from tests.agents.hands import brief_of, hand
from tests.agents.volumes import page_text


async def test_write_tells_a_page_and_measures_it() -> None:
    told = await hand(
        write, brief=brief_of(), age=5, seed=0, language=OfflineStoryteller(asyncio.to_thread), moderation=Unmoderated()
    )

    assert 50 <= told.words <= 100
    assert told.words == measure(told.text).words
    assert told.made_with == "offline/1"


async def test_write_keeps_the_persons_own_words_to_the_letter() -> None:
    own = "  So short,\n\nand  mine. "

    told = await hand(
        write,
        brief=replace(brief_of(), fixed_text=own),
        age=5,
        seed=0,
        language=OfflineStoryteller(asyncio.to_thread),
        moderation=Unmoderated(),
    )

    assert (told.text, told.made_with) == (own, "person")


async def test_write_does_as_the_notes_say_when_its_text_was_rejected() -> None:
    rejected = page_text("Too long. " * 40)

    told = await hand(
        write,
        brief=brief_of(),
        age=5,
        seed=0,
        language=OfflineStoryteller(asyncio.to_thread),
        moderation=Unmoderated(),
        round_=1,
        notes="the text does not fit: at most 55 words",
        rejected=rejected,
    )

    assert 50 <= told.words <= 55
