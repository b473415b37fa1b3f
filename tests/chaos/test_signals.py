"""Ctrl-C and SIGTERM, once and twice, while a step hangs, a thread hangs, or the loop is blocked."""

import signal
import time
from pathlib import Path

import pytest

from tests.chaos.prepared import Prepared
from tests.chaos.stage import LIMIT_S, Stage
from tests.e2e.running import Ended

pytestmark = pytest.mark.timeout(600)

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def _signalled(stage: Stage, at: str, *numbers: signal.Signals, command: str = "resume") -> Ended:
    """Run until a step is at work there, and send these signals."""
    before = stage.finished()
    place = at.partition(":")[0]
    words = ("--json", "--quiet") if command == "resume" else ("--formats=html", "--json", "--quiet", str(stage.source))
    with stage.started(command, *words, at=at) as child:
        stage.wait_for(child, place)
        for number in numbers:
            child.send_signal(number)
            time.sleep(0.3)
        out, err = child.communicate(timeout=LIMIT_S)
    ended = Ended(child.returncode, out, err)
    stage.check_after(before, ended)
    return ended


@pytest.mark.parametrize(
    ("command", "at"),
    [("make", "work.ingest:2:hang"), ("resume", "work.write:1:hang"), ("resume", "work.design:2:thread:60")],
)
@pytest.mark.parametrize("number", CODES)
def test_a_signal_ends_the_run_soon_and_the_run_goes_on_afterwards(
    prepared: Prepared, unbroken: Path, tmp_path: Path, number: signal.Signals, command: str, at: str
) -> None:
    stage = prepared.after("sequence" if command == "resume" else "", tmp_path)
    began = time.monotonic()

    ended = _signalled(stage, at, number, command=command)

    assert (ended.code, ended.status["status"]) == (CODES[number], "interrupted")
    assert time.monotonic() - began < 60  # the step would have hung for ever
    assert "interrupted" in ended.complaint
    assert stage.books() == []
    stage.check_tidy()
    assert stage.rows("SELECT state FROM runs") == [("interrupted",)]
    assert stage.rows("SELECT * FROM starts") == []
    stage.ends_well(unbroken)


@pytest.mark.parametrize("number", CODES)
def test_a_second_signal_ends_it_at_once_even_when_the_loop_is_blocked(
    prepared: Prepared, unbroken: Path, tmp_path: Path, number: signal.Signals
) -> None:
    stage = prepared.after("sequence", tmp_path)

    ended = _signalled(stage, "work.write:1:block:120", number, number)

    assert ended.code == CODES[number]
    assert stage.books() == []
    stage.ends_well(unbroken)


def test_a_signal_while_the_book_is_moved_lets_it_come_whole(
    prepared: Prepared, unbroken: Path, tmp_path: Path
) -> None:
    stage = prepared.after("bind", tmp_path)

    ended = _signalled(stage, "publish.synced:1:block:2", signal.SIGTERM)

    assert (ended.code, ended.status["status"]) == (0, "complete")
    stage.check_book(ended.book, unbroken)
