"""The write agent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from agents.book.review import Critique
from agents.book.story import PageBrief, Proposal, Scene
from agents.craft.reading import measure
from agents.services.absent import Unmoderated
from agents.services.storyteller import OfflineStoryteller
from agents.write import write
from swarm import StepError
from tests.agents.hands import brief_of, hand
from tests.agents.volumes import page_text


async def test_write_tells_a_page_and_measures_it() -> None:
    told = await hand(
        write,
        brief=brief_of(),
        age=5,
        seed=0,
        language=OfflineStoryteller(asyncio.to_thread),
        text_moderation=Unmoderated(),
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
        text_moderation=Unmoderated(),
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
        text_moderation=Unmoderated(),
        round_=1,
        notes="the text does not fit: at most 55 words",
        rejected=rejected,
    )

    assert 50 <= told.words <= 55


@dataclass
class Scripted:
    """A model that writes one text after the other, and a moderation that flags those with a gun."""

    texts: list[str]
    identity: str = "peer/1"
    notes: list[str] = field(default_factory=list)

    async def propose(self, scenes: Sequence[Scene], *, age: int, seed: int, title: str) -> tuple[Proposal, ...]:
        raise AssertionError("nobody asks for that")

    async def write(self, brief: PageBrief, *, age: int, seed: int, notes: str, rejected: str) -> str:
        self.notes.append(notes)
        return self.texts[len(self.notes) - 1]

    async def criticise(self, brief: PageBrief, text: str, *, age: int) -> Critique | None:
        raise AssertionError("nobody asks for that")

    async def check_texts(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [("violence",) if "gun" in text else () for text in texts]

    async def check_picture(self, jpeg: bytes) -> tuple[str, ...]:
        return ()


async def _written(model: Scripted, **more: Any) -> Any:
    return await hand(write, brief=brief_of(), age=5, seed=0, language=model, text_moderation=model, **more)


async def test_text_that_is_flagged_is_written_once_more_with_the_category_as_note() -> None:
    model = Scripted(["He had a gun.", "He had a kite."])

    told = await _written(model, notes="shorter")

    assert (told.text, told.made_with) == ("He had a kite.", "peer/1")
    assert model.notes[0] == "shorter"
    assert "violence" in model.notes[1]


async def test_text_that_is_flagged_twice_is_a_failure_that_names_the_category() -> None:
    model = Scripted(["He had a gun.", "He had two guns, a gun and a gun."])

    with pytest.raises(StepError, match="violence") as caught:
        await _written(model)

    assert (caught.value.code, len(model.notes)) == ("flagged", 2)


async def test_persons_own_words_are_not_moderated_here() -> None:
    model = Scripted([])

    told = await hand(
        write, brief=replace(brief_of(), fixed_text="A gun."), age=5, seed=0, language=model, text_moderation=model
    )

    assert told.text == "A gun."
