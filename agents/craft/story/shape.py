"""What a story shape is: the words for each station of one kind of plot, and the curve of its tension."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Goal:
    """What the hero is after: the noun that fills {goal}, the want ("to find ..."), and what stands in the way."""

    noun: str
    want: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of plot.

    Passages are one to four short sentences with slots. A try is one of `frames` around one of `fillers`, so that
    forty pages have forty different tries; with `is_ordered` the fillers keep their order from first page to last.
    `fails` says that tries come to nothing until the turn. `growth` runs from first page to last as well and fills
    {growth} in `growth_frames`. `curve` is the tension 0..1 at equal steps through the book. `keywords` are words of
    captions that ask for this shape.
    """

    name: str
    goals: tuple[Goal, ...]
    refrains: tuple[str, ...]
    openings: tuple[str, ...]
    wants: tuple[str, ...]
    troubles: tuple[str, ...]
    frames: tuple[str, ...]
    fillers: tuple[str, ...]
    results: tuple[str, ...]
    almosts: tuple[str, ...]
    lows: tuple[str, ...]
    turns: tuple[str, ...]
    endings: tuple[str, ...]
    curve: tuple[float, ...]
    meetings: tuple[str, ...] = ()
    keywords: frozenset[str] = field(default=frozenset())
    is_ordered: bool = False
    fails: bool = False
    growth: tuple[str, ...] = ()
    growth_frames: tuple[str, ...] = ()
