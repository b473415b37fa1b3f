"""Two processes at once: on one run the second is refused, two runs in one folder both come to their end, and one that
was stopped for long loses its run without harm."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from swarm.store.lease import STALE_S
from tests.chaos.prepared import Prepared
from tests.chaos.stage import LIMIT_S, Stage
from tests.e2e.books import assert_matches_manifest, lasting
from tests.e2e.sources import make_source

pytestmark = pytest.mark.timeout(600)

STOPPED_S = 30.0 if os.environ.get("CHAOS") == "long" else STALE_S + 3
CLOCK = """
import itertools, os, time
real, calls, jump = time.time, itertools.count(), float(os.environ["CLOCK_JUMP_S"])
time.time = lambda: real() + (jump if next(calls) % 7 < 4 else -jump)
"""


def test_a_second_process_on_one_run_is_refused_with_the_holder(
    prepared: Prepared, unbroken: Path, tmp_path: Path
) -> None:
    stage = prepared.after("sequence", tmp_path)
    with stage.started("resume", "--json", "--quiet", at="work.write:1:thread:6") as first:
        stage.wait_for(first, "work.write")
        run = stage.newest()

        second = stage.resume(run)
        newest = stage.resume()

        out, _ = first.communicate(timeout=LIMIT_S)
    for refused in (second, newest):
        assert refused.code == 2, refused
        assert f"process {first.pid} on {os.uname().nodename}" in refused.complaint
    assert first.returncode == 0, out
    stage.check_book(stage.books()[0], unbroken)


def test_two_runs_in_one_folder_both_come_to_their_end(stage: Stage, unbroken: Path) -> None:
    other = Stage(stage.checkout, make_source(stage.root / "other", names=["a", "b"], renderings=1), stage.root)
    other.variables = dict(stage.variables)

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda made: made.make("--title", made.source.name), (stage, other))

    assert (one.code, two.code) == (0, 0), (one, two)
    assert len(stage.books()) == 2
    for book in stage.books():
        assert_matches_manifest(book)
    assert list((stage.store / "work").iterdir()) == []
    alone = Stage(stage.checkout, other.source, stage.root / "alone", variables=stage.variables)
    assert lasting(alone.make("--title", "other").book) == lasting(two.book)


def test_a_process_that_was_stopped_for_long_loses_its_run_and_changes_nothing(
    prepared: Prepared, unbroken: Path, tmp_path: Path
) -> None:
    stage = prepared.after("sequence", tmp_path)
    with stage.started("resume", "--json", "--quiet", at="work.design:2:thread:3") as first:
        stage.wait_for(first, "work.design")
        time.sleep(1)  # what waits is written: one stopped inside a commit would hold the file itself
        first.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED_S)

        second = stage.resume()
        assert second.code == 0, second
        stage.check_book(second.book, unbroken)
        rows = stage.rows("SELECT * FROM steps ORDER BY 1, 2, 3, 4, 5")
        first.send_signal(signal.SIGCONT)
        out, err = first.communicate(timeout=LIMIT_S)

    assert first.returncode == 2, (out, err)
    assert "taken over" in err
    assert "Traceback" not in err
    assert stage.rows("SELECT * FROM steps ORDER BY 1, 2, 3, 4, 5") == rows
    assert [state for (state,) in stage.rows("SELECT state FROM runs")] == ["complete"]
    stage.check_book(second.book, unbroken)


def test_a_process_that_stops_as_it_writes_is_named_and_loses_nothing(
    prepared: Prepared, unbroken: Path, tmp_path: Path
) -> None:
    stage = prepared.after("sequence", tmp_path)
    with stage.started("resume", "--json", "--quiet", at="journal.before_commit:4:block:16") as first:
        while sum(p.place == "journal.before_commit" and p.pid == first.pid for p in stage.trace()) < 4:
            assert first.poll() is None
            time.sleep(0.02)

        second = stage.resume()

        out, err = first.communicate(timeout=LIMIT_S)
    assert second.code == 2, second
    assert f"process {first.pid} on {os.uname().nodename}" in second.complaint
    assert first.returncode == 0, (out, err)
    stage.check_book(stage.books()[0], unbroken)


@pytest.mark.parametrize("jump_s", [3600, 86400 * 400])
def test_a_clock_that_jumps_matters_to_nobody(prepared: Prepared, unbroken: Path, tmp_path: Path, jump_s: int) -> None:
    stage = prepared.after("sequence", tmp_path)
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(CLOCK)
    stage.variables |= {"PYTHONPATH": str(tmp_path / "clock"), "CLOCK_JUMP_S": str(jump_s)}
    with stage.started("resume", "--json", "--quiet", at="work.write:1:thread:4") as first:
        stage.wait_for(first, "work.write")

        second = stage.resume()

        out, err = first.communicate(timeout=LIMIT_S)
    assert second.code == 2, second
    assert f"process {first.pid}" in second.complaint
    assert first.returncode == 0, (out, err)
    stage.check_book(stage.books()[0], unbroken)
