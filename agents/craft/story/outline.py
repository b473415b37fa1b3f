"""From a shape to the plan of a book: which station of the plot each page is, and how tense it is there."""

from collections.abc import Sequence

from agents.book.story import Beat, Hero, Outline, Scene
from agents.craft.story.chance import one_of
from agents.craft.story.partner import partner_of
from agents.craft.story.shape import Goal, Shape, Station
from agents.craft.story.words import capital, fill

OWN_TRIES = 12
"""So many tries each shape has of its own; in a longer book the hero goes about it anew after them."""

_SHORT = {
    1: (Station.WHOLE,),
    2: (Station.OPENING, Station.FINALE),
    3: (Station.OPENING, Station.TROUBLE, Station.FINALE),
    4: (Station.OPENING, Station.TROUBLE, Station.TRY, Station.FINALE),
    5: (Station.OPENING, Station.TROUBLE, Station.TRY, Station.TURN, Station.ENDING),
    6: (Station.OPENING, Station.TROUBLE, Station.TRY, Station.TRY, Station.TURN, Station.ENDING),
    7: (Station.OPENING, Station.TROUBLE, Station.TRY, Station.TRY, Station.TRY, Station.TURN, Station.ENDING),
}
_FRAME = 6
"""Pages of a longer book that are no tries: opening, trouble, near miss, low, turn, ending."""

_SUMMARIES = {
    Station.WHOLE: "{Hero} wanted {want}, and it came right on one page.",
    Station.OPENING: "{Hero} wanted {want}.",
    Station.TROUBLE: "At {where} there was trouble: {trouble}.",
    Station.TRY: "{Hero} tried again at {where}.",
    Station.ALMOST: "At {where} it nearly worked.",
    Station.LOW: "At {where} all seemed lost.",
    Station.TURN: "At {where} everything changed.",
    Station.ENDING: "At {where} it all came right.",
    Station.FINALE: "At {where} everything changed, and it all came right.",
}


def stations(page_count: int) -> tuple[Station, ...]:
    """The stations of a book of so many pages: opening, trouble, tries, a near miss, low, turn, ending.

    The near miss ends the shape's own tries; in a long book others follow it.
    """
    if page_count in _SHORT:
        return _SHORT[page_count]
    count = page_count - _FRAME
    before = min(OWN_TRIES, count)
    first, second = [Station.TRY] * before, [Station.TRY] * (count - before)
    tries = [*first, Station.ALMOST, *second]
    return (Station.OPENING, Station.TROUBLE, *tries, Station.LOW, Station.TURN, Station.ENDING)


def tension(shape: Shape, place: int, page_count: int) -> float:
    """The tension 0..1 of page `place` (from 0), read from the shape's curve with straight lines between its points."""
    if page_count < 2:
        return shape.curve[-1]
    at = place / (page_count - 1) * (len(shape.curve) - 1)
    left = min(int(at), len(shape.curve) - 2)
    return round(shape.curve[left] + (at - left) * (shape.curve[left + 1] - shape.curve[left]), 4)


def outline_of(shape: Shape, hero: Hero, scenes: Sequence[Scene], *, seed: int) -> Outline:
    """The outline of a book whose drawings stand in reading order; goal and refrain are drawn from the seed."""
    goal = one_of(shape.goals, "goal", seed, shape.name)
    refrain = one_of(shape.refrains, "refrain", seed, shape.name)
    slots = {"hero": hero.name, "goal": goal.noun}
    plan = stations(len(scenes))
    beats = tuple(
        _beat(shape, goal, hero, scene, station, tension(shape, place, len(scenes)))
        for place, (scene, station) in enumerate(zip(scenes, plan, strict=True))
    )
    return Outline(shape.name, hero, goal.want, goal.trouble, capital(fill(refrain, slots)), beats)


def _beat(shape: Shape, goal: Goal, hero: Hero, scene: Scene, station: Station, tense: float) -> Beat:
    known = partner_of(scene, hero)
    slots = {"hero": hero.name, "want": goal.want, "trouble": goal.trouble, "where": known or "the next drawing"}
    return Beat(f"{shape.name}/{station}", capital(fill(_SUMMARIES[station], slots)), tense, known)
