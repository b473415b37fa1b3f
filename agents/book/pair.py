"""Pairs: which renderings were made from which drawing, how sure that is, and by what evidence."""

from dataclasses import dataclass

from agents.book.picture import Omission


@dataclass(frozen=True, slots=True)
class Evidence:
    """The parts 0..1 that speak for a match; None where a part says nothing either way."""

    picture: float | None
    name: float | None
    metadata: float | None


@dataclass(frozen=True, slots=True)
class Match:
    """One rendering with the confidence 0..1 that it belongs to its pair's drawing.

    `runner_up` is the best other drawing; `twin_of` an earlier rendering of the same drawing that it nearly repeats;
    `by_person` says that somebody said so.
    """

    output: str
    confidence: float
    evidence: Evidence
    runner_up: str | None = None
    twin_of: str | None = None
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """One drawing with the renderings that were made from it; the confidence is the mean of the matches', `description`
    what a model saw in the drawing, if one looked."""

    input: str
    matches: tuple[Match, ...]
    confidence: float
    evidence: Evidence
    flagged: bool
    description: str = ""

    def __post_init__(self) -> None:
        if not self.matches:
            raise ValueError("a pair has at least one rendering")


@dataclass(frozen=True, slots=True)
class Pairing:
    """All pairs of a source; `unpaired` holds drawings and renderings alike, `omitted` what could not be read."""

    pairs: tuple[Pair, ...]
    unpaired: tuple[str, ...]
    omitted: tuple[Omission, ...]
