"""Where things stand in the page's drawings: the plan, the timeline, small plots. Plain sums, no markup."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.metrics import BOUNDS_S, Distribution
from monitor.page.views import Mark, StageCard

NODE_W, NODE_H = 148, 58
_GAP_X, _GAP_Y = 30, 26
LANE_W, LANE_H = 640, 18
_BINS = 160


@dataclass(frozen=True, slots=True)
class Node:
    """A stage in the plan's drawing, by its top left corner in px."""

    stage: StageCard
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """The plan drawn from left to right: a stage stands right of all that it waits for. `edges` are SVG paths."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[str, ...]


def plan_picture(stages: Sequence[StageCard]) -> PlanPicture:
    """Lay the stages out by the longest way that leads to each; what follows from other edges is not drawn."""
    needs = {stage.role: tuple(dict.fromkeys(stage.needs)) for stage in stages}
    depths = _depths(needs)
    columns: dict[int, list[StageCard]] = {}
    for stage in stages:
        columns.setdefault(depths[stage.role], []).append(stage)
    rows = max((len(column) for column in columns.values()), default=1)
    height = rows * (NODE_H + _GAP_Y) - _GAP_Y
    nodes = {}
    for depth, column in columns.items():
        top = (height - len(column) * (NODE_H + _GAP_Y) + _GAP_Y) // 2
        for row, stage in enumerate(column):
            nodes[stage.role] = Node(stage, depth * (NODE_W + _GAP_X), top + row * (NODE_H + _GAP_Y))
    edges = [_edge(nodes[source], nodes[target]) for source, target in _drawn(needs)]
    width = (max(columns, default=0) + 1) * (NODE_W + _GAP_X) - _GAP_X
    return PlanPicture(width, height, tuple(nodes.values()), tuple(edges))


def _depths(needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest way to each role; what is unknown or goes in a circle counts as nothing."""
    depths: dict[str, int] = {}

    def depth(role: str, seen: frozenset[str]) -> int:
        if role not in depths:
            befores = [depth(need, seen | {role}) + 1 for need in needs[role] if need in needs and need not in seen]
            depths[role] = max(befores, default=0)
        return depths[role]

    for role in needs:
        depth(role, frozenset({role}))
    return depths


def _drawn(needs: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, str]]:
    """The edges that no longer way stands for."""
    reach: dict[str, set[str]] = {}

    def before(role: str) -> set[str]:
        if role not in reach:
            reach[role] = set()
            for need in needs.get(role, ()):
                reach[role] |= {need} | before(need)
        return reach[role]

    for target, sources in needs.items():
        for source in sources:
            if source in needs and not any(source in before(other) for other in sources if other != source):
                yield source, target


def _edge(source: Node, target: Node) -> str:
    x1, y1 = source.x + NODE_W, source.y + NODE_H // 2
    x2, y2 = target.x, target.y + NODE_H // 2
    bend = (x2 - x1) // 2
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"


@dataclass(frozen=True, slots=True)
class Lane:
    """The steps of one stage over time: `span` is the bar from the first answer to the last in px, `ticks` are SVG
    paths of the answers by outcome, `busy` one of how many steps were in hand, where their durations are known."""

    stage: StageCard
    span: tuple[float, float] | None
    ticks: Mapping[str, str]
    busy: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """All lanes on one axis of `seconds`, with the labels of the axis and where they stand."""

    lanes: tuple[Lane, ...]
    seconds: float
    axis: tuple[tuple[float, str], ...]


def timeline(stages: Sequence[StageCard], marks: Iterable[Mark], began: float, until: float) -> Timeline:
    """From `began` to `until`, in seconds since 1970. Answers that lie closer than 4 px are one tick."""
    seconds = max(until - began, 0.001)
    by_role: dict[str, list[Mark]] = {stage.role: [] for stage in stages}
    for mark in marks:
        if mark.role in by_role:
            by_role[mark.role].append(mark)
    lanes = tuple(_lane(stage, by_role[stage.role], began, seconds) for stage in stages)
    return Timeline(lanes, seconds, _axis(seconds))


def _lane(stage: StageCard, marks: Sequence[Mark], began: float, seconds: float) -> Lane:
    def place(at: float) -> int:
        return min(max(int((at - began) / seconds * _BINS), 0), _BINS - 1)

    if not marks:
        return Lane(stage, None, {}, "", 0.0)
    wide = LANE_W / _BINS
    found: dict[str, set[int]] = {}
    in_hand = [0] * _BINS
    for mark in marks:
        found.setdefault(_kind(mark.outcome), set()).add(place(mark.at))
        if mark.duration_s is not None:
            for at in range(place(mark.at - mark.duration_s), place(mark.at) + 1):
                in_hand[at] += 1
    ticks = {
        kind: "".join(f"M{at * wide + wide / 2:g} 3v12" for at in sorted(places)) for kind, places in found.items()
    }
    first, last = place(min(mark.at for mark in marks)), place(max(mark.at for mark in marks))
    span = first * wide, (last - first + 1) * wide
    return Lane(stage, span, ticks, _area(in_hand, wide), stage.last_at - stage.first_at)


def _area(heights: Sequence[int], wide: float) -> str:
    """Steps of these heights as one closed path, the highest as high as the lane; empty when all are 0."""
    top = max(heights)
    if not top:
        return ""
    path, before = ["M0 17"], 0
    for at, height in enumerate(heights):
        if height != before:
            path.append(f"H{at * wide:g}V{17 - 16 * height / top:.1f}")
            before = height
    return "".join([*path, f"H{LANE_W}V17Z"])


def _kind(outcome: str) -> str:
    return {"failed": "bad", "waiting": "bad", "rework": "again"}.get(outcome, "good")


def _axis(seconds: float) -> tuple[tuple[float, str], ...]:
    """Round times, four to eight of them."""
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400)
    step = next((step for step in steps if seconds / step <= 7), seconds / 5)
    return tuple(
        (round(step * nth / seconds * LANE_W, 1), duration(step * nth)) for nth in range(int(seconds / step) + 1)
    )


def duration(seconds: float) -> str:
    """A duration for people: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def sparkline(values: Sequence[float], width: int = 240, height: int = 48) -> str:
    """The points of a line through values, the oldest left; the highest touches the top."""
    top = max(values, default=0.0) or 1.0
    step = width / max(len(values) - 1, 1)
    return " ".join(f"{at * step:.1f},{height - 2 - value / top * (height - 4):.1f}" for at, value in enumerate(values))


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of a small plot: left edge, top and height in px, and what it says."""

    x: float
    y: float
    height: float
    told: str


def histogram(spread: Distribution, width: int = 240, height: int = 48) -> tuple[Bar, ...]:
    """The buckets of a distribution that hold anything, and those between them, as columns."""
    filled = [nth for nth, count in enumerate(spread.buckets) if count]
    if not filled:
        return ()
    shown = range(filled[0], filled[-1] + 1)
    wide, top = width / max(len(shown), 6), max(spread.buckets)
    bars = []
    for place, nth in enumerate(shown):
        count = spread.buckets[nth]
        tall = count / top * (height - 2)
        bars.append(Bar(round(place * wide, 1), round(height - tall, 1), round(tall, 1), f"{count} {_bound(nth)}"))
    return tuple(bars)


def _bound(nth: int) -> str:
    if nth == len(BOUNDS_S):
        return f"longer than {duration(BOUNDS_S[-1])}"
    bound_s = BOUNDS_S[nth]
    return f"up to {duration(bound_s)}" if bound_s >= 0.1 else f"up to {bound_s * 1000:g} ms"
