"""`serve`: all runs on one page, those of other processes too; how it ends; who may look."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from monitor.page.hub import Hub
from monitor.page.scenes import Scenes
from tests.conftest import ROOT
from tests.e2e.books import lasting
from tests.e2e.running import LIMIT_S, MAIN, environment, make_book, run_child, run_main
from tests.e2e.sources import make_source
from wiring.library import OutLibrary

TOKEN = "a token for these tests"


@dataclass
class Served:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    url: str

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, err


@contextmanager
def serving(out: Path, *argv: str, **env: str) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, MAIN, "serve", "--port=0", "--out", out, *argv],
        env=environment(**env),
        cwd=out.parent,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.match(r"open (http://\S+) in a browser", line)
        assert found, line + process.stderr.read()
        yield Served(process, found[1])
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=LIMIT_S)


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False, timeout=30)


def stages(page: str) -> dict[str, str]:
    return dict(re.findall(r'id="stage-(\w+)" data-state="([\w ]+)"', page))


def test_a_book_that_another_process_makes_is_seen_live(tmp_path: Path) -> None:
    out, source = tmp_path / "books", make_source(tmp_path / "source")
    with serving(out) as served:
        empty = get(served.url).text
        making = subprocess.Popen(
            [sys.executable, MAIN, "make", "--formats=html", "--quiet", "--out", out, source],
            env=environment(DOODLEBOUND_FAILPOINT="work.review:1:block:1.5"),
        )
        run, seen = "", []
        while making.poll() is None:
            if found := re.search(r'href="/runs/([\w-]+)"', get(served.url).text):
                run = found[1]
                seen.append(stages(get(f"{served.url}/runs/{run}").text))
        page = get(f"{served.url}/runs/{run}").text
        deadline = time.monotonic() + 20
        while set(stages(page).values()) != {"done"} and time.monotonic() < deadline:
            page = get(f"{served.url}/runs/{run}").text
        cover = get(served.url + re.findall(r'src="(/books/[^"]*cover\.jpg)"', page)[0])
        code, _ = served.end()

    assert making.returncode == 0
    assert "There is no book here yet" in empty
    assert any("done" in now.values() and set(now.values()) != {"done"} for now in seen)
    assert set(stages(page).values()) == {"done"}
    assert cover.headers["content-type"] == "image/jpeg"
    assert "inputs/fish.png" not in re.findall(r'src="([^"]*)"', page)
    assert code == 0


def test_a_finished_book_is_one_click_away_and_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "books"
    ended = run_main("make", "--formats=html,pdf", "--json", "--quiet", "--out", out, make_source(tmp_path / "source"))
    (tmp_path / "private.txt").write_text("private")
    with serving(out) as served:
        page = get(served.url).text
        links = dict(re.findall(r'href="(/books/[^"]*)" aria-label="(\w+):', page))
        found = {name: get(served.url + address) for address, name in links.items()}
        base = f"{served.url}/books/{ended.book.name}"
        others = [
            get(f"{base}/{path}").status_code
            for path in (
                "run.log.jsonl",
                "%2e%2e/%2e%2e/private.txt",
                "..%2f..%2fprivate.txt",
                "//etc/passwd",
                "assets",
            )
        ]
        store = get(f"{served.url}/books/.doodlebound/journal.db").status_code

    assert set(found) == {"Read", "PDF", "Report"}
    assert found["Read"].content == (ended.book / "book.html").read_bytes()
    assert found["PDF"].content == (ended.book / "book.pdf").read_bytes()
    assert "sha256-" in found["Read"].headers["content-security-policy"]
    assert others == [404] * 5
    assert store == 404


def test_the_sample_is_made_on_order_with_the_same_bytes_one_at_a_time(tmp_path: Path) -> None:
    out = tmp_path / "books"
    with serving(out, DOODLEBOUND_FORMATS="html") as served:
        ordered = httpx.post(f"{served.url}/runs", trust_env=False, timeout=60)
        again = httpx.post(f"{served.url}/runs", trust_env=False, timeout=60)
        run = ordered.json()["run"]
        deadline = time.monotonic() + LIMIT_S
        while "s-complete" not in get(served.url).text and time.monotonic() < deadline:
            time.sleep(0.2)
        page = get(f"{served.url}/runs/{run}").text
        health = get(f"{served.url}/health").json()
        code, err = served.end(signal.SIGINT)
    made = run_main("make", "--formats=html", "--json", "--quiet", "--out", tmp_path / "plain", ROOT / "sample")
    (book,) = (path.parent for path in out.glob("*/book.html"))

    assert (ordered.status_code, again.status_code) == (202, 409)
    assert "wait for it" in again.json()["reason"]
    assert set(stages(page).values()) == {"done"}
    assert page.count('class="spread"') == 10
    assert health["checks"]["agent:write"][0]["status"] == "pass"
    assert lasting(book) == lasting(made.book)
    assert (code, err) == (0, "")


def test_a_server_that_is_stopped_in_a_book_can_be_resumed(tmp_path: Path) -> None:
    out = tmp_path / "books"
    with serving(out, DOODLEBOUND_FORMATS="html", DOODLEBOUND_DRAIN_S="0") as served:
        run = httpx.post(f"{served.url}/runs", trust_env=False, timeout=60).json()["run"]
        code, _ = served.end()
    told = run_main("show", "--json", "--out", out, run)
    resumed = run_main("resume", "--json", "--quiet", "--out", out)

    assert code == 143
    assert json.loads(told.out)["state"] == "interrupted"
    assert (resumed.code, resumed.status["status"]) == (0, "complete")


def test_an_agent_that_is_down_comes_back(tmp_path: Path) -> None:
    out = tmp_path / "books"
    crashes = ",".join(f"work.pair:{nth}:raise" for nth in range(1, 4))
    with serving(out, DOODLEBOUND_FORMATS="html", DOODLEBOUND_FAILPOINT=crashes) as served:
        httpx.post(f"{served.url}/runs", trust_env=False, timeout=60)
        deadline = time.monotonic() + LIMIT_S
        while "s-failed" not in get(served.url).text and time.monotonic() < deadline:
            time.sleep(0.1)
        agents = get(f"{served.url}/agents").text
        recovered = httpx.post(f"{served.url}/agents/pair/recover", trust_env=False, timeout=30)
        unknown = httpx.post(f"{served.url}/agents/nobody/recover", trust_env=False, timeout=30)

    assert "failpoint work.pair" in agents
    assert recovered.json()["is_back"]
    assert unknown.status_code == 404


def test_other_addresses_need_the_token(tmp_path: Path) -> None:
    refused = run_child("serve", "--host=0.0.0.0", "--port=0", cwd=tmp_path)
    short = run_child("serve", "--host=0.0.0.0", cwd=tmp_path, env=environment(DOODLEBOUND_MONITOR_TOKEN="tiny"))
    with serving(tmp_path / "books", "--host=0.0.0.0", DOODLEBOUND_MONITOR_TOKEN=TOKEN) as served:
        url = served.url.replace("0.0.0.0", "127.0.0.1")
        without, probe = get(f"{url}/health"), get(f"{url}/livez")
        right = get(f"{url}/health", Authorization=f"Bearer {TOKEN}")
        _, err = served.end()

    assert refused.code == short.code == 2
    assert "DOODLEBOUND_MONITOR_TOKEN" in refused.complaint
    assert "too short" in short.complaint
    assert "tiny" not in short.err
    assert (without.status_code, probe.status_code, right.status_code) == (401, 200, 200)
    assert TOKEN not in err
    assert not any(TOKEN in path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("port", ["x", "-1", "65536", "²"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    ended = run_main("serve", f"--port={port}", "--out", tmp_path)

    assert ended.code == 2
    assert "--port" in ended.complaint


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = run_child("serve", "--port", str(taken.getsockname()[1]), cwd=tmp_path)

    assert ended.code == 2
    assert "use another port" in ended.complaint


class Flood:
    """Viewers of all kinds, until they are told to stop: quick, slow, gone, and such as take nothing."""

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._look, args=(number,), daemon=True) for number in range(12)]
        self.looks = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(30)

    def _look(self, number: int) -> None:
        paths = ("/", "/live/runs", "/agents", "/live/agents", "/health", "/nowhere", "/figures", "/live/figures")
        kept: list[socket.socket] = []
        while not self._is_over.is_set():
            with suppress(OSError):
                kept.append(socket.create_connection((self._url.host, self._url.port or 80), timeout=5))
                request = f"GET {paths[number % len(paths)]} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                kept[-1].sendall(request.encode())
                self.looks += 1
                if number % 3 == 0:
                    kept[-1].recv(65_536)
            while len(kept) > (0 if number % 3 == 0 else 12):
                kept.pop(0).close()
            self._is_over.wait(0.02)
        for viewer in kept:
            viewer.close()


def test_a_book_is_the_same_when_viewers_flood_its_run(tmp_path: Path) -> None:
    source = make_source(tmp_path / "source")
    process = subprocess.Popen(
        [
            sys.executable,
            MAIN,
            "make",
            "--monitor=0",
            "--formats=html",
            "--quiet",
            "--out",
            tmp_path / "flooded",
            source,
        ],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    url = process.stderr.readline().removeprefix("health: ").removesuffix("/health\n")
    with Flood(url) as flood:
        _, err = process.communicate(timeout=LIMIT_S)
    plain = make_book(source, "--out", tmp_path / "plain")
    (flooded,) = (path.parent for path in (tmp_path / "flooded").glob("*/book.html"))

    assert (process.returncode, err) == (0, "")
    assert flood.looks > 12
    assert lasting(flooded) == lasting(plain.book)


def test_a_book_is_the_same_when_everything_of_the_page_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("broken")

    source = make_source(tmp_path / "source")
    plain = make_book(source, "--out", tmp_path / "plain")
    kept = ("__init__", "close", "in_thread")
    for kind in (OutLibrary, Scenes):
        for name, method in vars(kind).items():
            if callable(method) and name not in kept:
                monkeypatch.setattr(kind, name, broken)
    monkeypatch.setattr(Hub, "scene", broken)
    watched = make_book(source, "--out", tmp_path / "watched", "--monitor=0")

    assert lasting(plain.book) == lasting(watched.book)
