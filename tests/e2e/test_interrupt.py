"""Ctrl-C and SIGTERM during a run: it ends soon and in good order, and leaves no half book behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from agents.services.publishing import OutFolder
from tests.conftest import ROOT
from tests.e2e.books import assert_matches_manifest
from tests.e2e.running import LIMIT_S, MAIN, environment, make_book


@contextmanager
def _run_at_work(out: Path, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """A run that has taken in its first pictures, in a process group of its own."""
    process = subprocess.Popen(
        [sys.executable, MAIN, "make", "--formats=html", "--out", out, *argv, ROOT / "sample"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        give_up_at = time.monotonic() + LIMIT_S
        while not list(out.glob(".doodlebound/blobs/*/*")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < give_up_at
            time.sleep(0.02)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _is_group_gone(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_in_good_order(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with _run_at_work(tmp_path / "books", "--json") as process:
        process.send_signal(number)
        began = time.monotonic()
        out, err = process.communicate(timeout=LIMIT_S)

        assert process.returncode == code
        assert time.monotonic() - began < 10
        assert _is_group_gone(process.pid)
    status = json.loads(out.splitlines()[-1])
    assert (status["status"], status["book"]) == ("interrupted", None)
    assert status["run"]
    assert "Traceback" not in err
    assert [line for line in err.splitlines() if line.startswith("doodlebound: interrupted")]
    assert [path.name for path in (tmp_path / "books").iterdir()] == [".doodlebound"]


def test_a_second_signal_ends_the_process_at_once(tmp_path: Path) -> None:
    with _run_at_work(tmp_path / "books") as process:
        process.send_signal(signal.SIGSTOP)  # both wait for it when it goes on
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        _, err = process.communicate(timeout=LIMIT_S)

        assert process.returncode in (130, 143)
        assert _is_group_gone(process.pid)
    assert "Traceback" not in err
    assert [path.name for path in (tmp_path / "books").iterdir()] == [".doodlebound"]


def test_a_new_run_is_not_troubled_by_what_a_killed_one_left(tmp_path: Path, source: Path) -> None:
    with _run_at_work(tmp_path / "books") as process:
        process.kill()
        process.communicate(timeout=LIMIT_S)

    ended = make_book(source)

    assert ended.status["status"] == "complete"
    assert_matches_manifest(ended.book)


def test_a_move_that_has_begun_is_not_broken_off(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = OutFolder.publish

    def interrupted(self: OutFolder, *arguments: Any) -> Path:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)
        return publish(self, *arguments)

    monkeypatch.setattr(OutFolder, "publish", interrupted)

    ended = make_book(source)

    assert (ended.code, ended.status["status"]) == (0, "complete")
    assert_matches_manifest(ended.book)


def test_a_second_signal_ends_the_process_even_when_something_blocks_the_loop(tmp_path: Path) -> None:
    blocked = (
        "import asyncio, signal, sys, types, wiring.work\n"
        "async def run():\n"
        "    with wiring.work.handled_signals(types.SimpleNamespace(stopped_by=None)):\n"
        "        print('blocked', flush=True)\n"
        "        while True: pass\n"
        "asyncio.run(run())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", blocked], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout, suppress(ProcessLookupError):
        assert process.stdout.readline() == "blocked\n"
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(timeout=LIMIT_S)
        finally:
            process.kill()

    assert code == 143
