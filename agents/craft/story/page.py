"""One page of a story, written from its brief alone."""

from dataclasses import replace

from agents.book.story import PageBrief
from agents.craft.story.compose import FIRST_STATIONS, LAST_STATIONS, Page, passages
from agents.craft.story.fit import best_text
from agents.craft.story.limits import MOST_WORDS, Limits, after_review, limits_for
from agents.craft.story.outline import stations
from agents.craft.story.shape import Goal, Shape, Station
from agents.craft.story.subject import subject_of
from agents.craft.story.tales import shapes, walk
from agents.craft.story.voice import voice

_FOREIGN = {
    "opening": Station.OPENING, "setup": Station.OPENING, "introduction": Station.OPENING, "beginning": Station.OPENING,
    "want": Station.OPENING, "trouble": Station.TROUBLE, "problem": Station.TROUBLE, "conflict": Station.TROUBLE,
    "try": Station.TRY, "low": Station.LOW, "crisis": Station.LOW, "turn": Station.TURN, "climax": Station.TURN,
    "ending": Station.ENDING, "end": Station.ENDING, "resolution": Station.ENDING,
}  # fmt: skip
"""What outlines made elsewhere call the stations."""


def write_page(brief: PageBrief, *, age: int, seed: int, notes: str = "", rejected: str = "") -> str:
    """The text of one page: 50 to 100 words for a reader of 3 to 7, in short sentences.

    The same arguments give the same text in every process. In a book of up to 40 pages with one seed no sentence but
    the refrain stands twice. `notes` on a `rejected` text are kept to as far as its passages allow, and the result
    differs from it. Cost: under ten milliseconds.
    """
    shape, station = _shape_and_station(brief)
    goal = _goal(shape, brief)
    subject = subject_of(brief.scene)
    page = Page(brief, shape, station, subject, voice(brief, subject, goal), seed)
    limits = after_review(_limits_of(page, age), notes, rejected)
    return best_text(passages(page), limits, rejected)


def _limits_of(page: Page, age: int) -> Limits:
    """The age's limits; a story on one page may be long."""
    limits = limits_for(age)
    return replace(limits, most_words=MOST_WORDS) if page.station is Station.WHOLE else limits


def _shape_and_station(brief: PageBrief) -> tuple[Shape, Station]:
    name, _, kind = brief.beat.kind.partition("/")
    if name in shapes() and kind in set(Station):
        return shapes()[name], Station(kind)
    planned = stations(brief.page_count)[brief.number - 1]
    if planned in {*FIRST_STATIONS, *LAST_STATIONS}:
        return walk(), planned
    station = _FOREIGN.get(brief.beat.kind.lower(), planned)
    return walk(), planned if station in {Station.OPENING, Station.ENDING} else station


def _goal(shape: Shape, brief: PageBrief) -> Goal:
    return next((goal for goal in shape.goals if goal.want == brief.want), shape.goals[0])
