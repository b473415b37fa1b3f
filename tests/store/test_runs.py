"""Runs and their leases: who holds one, who may take it, and what is known of it afterwards."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from swarm.errors import RunHeld, RunUnknown
from swarm.store.lease import STALE_S, Beat, Holder, age_s, beat_now, this_process
from tests.store.stores import Store, kill_holders, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def silence(store: Store, seconds: float) -> None:
    """As if nothing had been heard of the holders for so long."""
    store.writer.call(
        lambda connection: connection.execute(
            "UPDATE runs SET beat = json_set(CAST(beat AS TEXT), '$.boot', '', '$.wall_s', ?)", (store.now_s - seconds,)
        )
    )


def test_run_is_listed_with_what_it_was_asked_and_how_it_ended(path: Path) -> None:
    with opened(path) as store:
        store.begin("one")
        store.runs.end(store.writer, "one", "partial", place="tale", summary=b"{}")

        (row,) = store.runs.all(store.writer)

    assert (row.id, row.state, row.place, row.request) == ("one", "partial", "tale", b"{}")
    assert row.began == row.ended == 1_000_000.0


def test_second_process_is_refused_with_the_holders_name_and_age(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        one.begin()
        silence(one, 7)

        with pytest.raises(RunHeld, match=rf"process {os.getpid()} on .+, heard of 7 s ago"):
            other.runs.take(other.writer, "run")


def test_process_that_keeps_the_file_locked_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swarm.store.schema._BUSY_S", 0.05)
    with opened(path) as one, opened(path) as other:
        one.begin()
        silence(one, 7)
        stopped = sqlite3.connect(path, isolation_level=None)
        stopped.execute("BEGIN IMMEDIATE")

        with pytest.raises(RunHeld, match=rf"process {os.getpid()} on .+ \(heard of 7 s ago\) keeps the journal"):
            other.runs.take(other.writer, "run")
        stopped.close()


def test_run_is_taken_over_at_once_when_its_process_is_gone(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        one.begin()
        kill_holders(one)

        assert other.runs.take(other.writer, "run").id == "run"


@pytest.mark.parametrize(("seconds", "is_taken"), [(STALE_S - 1, False), (STALE_S + 1, True)])
def test_run_of_a_living_process_is_taken_over_when_it_was_silent_for_long(
    path: Path, seconds: float, is_taken: bool
) -> None:
    with opened(path) as one, opened(path) as other:
        one.begin()
        silence(one, seconds)
        if is_taken:
            assert other.runs.take(other.writer, "run").id == "run"
        else:
            with pytest.raises(RunHeld):
                other.runs.take(other.writer, "run")


def test_process_that_lost_its_run_finds_out(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        one.begin()
        one.runs.check(one.writer, "run")
        silence(one, 60)
        other.runs.take(other.writer, "run")

        with pytest.raises(RunHeld, match="was taken over by process"):
            one.runs.check(one.writer, "run")
        one.runs.end(one.writer, "run", "complete")

        assert other.runs.one(other.writer, "run").state == "running"


def test_holder_is_heard_of_while_it_holds_the_run(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        silence(store, 60)
        store.writer.call(store.runs.beat)

        assert store.runs.one(store.writer, "run").silence_s < 1


def test_run_whose_process_is_gone_is_interrupted_and_buried_once(path: Path) -> None:
    with opened(path) as dead:
        dead.begin()
        kill_holders(dead)
    with opened(path) as store:
        shown = store.runs.one(store.writer, "run")
        buried = [store.runs.bury_dead(store.writer) for _ in range(2)]
        after = store.runs.one(store.writer, "run")

    assert shown.state == after.state == "interrupted"
    assert buried == [["run"], []]
    assert "ended with the run in hand" in after.reason


def test_newest_run_that_can_be_resumed_is_found(path: Path) -> None:
    with opened(path) as store:
        for nth, (run, state) in enumerate([("a", "failed"), ("b", "partial"), ("c", "complete")]):
            store.now_s = 100.0 + nth
            store.begin(run)
            store.runs.end(store.writer, run, state)

        assert store.runs.newest_to_resume(store.writer).id == "b"


def test_nothing_to_resume_is_said_so(path: Path) -> None:
    with opened(path) as store:
        with pytest.raises(RunUnknown, match="no run to resume"):
            store.runs.newest_to_resume(store.writer)
        store.begin()
        with pytest.raises(RunHeld):
            store.runs.newest_to_resume(store.writer)


def test_run_is_named_by_the_beginning_of_its_id_when_no_other_begins_so(path: Path) -> None:
    with opened(path) as store:
        for run in ("2026-a", "2026-b"):
            store.begin(run)

        assert store.runs.one(store.writer, "2026-b").id == "2026-b"
        for wrong, said in (("2026", "may be any of 2 runs"), ("x", "is no run of this folder"), ("", "is no run")):
            with pytest.raises(RunUnknown, match=said):
                store.runs.one(store.writer, wrong)
        with pytest.raises(RunUnknown):
            store.runs.take(store.writer, "x")


def test_process_is_gone_when_it_has_ended_and_not_before() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    me = this_process()
    holder = Holder(child.pid, me.host, me.boot, _started(child.pid))
    while_alive = holder.is_gone
    assert child.stdin
    child.stdin.close()
    child.wait()

    assert (while_alive, holder.is_gone, me.is_gone) == (False, True, False)


def _started(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def test_process_is_another_when_its_number_is_used_again_or_the_host_was_booted() -> None:
    me = this_process()

    assert Holder(me.pid, me.host, me.boot, "12").is_gone
    assert Holder(me.pid, me.host, "another boot", me.started).is_gone
    assert not Holder(me.pid, "elsewhere", me.boot, "12").is_gone


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0])
def test_age_does_not_depend_on_a_clock_that_was_set(jump_s: float) -> None:
    before, after = Beat(1000.0, 50.0, "boot"), Beat(1000.0 + jump_s, 52.0, "boot")

    assert age_s(before, after) == 2.0
    assert age_s(Beat(1000.0, 50.0, "boot"), Beat(1003.0, 1.0, "another")) == 3.0
    assert age_s(beat_now(), beat_now()) < 1
