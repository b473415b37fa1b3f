"""What a story shape is: one kind of plot, with the written acts for each of its stations."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Station(StrEnum):
    """What a page does for the plot."""

    WHOLE = "whole"
    OPENING = "opening"
    TROUBLE = "trouble"
    TRY = "try"
    ALMOST = "almost"
    LOW = "low"
    TURN = "turn"
    ENDING = "ending"
    FINALE = "finale"


@dataclass(frozen=True, slots=True)
class Goal:
    """What the hero is after: the noun that fills {goal}, the want ("to find ..."), and what stands in the way."""

    noun: str
    want: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Line:
    """One to three sentences of an act; the act makes sense without those that are not essential."""

    text: str
    is_essential: bool


@dataclass(frozen=True, slots=True)
class Act:
    """What happens on one page; the refrain, where the page has one, stands before line number `refrain_at`.

    `leads` are the ways in which a trouble may end, each with the number of the try that it leads to.
    """

    lines: tuple[Line, ...]
    refrain_at: int
    leads: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of plot.

    `acts` hold what may happen at each station. The tries are a ring: each ends in what the next begins with, and the
    trouble leads into one of them. `curve` is the tension 0..1 at equal steps through
    the book. `keywords` are words of captions that ask for this shape. `words` are handed on from try to try ({word}
    becomes {next}); the book begins with {first} of them.
    """

    name: str
    goals: tuple[Goal, ...]
    refrains: tuple[str, ...]
    curve: tuple[float, ...]
    acts: Mapping[Station, tuple[Act, ...]]
    keywords: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
