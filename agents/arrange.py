"""arrange: orders the renderings of a page so that neighbours harmonise."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from agents.book.layout import Arrangement
from agents.book.picture import Picture
from agents.book.story import PageBrief
from agents.craft.arrangement import arrange as arranged
from agents.craft.grid import adjacency, cells_for, symmetries
from swarm import Step, agent


@agent(scope="page", settings=("order",), workers=2)
async def arrange(step: Step, *, brief: PageBrief, order: Mapping[str, Sequence[str]]) -> Arrangement:
    """Orders the renderings of a page so that neighbours harmonise, or as a person wants them."""
    return await step.run_blocking(_arranged, brief, tuple(order.get(brief.pair.input, ())))


def _arranged(brief: PageBrief, wanted: Sequence[str]) -> Arrangement:
    pictures = brief.renderings
    shape = cells_for(len(pictures))
    if wanted:
        return Arrangement(shape.name, _as_wanted(pictures, wanted))
    colours = np.array([(p.mean.lightness, p.mean.a, p.mean.b) for p in pictures])
    order = arranged(colours, adjacency(shape.cells), kept_apart=tuple(_twins(brief)), symmetries=symmetries(shape))
    return Arrangement(shape.name, tuple(pictures[index] for index in order))


def _as_wanted(pictures: Sequence[Picture], wanted: Sequence[str]) -> tuple[Picture, ...]:
    """Those that a person named first, in their order, then the others as they came."""
    place = {path: index for index, path in enumerate(wanted)}
    return tuple(sorted(pictures, key=lambda picture: place.get(picture.path, len(place))))


def _twins(brief: PageBrief) -> Iterator[tuple[int, int]]:
    """The pairs of renderings that nearly repeat each other, by index."""
    place = {picture.path: index for index, picture in enumerate(brief.renderings)}
    families: dict[str, list[int]] = {}
    for match in brief.pair.matches:
        families.setdefault(match.twin_of or match.output, []).append(place[match.output])
    for family in families.values():
        yield from ((one, other) for index, one in enumerate(family) for other in family[:index])
