"""From a shape to the plan of a book: which station of the plot each page is, and how tense it is there."""

from collections.abc import Sequence
from enum import StrEnum

from agents.book.story import Beat, Hero, Outline, Scene
from agents.craft.story.chance import one_of
from agents.craft.story.hero import is_hero
from agents.craft.story.shape import Goal, Shape
from agents.craft.story.subject import subject_of
from agents.craft.story.words import capital, fill

SHORTEST_WITH_TWO_ALMOSTS = 16


class Station(StrEnum):
    """What a page does for the plot."""

    WHOLE = "whole"
    OPENING = "opening"
    WANT = "want"
    TROUBLE = "trouble"
    TRY = "try"
    ALMOST = "almost"
    LOW = "low"
    TURN = "turn"
    ENDING = "ending"


_SHORT = {
    1: (Station.WHOLE,),
    2: (Station.OPENING, Station.ENDING),
    3: (Station.OPENING, Station.TROUBLE, Station.ENDING),
    4: (Station.OPENING, Station.TROUBLE, Station.TURN, Station.ENDING),
    5: (Station.OPENING, Station.TROUBLE, Station.TRY, Station.TURN, Station.ENDING),
    6: (Station.OPENING, Station.WANT, Station.TROUBLE, Station.TRY, Station.TURN, Station.ENDING),
}

_SUMMARIES = {
    Station.WHOLE: "{Hero} wanted {want}, and it came right on one page.",
    Station.OPENING: "{Hero} wanted {want}.",
    Station.WANT: "{Hero} set out and came to {where}.",
    Station.TROUBLE: "At {where} there was trouble: {trouble}.",
    Station.TRY: "{Hero} tried again at {where}.",
    Station.ALMOST: "At {where} it nearly worked.",
    Station.LOW: "At {where} all seemed lost.",
    Station.TURN: "At {where} everything changed.",
    Station.ENDING: "At {where} it all came right.",
}


def stations(page_count: int) -> tuple[Station, ...]:
    """The stations of a book of so many pages: opening, want, trouble, tries with near misses, low, turn, ending."""
    if page_count in _SHORT:
        return _SHORT[page_count]
    tries = [Station.TRY] * (page_count - 6)
    if len(tries) >= 3:
        tries[len(tries) // 2] = Station.ALMOST
    if page_count >= SHORTEST_WITH_TWO_ALMOSTS:
        tries[len(tries) // 5] = Station.ALMOST
    return (Station.OPENING, Station.WANT, Station.TROUBLE, *tries, Station.LOW, Station.TURN, Station.ENDING)


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
    return Outline(shape.name, hero, goal.want, goal.trouble, fill(refrain, slots), beats)


def _beat(shape: Shape, goal: Goal, hero: Hero, scene: Scene, station: Station, tense: float) -> Beat:
    subject = subject_of(scene)
    known = "" if is_hero(subject, hero) else subject.the
    slots = {"hero": hero.name, "want": goal.want, "trouble": goal.trouble, "where": known or "the next drawing"}
    return Beat(f"{shape.name}/{station}", capital(fill(_SUMMARIES[station], slots)), tense, known)
