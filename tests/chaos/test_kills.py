"""kill -9 at the boundaries of the steps, in the journal, while publishing and while taking back: the same book."""

from pathlib import Path

import pytest

from tests.chaos.prepared import PAGES, PICTURES, Prepared
from tests.chaos.stage import Stage

pytestmark = pytest.mark.timeout(900)

BOUNDARIES = ("sent", "work", "done", "recorded")
BEFORE = {"pair": "ingest", "sequence": "ingest", "bind": "review"}
PURE = ("pair", "sequence", "arrange", "grid", "write", "design", "review", "bind")
STEPS = {"pair": 1, "sequence": 1, "bind": 1}


@pytest.mark.parametrize("role", PURE)
def test_kills_at_the_first_and_last_boundaries_of(
    role: str, prepared: Prepared, unbroken: Path, tmp_path: Path
) -> None:
    """One run after the other, each killed a boundary later, the last boundaries after the first."""
    stage = prepared.after(BEFORE.get(role, "sequence"), tmp_path)
    for is_last in (False, True):
        for boundary in BOUNDARIES:
            left = STEPS.get(role, PAGES) - stage.finished_of(role)
            if left:
                stage.dies(f"{boundary}.{role}:{left if is_last else 1}")

    stage.ends_well(unbroken)


@pytest.mark.parametrize("nth", [1, PICTURES])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_kill_while_pictures_are_read(stage: Stage, unbroken: Path, boundary: str, nth: int) -> None:
    stage.dies(f"{boundary}.ingest:{nth}", command="make")

    stage.ends_well(unbroken)


@pytest.mark.parametrize("is_last", [False, True])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_kill_during_a_paid_step(
    prepared: Prepared, unbroken: Path, tmp_path: Path, boundary: str, is_last: bool
) -> None:
    stage = prepared.after("review", tmp_path)
    left = PAGES - stage.finished_of("witness")
    stage.dies(f"{boundary}.witness:{left if is_last else 1}")

    stage.ends_well(unbroken)


@pytest.mark.parametrize(
    "point",
    [
        *("journal.begin:1", "journal.begin:2", "journal.record:1", "journal.record:3"),
        *(f"journal.{when}_commit:{nth}" for when in ("before", "after") for nth in (1, 2, 4, 8)),
    ],
)
def test_a_kill_inside_the_journal(prepared: Prepared, unbroken: Path, tmp_path: Path, point: str) -> None:
    stage = prepared.after("review", tmp_path)
    stage.dies(point)

    stage.ends_well(unbroken)


@pytest.mark.parametrize("point", ["before", "synced", "moved", "after"])
def test_a_kill_while_a_book_is_published(prepared: Prepared, unbroken: Path, tmp_path: Path, point: str) -> None:
    stage = prepared.after("bind", tmp_path)
    stage.dies(f"publish.{point}:1")

    stage.ends_well(unbroken)


@pytest.mark.parametrize("point", ["before", "synced", "intended", "aside", "replaced", "cleared", "moved", "after"])
def test_a_kill_while_a_book_is_replaced(replacing: Stage, unbroken: Path, tmp_path: Path, point: str) -> None:
    stage = replacing.copied_to(tmp_path)
    stage.dies(f"publish.{point}:1")

    assert len(stage.books()) == (0 if point == "aside" else 1)
    stage.ends_well(unbroken)


def test_a_kill_while_a_replacement_is_finished_at_the_next_start(
    replacing: Stage, unbroken: Path, tmp_path: Path
) -> None:
    stage = replacing.copied_to(tmp_path)
    stage.dies("publish.aside:1")
    stage.dies("publish.cleared:1")

    stage.ends_well(unbroken)


def test_kills_while_a_dead_run_is_taken_back(prepared: Prepared, unbroken: Path, tmp_path: Path) -> None:
    stage = prepared.after("sequence", tmp_path)
    for point in ("undo.before:1", "undo.after:1", "undo.before:1"):
        stage.dies(point)

    stage.ends_well(unbroken)


def test_kills_of_one_resumed_run_after_the_other(prepared: Prepared, unbroken: Path, tmp_path: Path) -> None:
    stage = prepared.after("sequence", tmp_path)
    for point in ("done.grid:1", "recorded.write:2", "journal.before_commit:5", "work.design:2", "publish.synced:1"):
        stage.dies(point)

    stage.ends_well(unbroken)
