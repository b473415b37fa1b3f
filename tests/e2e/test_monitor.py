"""The endpoint during a run: it answers how everything is, and changes nothing."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.conftest import ROOT
from tests.e2e.books import lasting
from tests.e2e.running import LIMIT_S, MAIN, environment, make_book

ROLES = ("ingest", "pair", "sequence", "arrange", "grid", "write", "design", "review", "scale", "bind")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Where a run under way answers."""
    process = subprocess.Popen(
        [sys.executable, MAIN, "make", "--monitor=0", "--quiet", "--out", tmp_path / "books", ROOT / "sample"],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line.startswith("health: http://127.0.0.1:"), line
    yield line.removeprefix("health: ").removesuffix("/health\n")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130


def _asked(url: str) -> tuple[int, dict[str, Any], str]:
    try:
        with urlopen(url, timeout=20) as answer:
            return answer.status, json.load(answer), answer.headers["Content-Type"]
    except HTTPError as error:
        with error:
            return error.code, json.load(error), error.headers["Content-Type"]


def test_a_run_answers_that_it_lives_is_ready_and_is_well(url: str) -> None:
    lives, is_ready, health = (_asked(f"{url}/{path}") for path in ("livez", "readyz", "health"))

    assert (lives[0], lives[1]["status"]) == (200, "pass")
    assert (is_ready[0], is_ready[1]["status"]) == (200, "pass")
    assert health[0] == 200
    assert health[2].startswith("application/health+json")
    named = {"journal", "disk", "memory", "storage:folder", "vectors:memory", "language:offline", "vision:offline"}
    assert set(health[1]["checks"]) == {f"agent:{role}" for role in ROLES} | named
    assert health[1]["status"] in ("pass", "warn")


def test_a_run_is_refused_when_its_port_is_taken(source: Path, out: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = make_book(source, "--monitor", str(taken.getsockname()[1]))

    assert ended.code == 2
    assert "the monitor cannot listen" in ended.complaint
    assert "use another port" in ended.complaint
    assert [path.name for path in out.iterdir()] == [".doodlebound"]


def test_a_watched_book_is_the_same_as_one_that_nobody_watched(source: Path) -> None:
    plain, watched = make_book(source, "--out=plain"), make_book(source, "--out=watched", "--monitor=0")

    assert lasting(plain.book) == lasting(watched.book)
