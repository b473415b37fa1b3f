"""The run as a person sees it: in a terminal a calm picture that is redrawn, elsewhere a line now and then.

Everything goes to stderr. The picture is made from snapshots by a task of its own, never by an event.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from types import MappingProxyType
from typing import Protocol

from loguru import logger
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from monitor import names
from monitor.text import shortened, visible
from monitor.view import Loss, RunView, StageView
from monitor.workflow import WorkflowMonitor

_REFRESH_S = 0.25
_LOSSES_SHOWN = 3
_NAME_CHARS = 60
_NO_LABELS: Mapping[str, str] = MappingProxyType({})


class LiveView:
    """What stands on the terminal while a run goes on. It gives up quietly when the terminal is gone."""

    def __init__(self, face: "_Face | None") -> None:
        self._face = face

    def write(self, text: str) -> None:
        """A line of text beside the picture, for instance a warning; nothing when quiet. Never raises."""
        try:
            if self._face:
                self._face.write(visible(text))
        except Exception:
            self.close()  # nobody is left to be told

    def show(self, monitor: WorkflowMonitor, *, is_last: bool = False) -> None:
        """Show the run as it is now. Never raises."""
        try:
            if self._face:
                self._face.draw(monitor.snapshot(), is_last=is_last)
        except Exception as fault:
            self.close()
            logger.opt(exception=fault).warning(names.LIVE_VIEW_BROKE)

    def close(self) -> None:
        """Show nothing more and leave the terminal as it was. Never raises."""
        face, self._face = self._face, None
        with suppress(Exception):
            if face:
                face.close()


@asynccontextmanager
async def live_view(
    monitor: WorkflowMonitor,
    *,
    labels: Mapping[str, str] = _NO_LABELS,
    console: Console | None = None,
    is_quiet: bool = False,
) -> AsyncIterator[LiveView]:
    """Until the end of the block show the monitor's run, four times a second; the last state stays.

    `labels` gives what a role is called for people. Where `console` (stderr) is no terminal, a line is written for
    each stage that is complete and for each loss.
    """
    view = LiveView(None if is_quiet else _face(console or _Stderr(), labels))
    task = asyncio.create_task(_keep_drawing(monitor, view), name="monitor-live")
    try:
        yield view
    finally:
        task.cancel()
        await asyncio.wait({task})
        view.show(monitor, is_last=True)
        view.close()


async def _keep_drawing(monitor: WorkflowMonitor, view: LiveView) -> None:
    while True:
        view.show(monitor)
        await asyncio.sleep(_REFRESH_S)


class _Stderr(Console):
    """stderr, whose loss does not end the process."""

    def __init__(self) -> None:
        super().__init__(stderr=True)

    def on_broken_pipe(self) -> None:
        """Nobody looks any more: write nothing, but let the run go on."""
        self.quiet = True


class _Face(Protocol):
    """A way to show a run."""

    def write(self, text: str) -> None: ...

    def draw(self, view: RunView, *, is_last: bool) -> None: ...

    def close(self) -> None: ...


def _face(console: Console, labels: Mapping[str, str]) -> _Face:
    is_screen = console.is_terminal and not console.is_dumb_terminal
    return _Picture(console, labels) if is_screen else _Lines(console, labels)


class _Picture:
    """A progress bar for each stage, redrawn in place."""

    def __init__(self, console: Console, labels: Mapping[str, str]) -> None:
        self._console = console
        self._labels = labels
        self._live = Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)

    def write(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)

    def draw(self, view: RunView, *, is_last: bool) -> None:
        self._live.start()
        self._live.update(self._picture(view), refresh=True)

    def close(self) -> None:
        self._live.stop()

    def _picture(self, view: RunView) -> RenderableType:
        parts: list[RenderableType] = [self._stages(view)] if view.stages else []
        parts += [_line(f"  left out: {_loss(loss, self._labels)}", "yellow") for loss in view.losses[-_LOSSES_SHOWN:]]
        more = view.losses_total - len(view.losses[-_LOSSES_SHOWN:])
        if more > 0:
            parts.append(_line(f"  and {more} more left out before", "yellow"))
        return Group(*parts, _line(f"  {view.state} {_clock(view.elapsed_s)}", "dim"))

    def _stages(self, view: RunView) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        for justify in ("left", "left", "right", "right"):
            table.add_column(justify=justify, no_wrap=True)
        table.add_column()  # may wrap, so it is the one that gives way in a narrow terminal
        width = max(8, min(30, self._console.width - 60))
        for stage in view.stages:
            is_begun = stage.sent or stage.finished
            table.add_row(
                Text(f"  {_label(stage.role, self._labels)}", "" if is_begun else "dim"),
                _bar(stage, width),
                _counts(stage),
                f"{stage.span_s:.1f} s" if stage.finished else "",
                _line(_notes(stage), "red" if stage.down else "yellow"),
            )
        return table


class _Lines:
    """One line when a stage is complete, one for each loss, and at the end what did not become complete."""

    def __init__(self, console: Console, labels: Mapping[str, str]) -> None:
        self._console = console
        self._labels = labels
        self._told: set[tuple[str, ...]] = set()

    def write(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)

    def draw(self, view: RunView, *, is_last: bool) -> None:
        for loss in view.losses:
            self._tell_once((view.run, *loss), f"left out: {_loss(loss, self._labels)}")
        width = max((len(_label(stage.role, self._labels)) for stage in view.stages), default=0)
        for stage in view.stages:
            if stage.is_complete or (is_last and stage.steps):
                label = _label(stage.role, self._labels).ljust(width)
                line = f"{label}  {_counts(stage)}  {stage.span_s:5.1f} s  {_notes(stage)}"
                self._tell_once((view.run, stage.role), line.rstrip())

    def close(self) -> None:
        """Nothing to put back."""

    def _tell_once(self, key: tuple[str, ...], line: str) -> None:
        if key not in self._told:
            self._told.add(key)
            self.write(line)


def _label(role: str, labels: Mapping[str, str]) -> str:
    return visible(shortened(labels.get(role, role), _NAME_CHARS))


def _bar(stage: StageView, width: int) -> ProgressBar:
    total = max(1, stage.steps or 0)
    return ProgressBar(total, stage.finished, width, complete_style="cyan", finished_style="green")


def _counts(stage: StageView) -> str:
    return "" if stage.steps is None else f"{stage.finished} of {stage.steps}"


def _notes(stage: StageView) -> str:
    """What is worth a word: kept results, losses, repeats, trouble of the agent."""
    counts = {
        "kept": stage.reused,
        "left out": stage.failed,
        "reworked": stage.reworked,
        "restarted": stage.restarts,
    }
    notes = [f"{n} {what}" for what, n in counts.items() if n]
    if stage.down:
        notes.insert(0, f"stopped: {visible(stage.down)}")
    return ", ".join(notes)


def _loss(loss: Loss, labels: Mapping[str, str]) -> str:
    item = visible(shortened(loss.item, _NAME_CHARS))
    where = f"{_label(loss.role, labels)}: {item}" if item else _label(loss.role, labels)
    return f"{where}: {visible(loss.reason)}"


def _line(text: str, style: str) -> Text:
    return Text(text, style, no_wrap=True, overflow="ellipsis")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
