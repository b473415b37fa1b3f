"""arrange: orders the renderings of a page so that neighbours harmonise."""

import numpy as np

from agents.book.layout import Arrangement
from agents.book.picture import Picture
from agents.book.story import PageBrief
from agents.craft.arrangement import arrange as arranged
from agents.craft.grid import adjacency, cells_for, symmetries
from swarm import Step, agent


@agent(scope="page", workers=2)
async def arrange(step: Step, *, brief: PageBrief) -> Arrangement:
    """Orders the renderings of a page so that neighbours harmonise."""
    return await step.run_blocking(_arranged, brief.renderings)


def _arranged(pictures: tuple[Picture, ...]) -> Arrangement:
    shape = cells_for(len(pictures))
    colours = np.array([(p.mean.lightness, p.mean.a, p.mean.b) for p in pictures])
    order = arranged(colours, adjacency(shape.cells), symmetries=symmetries(shape))
    return Arrangement(shape.name, tuple(pictures[index] for index in order))
