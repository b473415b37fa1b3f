"""The log of a run in which things went wrong: every line can be read, every step's story followed, nothing leaks."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import Ended, environment, make_book, run_child, run_main
from tests.e2e.sources import make_source
from wiring.logs import LogView

SECRET = "correct-horse-battery"
HOSTILE = 'evil\n{"level":"INFO","event":"run_finished"}\x1b[31m\u202e {0.x} <red> sk-abcdefghijklmnopqrst.png'


@dataclass(frozen=True, slots=True)
class Marred:
    """A run in which the worker of `write` crashed once and one picture took its worker down three times."""

    ended: Ended
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / self.ended.book / "run.log.jsonl"

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log; fails when one is none."""
        found = [json.loads(line) for line in self.log.read_text("ascii").splitlines()]
        assert all(isinstance(line, dict) for line in found)
        return found

    def story(self, step: str) -> list[tuple[str, int]]:
        """What the log tells of one step: event and attempt, or the incarnation of its worker."""
        lines = [line for line in self.lines if line.get("step") == step]
        return [(line["event"], line.get("incarnation") or line["attempt"]) for line in lines]


@pytest.fixture(scope="module")
def marred(tmp_path_factory: pytest.TempPathFactory) -> Marred:
    folder = tmp_path_factory.mktemp("marred")
    source = make_source(folder / "source", names=["fish", "sun", "tree"])
    (source / "outputs" / HOSTILE).write_bytes(b"no picture, says " + SECRET.encode())
    failpoints = "work.write:1:raise,work.ingest@inputs/sun.png:*:raise"
    ended = run_child(
        *("make", "--json", "--formats", "html", "--title", SECRET, source),
        cwd=folder,
        env=environment(DOODLEBOUND_FAILPOINT=failpoints, OPENAI_API_KEY=SECRET),
    )
    assert ended.code == 3, ended.err
    return Marred(ended, folder)


def test_every_line_is_one_object_of_ascii_with_its_time_level_event_run_and_operation(marred: Marred) -> None:
    run = marred.ended.status["run"]

    assert len(marred.lines) > 20
    for line in marred.lines:
        assert {"time", "level", "event", "run", "operation"} <= set(line)
        assert (line["run"], line["operation"]) == (run, "make")
        assert line["event"].replace("_", "").isalpha()
    assert [line["event"] for line in marred.lines if line["event"].startswith("run_")] == [
        "run_started",
        "run_finished",
    ]


def test_the_beginning_says_what_the_pictures_come_from(marred: Marred) -> None:
    first = marred.lines[0]

    assert first["event"] == "ingestion_started"
    assert (first["source"], first["input_prefix"], first["pictures"]) == (str(marred.folder / "source"), "inputs/", 10)


def test_the_story_of_each_step_in_trouble_can_be_followed_by_its_ids(marred: Marred) -> None:
    crashes = [line for line in marred.lines if line["event"] == "agent_failed"]
    sun = [line for line in crashes if line["step"] == "ingest/inputs/sun.png"]
    write = [line for line in crashes if line["role"] == "write"]
    back = {line["agent"]: line for line in marred.lines if line["event"] == "agent_restarted"}

    assert (len(sun), len(write), len(crashes)) == (3, 1, 4)
    assert len({line["incarnation"] for line in sun}) == 3
    for line in crashes:
        assert (line["error_type"], line["kind"]) == ("RuntimeError", "crash")
        assert line["error"].startswith("RuntimeError: failpoint work.")
        assert line["agent"] == f"{line['role']}-{line['incarnation']}"
    assert write[0]["page"]
    assert len(back) == 4
    (end,) = (line for line in marred.lines if line["event"] == "step_failed" and line["role"] == "ingest")
    assert (end["step"], end["picture"]) == ("ingest/inputs/sun.png", "inputs/sun.png")
    assert (end["attempt"], end["retries"], end["error_type"], end["retryable"]) == (3, 2, "set-aside", False)
    assert end["error"].startswith("set aside after it crashed its worker 3 times")


def test_a_step_has_at_most_one_line_an_attempt_and_a_healthy_one_has_none(marred: Marred) -> None:
    of_steps = [line for line in marred.lines if "step" in line]
    each = Counter((line["step"], line.get("incarnation")) for line in of_steps)
    healthy = {"arrange", "grid", "design", "review", "scale", "bind", "pair", "sequence"}

    assert max(each.values()) == 1
    assert not healthy & {line["role"] for line in of_steps}
    assert {line["event"] for line in of_steps if line["role"] == "write"} == {"agent_failed"}


def test_hostile_names_and_secrets_do_no_harm(marred: Marred) -> None:
    (line,) = (line for line in marred.lines if line["event"] == "picture_left_out")

    assert line["picture"].startswith('outputs/evil\n{"level"')
    for text in (marred.log.read_text("ascii"), marred.ended.err):
        assert "sk-abcdef" not in text
        assert SECRET not in text
        assert "\x1b" not in text
    assert "[redacted]" in line["picture"]


def test_stderr_that_is_no_terminal_gets_the_same_lines_as_json(marred: Marred) -> None:
    told = [json.loads(line) for line in marred.ended.err.splitlines() if line.startswith("{")]

    warnings = [line for line in marred.lines if line["level"] in ("WARNING", "ERROR")]
    assert told == warnings


def test_logs_shows_the_log_of_a_run_by_role_and_level(marred: Marred) -> None:
    run, out = marred.ended.status["run"], marred.folder / "books"

    whole = run_main("logs", run, "--out", out)
    loud = run_main("logs", run, "--out", out, "--level", "warning")
    write = run_main("logs", run, "--out", out, "--role", "write", "--json")

    assert len(whole.out.splitlines()) == len(marred.lines) + 1  # the last one is about the book in its place
    assert "info book_published  book=" in whole.out.splitlines()[-1]
    assert all(line[9:].startswith(("warning ", "error ")) for line in loud.out.splitlines())
    assert {json.loads(line)["role"] for line in write.out.splitlines()} == {"write"}
    assert "\x1b" not in whole.out


def test_following_a_run_that_is_over_ends_by_itself(marred: Marred) -> None:
    run, out = marred.ended.status["run"], marred.folder / "books"

    followed = run_main("logs", run, "--out", out, "--follow")

    assert followed.out == run_main("logs", run, "--out", out).out


def test_a_level_that_is_none_is_refused(marred: Marred) -> None:
    ended = run_main("logs", marred.ended.status["run"], "--out", marred.folder / "books", "--level", "loud")

    assert (ended.code, ended.complaint) == (2, "--level is one of debug, info, warning, error, not 'loud'")


def test_the_log_of_a_failed_run_stays_and_resume_writes_on(source: Path, tmp_path: Path) -> None:
    broken = environment(DOODLEBOUND_FAILPOINT="publish.before:1:errno:EIO")
    failed = run_child("make", "--json", "--formats", "html", "--quiet", source, cwd=tmp_path, env=broken)
    assert failed.code == 1, failed.err
    run = failed.status["run"]
    first = run_main("logs", run, "--json").out.splitlines()

    resumed = run_main("resume", "--json", "--quiet")

    assert resumed.code == 0
    second = run_main("logs", run, "--json").out.splitlines()
    assert [json.loads(line)["operation"] for line in first] == ["make"] * len(first)
    assert second[: len(first)] == first
    assert {json.loads(line)["operation"] for line in second[len(first) :]} == {"resume"}
    assert (resumed.book / "run.log.jsonl").read_text().splitlines() == second[:-1]


def test_the_log_goes_with_its_run_and_the_book_keeps_its_own(source: Path, out: Path) -> None:
    made = make_book(source)
    run = made.status["run"]
    log = out / ".doodlebound" / "logs" / f"{run}.jsonl"
    assert log.exists()

    assert "forgot 1 runs" in run_main("prune", "--keep-days", "0").out

    assert not log.exists()
    assert (made.book / "run.log.jsonl").exists()


def test_a_run_whose_log_is_gone_shows_that_of_its_book_or_says_so(source: Path, out: Path) -> None:
    made = make_book(source)
    run = made.status["run"]
    (out / ".doodlebound" / "logs" / f"{run}.jsonl").unlink()

    assert "run_finished" in run_main("logs", run).out
    (made.book / "run.log.jsonl").unlink()
    assert f"run {run} has no log" in run_main("logs", run).complaint


def test_a_book_is_made_without_its_log_when_that_cannot_be_written(source: Path, out: Path) -> None:
    first = make_book(source)
    logs = out / ".doodlebound" / "logs"
    for path in logs.iterdir():
        path.unlink()
    logs.rmdir()
    logs.write_text("in the way")

    again = make_book(source, "--fresh")

    assert again.code == 0
    assert (again.book / "manifest.json").read_bytes() == (first.book / "manifest.json").read_bytes()


@pytest.mark.parametrize("text", [b"", b"torn {", b"[1]", b"\xff"])
def test_what_is_no_line_of_ours_is_passed_over(text: bytes) -> None:
    assert LogView().shown(text) is None


def test_a_line_is_shown_to_people_in_one_line_whatever_it_holds() -> None:
    hostile = json.dumps({"time": "x", "level": "WARNING\n", "event": "a\nb", "f\ng": "h\ni \u202e"}).encode()

    shown = LogView().shown(hostile)

    assert shown is not None
    assert shown.isprintable()
