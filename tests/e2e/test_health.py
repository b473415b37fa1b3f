"""`health` asks a running swarm, tells it to people, and ends with what it was told."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.e2e.running import LIMIT_S, MAIN, environment, run_main

TOKEN = "correct-horse-battery"


@contextmanager
def answering(code: int, body: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server with one answer to everything, and the tokens that it was shown."""
    shown: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers.get("Authorization", ""))
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its name there)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", shown
        finally:
            server.shutdown()
            thread.join()


def a_health(status: str, output: str = "as it is") -> bytes:
    disk = {"status": status, "observedValue": 7, "observedUnit": "MiB", "output": output}
    agent = [{"status": "pass", "output": "running"}, {"status": "pass", "output": "no restarts"}]
    checks = {"agent:write": agent, "disk": [disk]}
    return json.dumps({"status": status, "version": "0.1.0", "uptime": 12.3, "checks": checks}).encode()


@pytest.mark.parametrize(("status", "http", "code"), [("pass", 200, 0), ("warn", 200, 1), ("fail", 503, 2)])
def test_it_ends_with_what_it_was_told_and_names_the_worst_first(status: str, http: int, code: int) -> None:
    with answering(http, a_health(status)) as (url, _):
        ended = run_main("health", "--url", url)
        as_json = run_main("health", "--url", f"{url}/health", "--json")

    assert (ended.code, as_json.code) == (code, code)
    lines = ended.out.splitlines()
    assert lines[0] == f"{status}: version 0.1.0, up for 12 s"
    assert lines[1].split() == ["part", "status", "observed", "what", "it", "says"]
    assert lines[-1 if status == "pass" else 2].split()[:4] == ["disk", status, "7", "MiB"]
    assert len(lines) == 4  # of what is well only the first check of each part
    assert json.loads(as_json.out)["status"] == status


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"status": "great", "checks": {}}', b'{"status": "pass", "checks": {"a": 1}}']
)
def test_what_is_no_monitor_is_one_sentence(body: bytes) -> None:
    with answering(200, body) as (url, _):
        ended = run_main("health", "--url", url)

    assert ended.code == 2
    assert "is no monitor of Doodlebound" in ended.complaint


@pytest.mark.parametrize("url", ["ftp://x", "file:///etc/passwd", "127.0.0.1:8077", "http://", "http://[", ""])
def test_what_is_no_address_is_one_sentence(url: str) -> None:
    ended = run_main("health", f"--url={url}")

    assert ended.code == 2
    assert "is no address of a monitor" in ended.complaint


def test_nobody_there_is_one_sentence() -> None:
    ended = run_main("health", "--url", "http://127.0.0.1:9")

    assert ended.code == 2
    assert "no monitor answers at http://127.0.0.1:9" in ended.complaint


def test_the_token_is_shown_and_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOODLEBOUND_MONITOR_TOKEN", TOKEN)
    with answering(401, b"{}") as (url, shown):
        ended = run_main("health", "--url", url)

    assert shown == [f"Bearer {TOKEN}"]
    assert "wants its token" in ended.complaint
    assert TOKEN not in ended.err


def test_hostile_words_of_a_monitor_do_no_harm() -> None:
    with answering(200, a_health("warn", "\x1b[2J\nfail: \u202e")) as (url, _):
        ended = run_main("health", "--url", url)

    assert ended.code == 1
    assert all(line.isprintable() for line in ended.out.splitlines())
    assert len(ended.out.splitlines()) == 4


def test_a_server_at_rest_is_well(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, MAIN, "serve", "--port", "0", "--out", tmp_path / "books"],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        url = process.stderr.readline().split()[1]
        ended = run_main("health", "--url", url)
    finally:
        process.terminate()
        process.communicate(timeout=LIMIT_S)

    assert ended.code in (0, 1), ended.out  # a machine that is short of memory is warned of
    assert {"agent:write", "journal", "disk", "storage:folder"} <= {line.split()[0] for line in ended.out.splitlines()}
