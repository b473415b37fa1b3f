"""The review of a page: gates with their figures, and whether the page is approved."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gate:
    """One measured demand on a page; `mender` is the role that can mend it, None where nobody can."""

    name: str
    passed: bool
    figure: float
    demand: str
    mender: str | None = None


@dataclass(frozen=True, slots=True)
class Critique:
    """What a critic says of the text of a page: scores 0..1 by what they judge, and what to do better."""

    scores: tuple[tuple[str, float], ...]
    advice: str


@dataclass(frozen=True, slots=True)
class Review:
    """The gates of one page; approved when all of them passed. `notes` say what the mender is to change."""

    gates: tuple[Gate, ...]
    approved: bool
    notes: str
    reworks: int
