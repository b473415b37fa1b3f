"""Agents that crash, hang, block and eat memory, pictures that kill or vanish: what is healed and what is set aside."""

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.prepared import Prepared
from tests.chaos.stage import LIMIT_S, Stage
from tests.e2e.books import assert_matches_manifest, places, record
from tests.e2e.running import Ended

pytestmark = pytest.mark.timeout(900)

ILL = "inputs/house.png"


def _report(ended: Ended) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((ended.book / "report.json").read_text("utf-8"))
    return said


@pytest.mark.parametrize(
    ("at", "role"),
    [
        ("work.write:1:raise", "write"),
        ("work.grid:3:raise", "grid"),
        ("work.bind:1:raise", "bind"),
        ("work.shaky:1:hang", "shaky"),
        ("work.shaky:1:thread:60", "shaky"),
        ("work.shaky:*:thread:60", ""),
        ("work.shaky:2:block:4", ""),
    ],
)
def test_an_agent_that_fails_is_healed_and_the_book_is_the_same(
    prepared: Prepared, unbroken: Path, tmp_path: Path, at: str, role: str
) -> None:
    stage = prepared.after("sequence", tmp_path)
    before = stage.finished()

    ended = stage.resume(at=at)

    assert (ended.code, ended.status["status"]) == (0, "complete"), ended
    stage.check_after(before, ended)
    if role:
        stage.check_book(ended.book, unbroken)
        assert _report(ended)["agent_restarts_total"] == {role: 1}
    else:
        assert_matches_manifest(ended.book)
        assert len(record(ended.book)["pages"]) == 3


def test_an_agent_that_crashes_at_every_call_costs_its_steps_and_a_person_can_have_them_again(
    prepared: Prepared, unbroken: Path, tmp_path: Path
) -> None:
    stage = prepared.after("sequence", tmp_path)

    ended = stage.resume(at="work.grid:*:raise")

    assert (ended.code, ended.status["status"]) == (1, "failed"), ended
    assert "failpoint work.grid" in ended.complaint
    assert stage.books() == []
    assert list((stage.store / "work").iterdir()) == []
    stage.check_after(set(), ended)
    shown = stage.run("show", stage.newest())
    assert "crashed its worker: RuntimeError: failpoint work.grid" in shown.out
    assert "--retry-failed" in shown.out
    before = stage.finished()
    again = stage.resume("--retry-failed")
    assert again.code == 0, again
    stage.check_after(before, again)
    stage.check_book(again.book, unbroken)


def test_a_page_that_crashes_its_agent_is_left_out_until_it_is_retried(
    prepared: Prepared, unbroken: Path, tmp_path: Path
) -> None:
    stage = prepared.after("sequence", tmp_path)

    ended = stage.resume(at=f"work.design@{ILL}:*:raise")

    assert (ended.code, ended.status["status"]) == (3, "partial"), ended
    assert_matches_manifest(ended.book)
    said = {omission["path"]: omission for omission in record(ended.book)["omitted"]}
    assert set(said) == {ILL, ILL.replace("inputs", "outputs").replace(".png", "-1.png")}
    assert "crashed" in said[ILL]["detail"]
    assert stage.resume().code == 3  # what was set aside stands
    again = stage.resume("--retry-failed")
    assert again.code == 0, again
    assert again.book == ended.book
    stage.check_book(again.book, unbroken)


def test_a_page_fewer_than_wanted_is_no_book(prepared: Prepared, tmp_path: Path) -> None:
    stage = prepared.after("", tmp_path)
    stage.variables["DOODLEBOUND_MIN_PAGES"] = "3"

    ended = stage.make(at=f"work.design@{ILL}:*:raise")

    assert (ended.code, ended.status["status"]) == (1, "failed"), ended
    assert "only 2 of 3 pages" in ended.complaint
    assert stage.books() == []


def test_memory_that_runs_out_is_a_setback_and_not_the_end(
    prepared: Prepared, unbroken: Path, tmp_path: Path, program: Any
) -> None:
    stage = prepared.after("sequence", tmp_path)
    stage.before = (program("prlimit"), f"--as={6 << 30}")

    ended = stage.resume(at="work.design:1:memory:16384")

    assert ended.code == 0, ended
    stage.check_book(ended.book, unbroken)
    assert _report(ended)["agent_restarts_total"] == {"design": 1}


def test_a_picture_that_kills_the_process_is_set_aside_after_three_deaths_and_no_other_is(
    stage: Stage, unbroken: Path
) -> None:
    deadly = f"work.ingest@{ILL}:*:kill"
    for command in ("make", "resume", "resume"):
        ended = (stage.make if command == "make" else stage.resume)(at=deadly)
        assert ended.code == -signal.SIGKILL, ended
        stage.kills += 1
        assert stage.books() == []

    ended = stage.resume(at=deadly)

    assert (ended.code, ended.status["status"]) == (3, "partial"), ended
    assert_matches_manifest(ended.book)
    found = places(ended.book)
    assert {path for path, place in found.items() if place not in ("page", "unpaired")} == {ILL}
    assert len(record(ended.book)["pages"]) == 2
    (omission,) = record(ended.book)["omitted"]
    assert "died 3 times" in omission["detail"]
    shown = stage.run("show", stage.newest()).out
    assert shown.count(f"ingest {ILL} was in hand when the program died") == 3
    assert f"ingest {ILL} failed: set aside" in shown
    assert stage.resume(at=deadly).code == 3  # still set aside: it is not tried again
    again = stage.resume("--retry-failed")
    assert (again.code, again.status["status"]) == (0, "complete"), again
    assert again.book == ended.book
    stage.check_book(again.book, unbroken)


@pytest.mark.parametrize("how", ["vanished", "changed"])
def test_a_picture_that_is_lost_during_the_run_is_left_out_and_comes_back_on_resume(
    stage: Stage, unbroken: Path, how: str
) -> None:
    stage.source = Path(shutil.copytree(stage.source, stage.root / "pictures"))
    lost = stage.source / ILL
    data = lost.read_bytes()
    words = ("--formats=html", "--json", "--quiet", str(stage.source))
    with stage.started("make", *words, at=f"work.ingest@{ILL}:1:thread:3") as child:
        stage.wait_for(child, "work.ingest", ILL)
        lost.unlink() if how == "vanished" else lost.write_bytes(data[:-40] + bytes(40))
        out, err = child.communicate(timeout=LIMIT_S)
    ended = Ended(child.returncode, out, err)

    assert (ended.code, ended.status["status"]) == (3, "partial"), ended
    assert_matches_manifest(ended.book)
    (omission,) = record(ended.book)["omitted"]
    assert (omission["path"], omission["reason"]) == (ILL, "unreadable")
    assert omission["detail"]
    lost.write_bytes(data)
    stage.ends_well(unbroken, is_changed=True)
    assert stage.books() == [ended.book]
