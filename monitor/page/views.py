"""What the page shows, as plain values, and the library that gives them. Nothing here knows what a run is about."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from monitor.metrics import Metrics

OVER = ("complete", "partial", "failed", "interrupted")
"""The states of a run that is not at work."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something to open: its name for people and its address on this server."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run at a glance. `steps` counts those that are known of, `began` and `ended` are seconds since 1970 (0: not
    yet), `cost_usd` is None where it is not known. `note` says what is missing, `reason` why it failed."""

    run: str
    title: str
    state: str
    began: float
    ended: float
    done: int
    steps: int
    cost_usd: float | None = None
    note: str = ""
    reason: str = ""
    cover: str = ""
    links: tuple[Link, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether it is at rest."""
        return self.state in OVER

    @property
    def done_ratio(self) -> float:
        """The share 0..1 of the steps known of that are answered."""
        return self.done / self.steps if self.steps else 0.0


@dataclass(frozen=True, slots=True)
class StageCard:
    """All steps of one role. `steps` is None until their number is known, `in_hand` where nobody tells it.

    `first_at` and `last_at` are when its first and its newest answer was written down, in seconds since 1970 (0: none
    yet); `work_s` is the sum of all durations, where that is known.
    """

    role: str
    label: str
    needs: tuple[str, ...]
    steps: int | None = None
    done: int = 0
    failed: int = 0
    in_hand: int | None = None
    reworked: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    work_s: float | None = None

    @property
    def state(self) -> str:
        """`waiting`, `in hand`, `done`, or `failed` when every step is answered and some failed."""
        answered = self.done + self.failed
        if self.steps is not None and self.steps and answered >= self.steps:
            return "failed" if self.failed else "done"
        return "in hand" if answered or self.in_hand else "waiting"


@dataclass(frozen=True, slots=True)
class Mark:
    """One answer to a step: `id` grows with time, `outcome` is done, reused, rework, waiting, provisional or failed,
    and `duration_s` is None where nobody measured it."""

    id: int
    role: str
    item: str
    outcome: str
    at: float
    reason: str = ""
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """Something drawn on a sheet, in mm from its top left corner: by `kind` a `box`, an `image`, a `line` of points or
    a `text`, whose `y_mm` is the baseline of the first of its `lines`, each `leading_mm` below the other."""

    kind: str
    x_mm: float = 0.0
    y_mm: float = 0.0
    width_mm: float = 0.0
    height_mm: float = 0.0
    colour: str = ""
    corner_mm: float = 0.0
    address: str = ""
    alt: str = ""
    points: str = ""
    lines: tuple[str, ...] = ()
    size_mm: float = 0.0
    leading_mm: float = 0.0
    face: str = "regular"
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One side of a page: paper, ink, and what is drawn on it in order."""

    tint: str
    ink: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Two facing sheets of one size; `item` names the page, `label` says it to who cannot see it."""

    number: int
    item: str
    label: str
    width_mm: float
    height_mm: float
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture of this server, its alternative text, and what stands below it."""

    address: str
    alt: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not in the result, and why, in words."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A match that is not sure: what it is for beside what was found, the confidence 0..1 and its grounds in words."""

    one: Picture
    others: tuple[Picture, ...]
    confidence: float
    grounds: str


@dataclass(frozen=True, slots=True)
class RunSheet:
    """All that is shown of one run. `place` is the id of its newest mark; `marks` are the newest ones, the oldest
    first; `troubles` say what went wrong in words."""

    card: RunCard
    stages: tuple[StageCard, ...]
    spreads: tuple[Spread, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    marks: tuple[Mark, ...] = ()
    troubles: tuple[str, ...] = ()
    place: int = 0


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a run's log: `at` as it was written, `told` its fields in words."""

    at: str
    level: str
    event: str
    role: str
    told: str


@dataclass(frozen=True, slots=True)
class AgentCard:
    """An agent with its workers; numbers count from the start of this process, `p95_s` is 0 without a step."""

    role: str
    summary: str
    scope: str
    kind: str
    version: int
    state: str
    workers: int
    in_hand: int
    waiting: int
    restarts: int
    restarts_in_period: int
    p95_s: float
    last_error: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """Whether an agent is back, and why or why not."""

    is_back: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """The answer to an order: the run that was begun, or why none was."""

    run: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that may be had: where it is as an open descriptor, which the taker closes, and what it is."""

    descriptor: int
    size_bytes: int
    media_type: str


class Library(Protocol):
    """What there is to see. All of it blocks, and is called in a thread; nothing raises but MonitorError, when what
    stands there cannot be read."""

    def version(self) -> object:
        """Another value than before as soon as anything may have changed; cheap."""
        ...

    def runs(self) -> Sequence[RunCard]:
        """All runs, the newest first."""
        ...

    def run(self, run: str) -> RunSheet | None:
        """One run by its whole id."""
        ...

    def log(self, run: str, level: str, role: str, most: int) -> Sequence[LogLine]:
        """The newest lines of a run's log at this level or above, of one role or of all (empty)."""
        ...

    def picture(self, run: str, digest: str) -> bytes | None:
        """A small JPEG of a picture of this run, and of no other file."""
        ...

    def document(self, folder: str, path: str) -> Document | None:
        """A file of a finished result, if its own list of files names it."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """What the page looks at: the library, the agents, the metrics, and the few things that it may ask for.

    `order` begins the run that this server offers; None where it offers none. `fonts` is a folder of the page's faces,
    `document_policy` what a browser may do with documents of finished results.
    """

    library: Library
    agents: Callable[[], Sequence[AgentCard]]
    recover: Callable[[str], Awaitable[Recovered | None]]
    metrics: Callable[[], Metrics]
    fonts: Path
    document_policy: str = "default-src 'none'"
    order: Callable[[], Awaitable[Ordered]] | None = None
    labels: dict[str, str] = field(default_factory=dict)
