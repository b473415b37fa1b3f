"""The scenes of the page: what each topic shows, gathered on the loop and in one thread, and painted there too."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from monitor.feed import Feed
from monitor.health import Health
from monitor.metrics import Counter, Gauge, Histogram, Metrics
from monitor.page.hub import Scene
from monitor.page.painter import Painter
from monitor.page.views import Mark, RunSheet, StageCard, Window
from monitor.view import RunView
from swarm.events import AgentFailed, AgentRestarted, AgentWentDown, CircuitChanged, LoopBlocked, StepEnded

T = TypeVar("T")

RUN = "run/"
TOPICS = ("runs", "agents", "checks", "figures")

_MOST_DURATIONS = 4_000
_MOST_MARKS = 300
_MOST_SAMPLES = 120
_TIDINGS = (AgentFailed, AgentRestarted, AgentWentDown, CircuitChanged, LoopBlocked)
_MOST_TIDINGS = 30


class Scenes:
    """Paints the topics `runs`, `agents`, `checks`, `figures` and `run/ID`. What blocks is done in a thread of its own,
    one thing at a time, so that nothing can pile up."""

    def __init__(
        self,
        window: Window,
        painter: Painter,
        *,
        health: Callable[[], Health],
        live: Callable[[], RunView],
        feed: Feed,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._window = window
        self._painter = painter
        self._health = health
        self._live = live
        self._feed = feed
        self._now = now
        self._seen = 0
        self._durations: dict[tuple[str, str, str], deque[float]] = {}
        self._samples: dict[str, deque[float]] = {}
        self._steps = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="page")

    def close(self) -> None:
        """Let the thread end when it is done with what it has in hand."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do what blocks."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def paint(self, topic: str) -> Scene | None:
        """The scene of a topic as it is now; None for one that there is not. Raises MonitorError."""
        match topic:
            case "runs":
                return await self.in_thread(self._runs)
            case "agents":
                return await self._agents()
            case "checks":
                health = self._health()
                return await self._one("checks", health=health)
            case "figures":
                return await self._figures()
        return await self._run(topic.removeprefix(RUN)) if topic.startswith(RUN) else None

    async def _one(self, name: str, **values: object) -> Scene:
        html = await self.in_thread(lambda: self._painter.paint(f"_{name}.html", **values))
        return Scene({name: html})

    def _runs(self) -> Scene:
        runs = self._window.library.runs()
        can_order = self._window.order is not None
        return Scene({"runs": self._painter.paint("_runs.html", runs=runs, can_order=can_order)})

    async def _agents(self) -> Scene:
        tidings = [told for told in self._feed.since(0) if isinstance(told.event, _TIDINGS)][-_MOST_TIDINGS:]
        told = [(told.at, told.name, told.as_dict()) for told in reversed(tidings)]
        return await self._one("agents", agents=tuple(self._window.agents()), tidings=told)

    async def _figures(self) -> Scene:
        metrics = self._window.metrics()
        self._sample(metrics)
        shown = [
            (
                name,
                _kind(family),
                [(_labels(family.labels, values), figure) for values, figure in family.series.items()],
            )
            for name, family in metrics.families.items()
            if family.series
        ]
        samples = {name: tuple(values) for name, values in self._samples.items()}
        return await self._one("figures", families=shown, samples=samples)

    def _sample(self, metrics: Metrics) -> None:
        """Keep a few levels of the last minutes, for the small plots."""
        families: Mapping[str, Counter | Gauge | Histogram] = metrics.families
        steps, lag = families.get("steps_total"), families.get("event_loop_lag_seconds")
        total = sum(steps.series.values()) if isinstance(steps, Counter) else 0.0
        levels = {
            "steps answered since the last look": max(0.0, total - self._steps),
            "the loop was late, in ms": max(lag.series.values(), default=0.0) * 1000 if isinstance(lag, Gauge) else 0.0,
            "steps in hand": float(sum(stage.in_hand for stage in self._live().stages)),
        }
        self._steps = total
        for name, level in levels.items():
            self._samples.setdefault(name, deque(maxlen=_MOST_SAMPLES)).append(level)

    async def _run(self, run: str) -> Scene | None:
        live = self._live()
        self._learn_durations()
        durations = {key: tuple(spent) for key, spent in self._durations.items() if key[0] == run}
        return await self.in_thread(lambda: self._paint_run(run, live, durations))

    def _learn_durations(self) -> None:
        """What the swarm of this process tells of how long its steps took."""
        for told in self._feed.since(self._seen):
            if isinstance(told.event, StepEnded):
                key = (told.event.run, *told.event.step)
                self._durations.setdefault(key, deque(maxlen=8)).append(told.event.duration_s)
                if len(self._durations) > _MOST_DURATIONS:
                    del self._durations[next(iter(self._durations))]
        self._seen = self._feed.newest

    def _paint_run(
        self, run: str, live: RunView, durations: Mapping[tuple[str, str, str], tuple[float, ...]]
    ) -> Scene | None:
        sheet = self._window.library.run(run)
        if sheet is None:
            return None
        if live.run == run:
            sheet = with_live(sheet, live)
        sheet = replace(sheet, marks=tuple(_measured(sheet.marks, run, durations)))
        until = sheet.card.ended if sheet.card.is_over and sheet.card.ended else self._now()
        paint = self._painter.paint
        values = {"sheet": sheet, "card": sheet.card, "until": until}
        names = ("head", "plan", "pages", "time", "aside")
        parts = {name: paint(f"_run_{name}.html", **values) for name in names}
        marks = tuple((mark.id, paint("_mark.html", mark=mark)) for mark in sheet.marks[-_MOST_MARKS:])
        return Scene(parts, marks, is_over=sheet.card.is_over)


def with_live(sheet: RunSheet, live: RunView) -> RunSheet:
    """The sheet with what only the process that makes the run knows: steps in hand, and how long all took."""
    views = {view.role: view for view in live.stages}

    def merged(stage: StageCard) -> StageCard:
        view = views.get(stage.role)
        if view is None:
            return stage
        in_hand = 0 if sheet.card.is_over else view.in_hand
        return replace(stage, in_hand=in_hand, work_s=view.work_s)

    return replace(sheet, stages=tuple(merged(stage) for stage in sheet.stages))


def _measured(
    marks: tuple[Mark, ...], run: str, durations: Mapping[tuple[str, str, str], tuple[float, ...]]
) -> list[Mark]:
    """The marks with their durations where these are known: the newest of a step belongs to its newest mark."""
    left = {key: list(spent) for key, spent in durations.items()}
    found = []
    for mark in reversed(marks):
        spent = left.get((run, mark.role, mark.item))
        found.append(replace(mark, duration_s=spent.pop()) if spent else mark)
    return found[::-1]


def _kind(family: Counter | Gauge | Histogram) -> str:
    return type(family).__name__.lower()


def _labels(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))
