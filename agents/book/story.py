"""The story: outline, beats, the proposals for the order of the pages, and the brief that each page gets."""

from dataclasses import dataclass

from agents.book.pair import Pair
from agents.book.picture import Oklab, Picture, Swatch


@dataclass(frozen=True, slots=True)
class Scene:
    """What the storyteller may know of a drawing: nothing else of it may be named in the story.

    `caption` is the person's own words or empty; `name_words` the meaningful words of the file name;
    `palette` runs from the largest share down. `part` of `parts`: a drawing with many renderings fills several pages.
    `layout` is a short vector whose cosine tells how alike two drawings are laid out; empty where that is not known.
    `description` is what a model saw in the drawing; empty where none looked.
    """

    input: str
    caption: str
    name_words: tuple[str, ...]
    mean: Oklab
    palette: tuple[Swatch, ...]
    part: int = 1
    parts: int = 1
    layout: tuple[float, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Hero:
    """Who the story is about: a name that lasts, the noun to introduce it by, and its pronouns."""

    name: str
    noun: str
    subject: str = "they"
    object: str = "them"
    possessive: str = "their"


@dataclass(frozen=True, slots=True)
class Beat:
    """What one page does in the story: its place in the arc and the sentence that plans it.

    `kind` may name the story shape first (`lost/turn`); `tension` is 0..1. `subject` is the phrase by which the
    neighbouring pages may speak of this page's drawing ("the owl"), empty where nobody said what it shows.
    """

    kind: str
    summary: str
    tension: float
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """The plan of a story: its shape, hero, want and trouble, and one beat a page in reading order."""

    shape: str
    hero: Hero
    want: str
    trouble: str
    refrain: str
    beats: tuple[Beat, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One order of the drawings with its scores 0..1; `score` is 0.4 coherence + 0.3 arc + 0.3 variety.

    `order` holds indexes of the scenes that the proposal was made for.
    """

    order: tuple[int, ...]
    outline: Outline
    coherence: float
    arc: float
    variety: float
    score: float


@dataclass(frozen=True, slots=True)
class PageBrief:
    """All that the steps of one page may know: its drawing, renderings, beat, and the neighbours' beats.

    `item` names the page (its input path, with `#part` where a drawing fills several pages); `pair` holds the matches
    of this page's renderings only.
    """

    item: str
    number: int
    page_count: int
    scene: Scene
    drawing: Picture
    renderings: tuple[Picture, ...]
    pair: Pair
    hero: Hero
    want: str
    trouble: str
    refrain: str
    beat: Beat
    beat_before: Beat | None
    beat_after: Beat | None
    fixed_text: str | None = None


@dataclass(frozen=True, slots=True)
class Storyline:
    """What sequence decides: three proposals, the chosen one, why, and the briefs of the pages in order."""

    proposals: tuple[Proposal, ...]
    orders: tuple[tuple[str, ...], ...]
    chosen: int
    reason: str
    made_with: str
    briefs: tuple[PageBrief, ...]


@dataclass(frozen=True, slots=True)
class PageText:
    """The words of one page and their measures: US school grades by Flesch-Kincaid and Spache, the Dale-Chall score."""

    text: str
    words: int
    reading_grade: float
    spache: float
    dale_chall: float
    made_with: str
