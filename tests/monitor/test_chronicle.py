"""What stands in the log of a run, and what does not."""

import ast
import re
from typing import TYPE_CHECKING

import pytest

from monitor import names
from monitor.chronicle import Chronicle
from monitor.workflow import WorkflowMonitor
from swarm.agent import StepId
from swarm.events import (
    AgentFailed,
    AgentRestarted,
    AgentWentDown,
    CallEnded,
    CallRetried,
    CircuitChanged,
    LoopBlocked,
    LoopTurned,
    RunEnded,
    RunStarted,
    StepEnded,
    StepRetried,
    StepSent,
    StepsOpened,
)
from tests.conftest import ROOT
from tests.monitor.conftest import Clock, Told

if TYPE_CHECKING:
    from loguru import Record

READ_A = StepId("read", "a")


def said(records: "list[Record]") -> list[tuple[str, str]]:
    return [(record["level"].name, record["message"]) for record in records]


def test_a_healthy_run_writes_lines_for_itself_and_its_stages_and_none_for_its_steps(
    told: Told, records: list["Record"]
) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.monitor.observe(StepsOpened("r1", "read", 2))
    told.step("read", "a")
    told.step("read", "b", "reused")
    told.monitor.observe(StepRetried("r1", READ_A, "crash"))
    told.monitor.observe(LoopTurned(0.1))
    told.monitor.observe(CallEnded("openai", "ok", 0.1))
    told.monitor.observe(RunEnded("r1", "complete", 2.0))

    assert said(records) == [
        ("INFO", names.RUN_STARTED),
        ("INFO", names.STAGE_STARTED),
        ("INFO", names.STAGE_FINISHED),
        ("INFO", names.RUN_FINISHED),
    ]
    stage, run = records[2]["extra"], records[3]["extra"]
    assert (stage["role"], stage["steps"], stage["done"], stage["reused"], stage["failed"]) == ("read", 2, 0, 1, 0)
    assert run == {"run": "r1", "state": "complete", "duration_s": 2.0}


def test_steps_and_calls_write_a_debug_line_each_when_wished(clock: Clock, records: list["Record"]) -> None:
    told = Told(WorkflowMonitor(clock=clock, logs_steps=True, item_names={"read": "picture"}), clock)
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.step("read", "a")
    told.monitor.observe(StepRetried("r1", READ_A, "crash"))
    told.monitor.observe(CallEnded("openai", "ok", 0.5, "write", "gpt-x", (("input", 30),), 0.25))
    told.monitor.observe(CallRetried("openai", "timeout"))

    assert said(records[1:]) == [
        ("DEBUG", names.STEP_FINISHED),
        ("DEBUG", names.STEP_RETRIED),
        ("DEBUG", names.CALL_FINISHED),
        ("DEBUG", names.CALL_RETRIED),
    ]
    assert records[1]["extra"] == {
        "run": "r1",
        "step": "read/a",
        "role": "read",
        "picture": "a",
        "round": 0,
        "attempt": 1,
        "retries": 0,
        "duration_s": 2.0,
        "outcome": "done",
    }
    assert records[3]["extra"]["tokens"] == {"input": 30}


def test_a_failed_step_says_all_that_is_known_of_it(clock: Clock, records: list["Record"]) -> None:
    monitor = WorkflowMonitor(clock=clock, item_names={"write": "page"})
    monitor.observe(RunStarted("r1", ("write",)))
    monitor.observe(StepSent("r1", StepId("write", "p1"), 3, 1))
    monitor.observe(StepEnded("r1", StepId("write", "p1"), "failed", 2.0, 1, "no answer", "unavailable", True))

    assert said(records[1:]) == [("WARNING", names.STEP_FAILED)]
    assert records[1]["extra"] == {
        "run": "r1",
        "step": "write/p1",
        "role": "write",
        "page": "p1",
        "round": 1,
        "attempt": 3,
        "retries": 2,
        "duration_s": 2.0,
        "error_type": "unavailable",
        "error": "no answer",
        "retryable": True,
    }


def test_trouble_of_agents_names_the_worker_and_what_it_died_of(told: Told, records: list["Record"]) -> None:
    told.monitor.observe(AgentFailed("read", "step", "no", "r1", "a"))  # its step's end has a line of its own
    told.monitor.observe(AgentFailed("read", "crash", "ValueError: odd: very", "r1", "a", 2))
    told.monitor.observe(AgentFailed("read", "hang", "too long", "r1", "a", 3))
    told.monitor.observe(AgentRestarted("read", 4, "too long", True, 0.12345))
    told.monitor.observe(AgentWentDown("read", "too often"))
    told.monitor.observe(LoopBlocked("read", "a", 7.0, "a stack"))
    told.monitor.observe(CircuitChanged("openai", "open"))
    told.monitor.observe(CircuitChanged("openai", "closed"))

    place = {"run": "r1", "step": "read/a", "role": "read", "item": "a"}
    crash = {"agent": "read-2", "incarnation": 2, "kind": "crash", "error_type": "ValueError"}
    hang = {"agent": "read-3", "incarnation": 3, "kind": "hang", "error_type": "hang"}
    back = {"role": "read", "agent": "read-4", "incarnation": 4, "is_hang": True, "delay_s": 0.123}
    assert [(*line, record["extra"]) for line, record in zip(said(records), records, strict=True)] == [
        ("WARNING", "agent_failed", place | crash | {"error": "ValueError: odd: very"}),
        ("WARNING", "agent_failed", place | hang | {"error": "too long"}),
        ("WARNING", "agent_restarted", back | {"error": "too long"}),
        ("ERROR", "agent_went_down", {"role": "read", "error": "too often"}),
        (
            "WARNING",
            "loop_turns_again",
            {"step": "read/a", "role": "read", "item": "a", "duration_s": 7.0, "stack": "a stack"},
        ),
        ("WARNING", "circuit_changed", {"service": "openai", "state": "open"}),
        ("INFO", "circuit_changed", {"service": "openai", "state": "closed"}),
    ]


def test_trouble_is_told_in_fields_never_in_the_message(told: Told, records: list["Record"]) -> None:
    hostile = "{run} <red>\n\x1b[2J"
    told.step("read", hostile, "failed", hostile)
    told.monitor.observe(AgentRestarted("read", 2, hostile, True, 0.1))
    told.monitor.observe(AgentWentDown("read", hostile))
    told.monitor.observe(RunEnded("r1", "failed", 1.0, hostile))

    assert {record["message"] for record in records} <= names.EVENTS
    assert [record["extra"]["error"] for record in records] == [hostile] * 4


def test_the_stages_of_another_run_are_not_told_at_its_end(records: list["Record"]) -> None:
    monitor = WorkflowMonitor()
    monitor.observe(RunStarted("r2", ("read",)))
    monitor.observe(StepsOpened("r2", "read", 1))
    monitor.observe(RunEnded("r1", "failed", 1.0))

    assert said(records)[-1] == ("INFO", names.RUN_FINISHED)
    assert names.STAGE_FINISHED not in {message for _, message in said(records)}


@pytest.mark.parametrize("event", [LoopTurned(0.1), StepSent("r", READ_A, 1, 0)])
def test_events_that_only_make_figures_write_nothing(event: LoopTurned | StepSent, records: list["Record"]) -> None:
    Chronicle(logs_steps=True).tell(event)

    assert records == []


def test_every_line_of_the_code_is_a_constant_word() -> None:
    """`logger.….warning(X)` takes one word, by its name or as it is, and nothing else."""
    levels = {"trace", "debug", "info", "success", "warning", "error", "critical", "exception"}
    found = []
    for path in (
        path for package in ("monitor", "registry", "agents", "wiring") for path in (ROOT / package).rglob("*.py")
    ):
        text = path.read_text("utf-8")
        if "from loguru import logger" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in levels:
                (said,) = node.args
                word = said.value if isinstance(said, ast.Constant) else getattr(names, getattr(said, "attr", ""), None)
                found.append(word)
                assert isinstance(word, str), f"{path}:{node.lineno}"
                assert re.fullmatch(r"[a-z]+(_[a-z]+)*", word), f"{path}:{node.lineno}"
    assert len(found) > 15
