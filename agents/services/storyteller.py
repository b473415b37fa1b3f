"""The language port without a network: the offline storyteller. English only."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.book.review import Critique
from agents.book.story import PageBrief, Proposal, Scene
from agents.craft import story
from swarm.agent import RunsBlocking


@dataclass(frozen=True, slots=True)
class OfflineStoryteller:
    """Tells stories by shapes and pools of sentences: deterministic, free, some tenths of a second a book."""

    run_blocking: RunsBlocking

    @property
    def identity(self) -> str:
        """The name and version that go into the keys of steps."""
        return "offline/1"

    async def propose(self, scenes: Sequence[Scene], *, age: int, seed: int, title: str) -> tuple[Proposal, ...]:
        """Three proposals; see `agents.craft.story.propose`."""
        return await self.run_blocking(story.propose, scenes, age=age, seed=seed, title=title)

    async def write(self, brief: PageBrief, *, age: int, seed: int, notes: str, rejected: str) -> str:
        """The text of one page; see `agents.craft.story.write_page`."""
        return await self.run_blocking(story.write_page, brief, age=age, seed=seed, notes=notes, rejected=rejected)

    async def criticise(self, brief: PageBrief, text: str, *, age: int) -> Critique | None:
        """Nothing: the gates of a page are measured anyway."""
        return None
