"""What is said of a run, at /metrics, in /health and in report.json, is what a witness of its own counted.

The witness is the program's failpoints: each step that is begun, and each result that is written down, leaves a line.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor import WorkflowMonitor
from monitor.alerts import Alerts
from monitor.catalogue import PREFIX
from monitor.chronicle import Chronicle
from monitor.feed import Feed
from monitor.metrics import Metrics
from monitor.progress import Progress
from monitor.services import Services
from monitor.stage import Stage
from monitor.tally import Tally
from tests.e2e.books import lasting
from tests.e2e.running import LIMIT_S, MAIN, Ended, environment, make_book, run_child
from tests.e2e.sources import make_source

TROUBLE = "work.write:1:raise,work.ingest@inputs/sun.png:*:raise"
Samples = Mapping[tuple[str, tuple[str, ...]], float]


class Witness:
    """The file that failpoints write into."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failpoint = f"*:*:tell:{path}"

    def passed(self, kind: str, pid: int | None = None) -> dict[str, int]:
        """How often a place of this kind (`work`, `recorded`) was passed, by role."""
        lines = [line.split("\t") for line in self.path.read_text("utf-8").splitlines()]
        places = [place for number, place, _ in lines if pid in (None, int(number))]
        return dict(Counter(place.removeprefix(f"{kind}.") for place in places if place.startswith(f"{kind}.")))

    @property
    def pids(self) -> list[int]:
        """The processes that wrote, in their order."""
        return list(dict.fromkeys(int(line.split("\t")[0]) for line in self.path.read_text("utf-8").splitlines()))


def asked(url: str) -> tuple[int, str]:
    try:
        with urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def samples(text: str) -> Samples:
    """Every sample by its name without our prefix, and the values of its labels in the order of their names."""
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        (sample.name.removeprefix(PREFIX), tuple(map(sample.labels.__getitem__, sorted(sample.labels)))): sample.value
        for sample in found
    }


@dataclass(frozen=True, slots=True)
class Seen:
    """A run in trouble: what was scraped as its last agent was at work, and what came of it."""

    metrics: Samples
    health: dict[str, Any]
    ready: int
    report: dict[str, Any]
    record: dict[str, Any]
    witness: Witness


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("seen")
    source = make_source(folder / "source", names=["fish", "sun", "tree"])
    witness = Witness(folder / "witness")
    failpoints = f"{witness.failpoint},{TROUBLE},work.bind:1:thread:4"
    command = [
        sys.executable,
        str(MAIN),
        "make",
        "--json",
        "--quiet",
        "--formats",
        "html",
        "--monitor",
        "0",
        str(source),
    ]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(DOODLEBOUND_FAILPOINT=failpoints),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    url = process.stderr.readline().removeprefix("health: ").removesuffix("/health\n")
    until = time.monotonic() + LIMIT_S
    while not (witness.path.exists() and "bind" in witness.passed("work")) and time.monotonic() < until:
        time.sleep(0.05)  # until the last agent has begun, where it is held up
    metrics, health, ready = (asked(f"{url}/{path}") for path in ("metrics", "health", "readyz"))
    out, err = process.communicate(timeout=LIMIT_S)
    ended = Ended(process.returncode, out, err)
    assert ended.code == 3, err
    book = folder / ended.book
    report, record = (json.loads((book / name).read_text("utf-8")) for name in ("report.json", "book.json"))
    return Seen(samples(metrics[1]), json.loads(health[1]), ready[0], report, record, witness)


def by_role(seen: Seen, name: str) -> dict[str, float]:
    return {labels[0]: value for (sample, labels), value in seen.metrics.items() if sample == name}


def test_steps_are_those_that_were_written_down(seen: Seen) -> None:
    recorded = seen.witness.passed("recorded")
    reported = {role: sum(counts.values()) for role, counts in seen.report["steps_total"].items()}
    scraped: Counter[str] = Counter()
    for (name, labels), value in seen.metrics.items():
        if name == "steps_total":
            scraped[labels[1]] += int(value)

    assert reported == recorded
    assert scraped == {role: count for role, count in recorded.items() if role != "bind"}
    assert seen.report["steps_total"]["ingest"] == {"done": 8, "failed": 1}


def test_restarts_retries_and_failures_are_those_that_were_made(seen: Seen) -> None:
    crashes = {"ingest": 3, "write": 1}

    assert seen.report["agent_restarts_total"] == by_role(seen, "agent_restarts_total") == crashes
    assert seen.report["step_retries_total"] == by_role(seen, "step_retries_total") == {"ingest": 2, "write": 1}
    assert seen.report["agent_failures_total"] == {role: {"crash": count} for role, count in crashes.items()}
    begun = seen.witness.passed("work")
    assert by_role(seen, "queue_wait_seconds_count") == {
        role: count - seen.report["step_retries_total"].get(role, 0) for role, count in begun.items()
    }


def test_times_of_steps_are_counted_once_each(seen: Seen) -> None:
    durations = seen.report["step_duration_seconds"]

    assert {role: spread["count"] for role, spread in durations.items()} == seen.witness.passed("recorded")
    for spread in durations.values():
        assert 0 <= spread["p50"] <= spread["p95"] <= spread["max"] <= spread["sum"] + 1e-6
    assert by_role(seen, "step_duration_seconds_count") == {
        role: spread["count"] for role, spread in durations.items() if role != "bind"
    }
    assert durations["bind"]["max"] >= 4


def test_nothing_waits_and_all_agents_are_up(seen: Seen) -> None:
    roles = set(seen.report["stages"])

    assert by_role(seen, "queue_depth") == seen.report["queue_depth"] == dict.fromkeys(roles, 0)
    assert by_role(seen, "agent_up") == seen.report["agent_up"] == dict.fromkeys(roles, 1)
    assert seen.report["journal_commit_seconds"]["count"] >= seen.metrics["journal_commit_seconds_count", ()] > 0
    assert seen.metrics["event_loop_lag_seconds", ()] >= 0


def test_pictures_and_pages_are_those_of_the_book(seen: Seen) -> None:
    book = seen.record
    used = sum(1 + len(page["outputs"]) for page in book["pages"])

    assert seen.report["pages_total"] == {"done": len(book["pages"]), "omitted": 0}
    counted = seen.report["pictures_total"]
    assert counted == {"used": used, "unpaired": len(book["unpaired"]), "omitted": len(book["omitted"])}
    assert sum(counted.values()) == 9


def test_health_says_the_same_of_the_agents(seen: Seen) -> None:
    checks = seen.health["checks"]

    restarts = {name: checks[name][1]["observedValue"] for name in checks if name.startswith("agent:")}
    counted_once = {"agent:ingest": 1, "agent:write": 1}  # a step that crashes its worker again and again
    assert {name: count for name, count in restarts.items() if count} == counted_once
    assert checks["agent:ingest"][1]["output"].endswith("3 times in all.")
    assert {checks[name][0]["observedValue"] for name in restarts} == {"running"}
    assert {name for name in restarts if checks[name][1]["status"] == "warn"} == {"agent:ingest", "agent:write"}
    assert seen.ready == 200
    for each in checks.values():
        for check in each:
            assert {"status", "time", "output", "observedValue"} <= set(check)


def test_after_a_kill_and_a_resume_the_figures_are_those_of_both_processes(source: Path, tmp_path: Path) -> None:
    witness = Witness(tmp_path / "witness")
    killed = environment(DOODLEBOUND_FAILPOINT=f"{witness.failpoint},recorded.design:2:kill")
    make = ("make", "--json", "--quiet", "--formats", "html")
    assert run_child(*make, source, cwd=tmp_path, env=killed).code == -9

    resumed = run_child(
        "resume", "--json", "--quiet", cwd=tmp_path, env=environment(DOODLEBOUND_FAILPOINT=witness.failpoint)
    )

    assert resumed.code == 0, resumed.err
    report = json.loads((tmp_path / resumed.book / "report.json").read_text("utf-8"))
    first, second = (witness.passed("recorded", pid) for pid in witness.pids)
    reused = {role: counts["reused"] for role, counts in report["steps_total"].items() if "reused" in counts}
    totals = report["steps_total"].items()
    done = {role: sum(counts.values()) - counts.get("reused", 0) for role, counts in totals}
    assert {role: count for role, count in done.items() if count} == second
    assert all(reused[role] >= count for role, count in first.items())  # what was committed and not yet told as well
    assert witness.passed("work", witness.pids[1]) == second


_MADE_WITH = {"counter", "gauge", "histogram", "_family", "_begin"}
"""What a monitor is made with before anything runs."""
PARTS = (WorkflowMonitor, Tally, Progress, Stage, Chronicle, Feed, Alerts, Services, Metrics)


@pytest.mark.parametrize("parts", [PARTS[:1], PARTS[1:]], ids=["the monitor", "its parts"])
def test_a_monitor_that_raises_in_every_method_costs_the_book_nothing(
    source: Path, parts: tuple[type, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = make_book(source, "--out=plain")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    for part in parts:
        for name in {name for name, value in vars(part).items() if callable(value)} - _MADE_WITH:
            if not name.startswith("__"):
                monkeypatch.setattr(part, name, broken)
    watched = make_book(source, "--out=watched", "--monitor=0")

    assert watched.code == 0, watched.err
    assert lasting(plain.book) == lasting(watched.book)


def test_a_book_is_the_same_at_every_level_of_the_log_and_in_every_form(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = make_book(source, "--out=plain")
    monkeypatch.setenv("DOODLEBOUND_LOG_FORM", "json")
    loud = make_book(source, "--out=loud", "--debug")

    assert loud.code == 0
    assert lasting(plain.book) == lasting(loud.book)
    steps = [line for line in map(json.loads, (loud.book / "run.log.jsonl").read_text().splitlines()) if "step" in line]
    finished = Counter(line["step"] for line in steps if line["event"] == "step_finished")
    assert finished["ingest/inputs/fish.png"] == 1
