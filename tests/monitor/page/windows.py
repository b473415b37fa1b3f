"""A window on a library that a test fills by hand."""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitor import MonitorError, WorkflowMonitor
from monitor.page.views import (
    AgentCard,
    Document,
    LogLine,
    Mark,
    Ordered,
    Recovered,
    RunCard,
    RunSheet,
    StageCard,
    Window,
)

JPEG = b"\xff\xd8\xff\xe0 a picture"
DIGEST = "ab" * 32


@dataclass
class Shelf:
    """A library in memory; `fault` is what stands in the way of reading it."""

    sheets: dict[str, RunSheet] = field(default_factory=dict)
    lines: Sequence[LogLine] = ()
    folder: Path | None = None
    fault: str = ""
    looks: int = 0

    def version(self) -> object:
        return self.looks

    def runs(self) -> Sequence[RunCard]:
        self._look()
        return [sheet.card for sheet in self.sheets.values()]

    def run(self, run: str) -> RunSheet | None:
        self._look()
        return self.sheets.get(run)

    def log(self, run: str, level: str, role: str, most: int) -> Sequence[LogLine]:
        self._look()
        return [line for line in self.lines if not role or line.role == role][-most:]

    def picture(self, run: str, digest: str) -> bytes | None:
        self._look()
        return JPEG if run in self.sheets and digest == DIGEST else None

    def document(self, folder: str, path: str) -> Document | None:
        self._look()
        if self.folder is None or folder != "a-book" or path != "book.html":
            return None
        file = self.folder / path
        return Document(os.open(file, os.O_RDONLY), file.stat().st_size, "text/html; charset=utf-8")

    def _look(self) -> None:
        self.looks += 1
        if self.fault:
            raise MonitorError(self.fault)


def a_card(run: str = "run-1", state: str = "running", **others: object) -> RunCard:
    values: dict[str, object] = {"title": "A book", "began": 1_000.0, "ended": 0.0, "done": 3, "steps": 8} | others
    return RunCard(run=run, state=state, **values)  # type: ignore[arg-type]  # a test knows what it gives


def a_mark(number: int, role: str = "read", outcome: str = "done", **others: object) -> Mark:
    values: dict[str, object] = {"item": f"{number}.png", "at": 1_000.0 + number} | others
    return Mark(number, role, outcome=outcome, **values)  # type: ignore[arg-type]  # a test knows what it gives


def a_sheet(*marks: Mark, card: RunCard | None = None, **others: object) -> RunSheet:
    stages = (
        StageCard("read", "reading", (), steps=6, done=3, in_hand=2, first_at=1_001.0, last_at=1_003.0),
        StageCard("write", "writing", ("read",), steps=2),
    )
    values: dict[str, object] = {"place": marks[-1].id if marks else 0} | others
    return RunSheet(card or a_card(), stages, marks=marks, **values)  # type: ignore[arg-type]


def an_agent(role: str = "read", state: str = "running", last_error: str = "") -> AgentCard:
    return AgentCard(role, "Reads.", "image", "pure", 1, state, 2, 0, 0, 0, 0, 0.0, last_error)


def a_window(
    shelf: Shelf,
    *,
    agents: Sequence[AgentCard] = (),
    recovered: Callable[[str], Recovered | None] = lambda _role: None,
    order: Callable[[], Awaitable[Ordered]] | None = None,
    monitor: WorkflowMonitor | None = None,
    fonts: Path = Path("/nowhere"),
) -> Window:
    watched = monitor or WorkflowMonitor()

    async def recover(role: str) -> Recovered | None:
        return recovered(role)

    return Window(
        library=shelf,
        agents=lambda: agents,
        recover=recover,
        metrics=lambda: watched.metrics,
        fonts=fonts,
        order=order,
        labels={"read": "reading", "write": "writing"},
    )


def empty_window() -> Window:
    """Nothing to see."""
    return a_window(Shelf())
