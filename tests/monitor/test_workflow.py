from typing import TYPE_CHECKING

import pytest
from loguru import logger

from monitor.text import Redactor
from monitor.view import RunView, StageView
from monitor.workflow import WorkflowMonitor
from swarm.agent import StepId
from swarm.events import (
    AgentFailed,
    AgentRestarted,
    AgentWentDown,
    CallEnded,
    CallRetried,
    CircuitChanged,
    Event,
    JournalCommitted,
    LoopBlocked,
    LoopTurned,
    RunEnded,
    RunStarted,
    StepEnded,
    StepRetried,
    StepSent,
    StepsOpened,
    StepsReady,
)
from tests.monitor.conftest import Clock, Told

if TYPE_CHECKING:
    from loguru import Record

READ_A = StepId("read", "a")


def stage(view: RunView, role: str) -> StageView:
    return next(stage for stage in view.stages if stage.role == role)


def test_snapshot_tells_of_waiting_before_any_run() -> None:
    view = WorkflowMonitor().snapshot()

    assert (view.run, view.state, view.stages, view.elapsed_s) == ("", "waiting", (), 0.0)
    assert not view.is_over


def test_snapshot_counts_the_steps_of_each_stage(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read", "bind")))
    told.monitor.observe(StepsOpened("r1", "read", 4))
    told.step("read", "a")
    told.step("read", "b", "failed", "torn")
    told.monitor.observe(StepEnded("r1", StepId("read", "c"), "reused", 0.0, 0))
    told.monitor.observe(StepSent("r1", StepId("read", "d"), 1, 0))

    view = told.monitor.snapshot()

    read = stage(view, "read")
    assert (read.steps, read.sent, read.in_hand) == (4, 3, 1)
    assert (read.done, read.failed, read.reused, read.finished) == (1, 1, 1, 3)
    assert (read.work_s, read.span_s) == (4.0, 4.0)
    assert not read.is_complete
    assert stage(view, "bind").steps is None
    assert not stage(view, "bind").is_complete


def test_snapshot_does_not_change_afterwards(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    before = told.monitor.snapshot()
    told.step("read", "a")

    assert before.stages[0].done == 0


def test_elapsed_time_goes_on_until_the_run_ends(told: Told, clock: Clock) -> None:
    told.monitor.observe(RunStarted("r1", ()))
    clock.now += 7
    assert told.monitor.snapshot().elapsed_s == 7
    told.monitor.observe(RunEnded("r1", "failed", 7.5, "no room"))
    clock.now += 7

    view = told.monitor.snapshot()

    assert (view.state, view.elapsed_s, view.reason, view.is_over) == ("failed", 7.5, "no room", True)


def test_a_step_that_is_sent_back_is_open_until_it_is_done_again(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("write", "review")))
    told.monitor.observe(StepsOpened("r1", "write", 1))
    told.step("write", "p1")
    told.step("review", "p1", "rework")
    told.monitor.observe(StepSent("r1", StepId("write", "p1"), 1, 1))

    view = told.monitor.snapshot()

    assert (stage(view, "review").reworked, stage(view, "review").finished) == (1, 0)
    assert (stage(view, "write").finished, stage(view, "write").in_hand) == (0, 1)
    told.monitor.observe(StepEnded("r1", StepId("write", "p1"), "done", 1.0, 1))
    assert stage(told.monitor.snapshot(), "write").is_complete


def test_an_event_that_is_told_twice_leaves_the_tally_consistent(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    for outcome in ("failed", "done", "done"):
        told.monitor.observe(StepEnded("r1", READ_A, outcome, 1.0, 0))

    read = told.monitor.snapshot().stages[0]

    assert (read.done, read.failed, read.finished, read.in_hand) == (1, 0, 1, 0)
    assert told.monitor.snapshot().losses == ()


def test_a_failed_step_that_falls_back_is_no_loss(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.step("read", "a", "failed", "no service")
    assert told.monitor.snapshot().losses == (("read", "a", "no service"),)
    told.monitor.observe(StepRetried("r1", READ_A, "fallback"))

    view = told.monitor.snapshot()

    assert (view.losses, view.losses_total, stage(view, "read").retried) == ((), 0, 1)


def test_a_failed_step_that_is_sent_again_is_no_loss(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.step("read", "a", "failed", "ugly")
    told.step("read", "a")

    assert told.monitor.snapshot().losses == ()


def test_retry_takes_the_step_out_of_hand(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.monitor.observe(StepSent("r1", READ_A, 1, 0))
    told.monitor.observe(StepRetried("r1", READ_A, "crash"))

    assert stage(told.monitor.snapshot(), "read").in_hand == 0


def test_losses_are_bounded_but_all_counted(clock: Clock) -> None:
    told = Told(WorkflowMonitor(clock=clock, max_losses=2), clock)
    told.monitor.observe(RunStarted("r1", ("read",)))
    for item in "abcd":
        told.step("read", item, "failed", "x" * 1_000)

    view = told.monitor.snapshot()

    assert [loss.item for loss in view.losses] == ["a", "b"]
    assert view.losses_total == 4
    assert len(view.losses[0].reason) < 600


def test_reasons_are_free_of_secrets(clock: Clock) -> None:
    told = Told(WorkflowMonitor(clock=clock, redact=Redactor(["hunter22"])), clock)
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.step("read", "a", "failed", "key sk-abcdefghijklmnop or hunter22")
    told.monitor.observe(AgentWentDown("read", "hunter22"))
    told.monitor.observe(RunEnded("r1", "failed", 1.0, "hunter22"))

    view = told.monitor.snapshot()

    assert view.losses[0].reason == "key [redacted] or [redacted]"
    assert (view.reason, view.stages[0].down) == ("[redacted]", "[redacted]")


def test_restarts_and_downs_are_kept_with_their_role(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    for role in ("read", "read", "other"):
        told.monitor.observe(AgentRestarted(role, 2, "boom", False, 0.1))
    told.monitor.observe(AgentWentDown("read", "too often"))
    told.monitor.observe(AgentWentDown("other", "too often"))

    view = told.monitor.snapshot()

    assert (view.restarts, view.stages[0].down) == (2, "too often")
    assert told.monitor.metrics.as_nested()["agent_restarts_total"] == {"read": 2, "other": 1}


def test_failures_are_counted_by_role_and_kind(told: Told) -> None:
    for role, kind in (("read", "step"), ("read", "crash"), ("read", "crash"), ("write", "hang")):
        told.monitor.observe(AgentFailed(role, kind, "boom", "r1", "a"))
    told.monitor.observe(LoopBlocked("write", "p1", 7.0, "a stack"))
    told.monitor.observe(LoopBlocked("", "", 7.0, "a stack"))

    counted = told.monitor.metrics.as_nested()["agent_failures_total"]

    assert counted == {"read": {"step": 1, "crash": 2}, "write": {"hang": 1, "block": 1}, "": {"block": 1}}


def test_lag_of_the_loop_is_its_newest(told: Told) -> None:
    for lag_s in (0.001, 0.3, 0.002):
        told.monitor.observe(LoopTurned(lag_s))

    assert told.monitor.metrics.as_nested()["event_loop_lag_seconds"] == 0.002


def test_metrics_hold_outcomes_and_durations_of_all_runs(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.step("read", "a")
    told.monitor.observe(RunStarted("r2", ("read",)))
    told.step("read", "b")
    told.monitor.observe(StepEnded("r2", READ_A, "reused", 0.0, 0))

    nested = told.monitor.metrics.as_nested()

    assert nested["steps_total"] == {"read": {"done": 2, "reused": 1}}
    durations = nested["step_duration_seconds"]
    assert isinstance(durations, dict)
    read = durations["read"]
    assert isinstance(read, dict)
    assert read["count"] == 2


def test_events_of_another_run_leave_the_view_alone(told: Told) -> None:
    told.monitor.observe(RunStarted("r2", ("read",)))
    told.step("read", "a", "failed", "torn")
    told.monitor.observe(StepsOpened("r1", "read", 9))
    told.monitor.observe(StepRetried("r1", READ_A, "crash"))
    told.monitor.observe(RunEnded("r1", "failed", 1.0))

    view = told.monitor.snapshot()

    assert (view.state, view.losses, view.stages[0].steps, view.stages[0].sent) == ("running", (), None, 0)


def test_callers_count_measure_and_set_what_they_know(told: Told) -> None:
    told.monitor.count("pictures_total", {"outcome": "used"}, 3)
    told.monitor.count("calls_total", {"service": "images", "outcome": "ok"})
    told.monitor.measure("call_duration_seconds", {"service": "images"}, 0.5)
    told.monitor.level("queue_depth", {"role": "read"}, 7)

    nested = told.monitor.metrics.as_nested()

    assert nested["pictures_total"] == {"used": 3}
    assert nested["calls_total"] == {"images": {"ok": 1}}
    assert nested["queue_depth"] == {"read": 7}
    assert "call_duration_seconds" in nested


def test_a_fault_inside_stays_inside_and_is_logged_once(told: Told, records: list["Record"]) -> None:
    for _ in range(3):
        told.monitor.observe(StepSent("", None, 1, 0))  # type: ignore[arg-type]
    told.monitor.count("steps_total", {"other": "labels"})
    told.monitor.measure("steps_total", {}, 1.0)
    told.monitor.level("steps_total", {}, 1.0)

    assert told.monitor.faults == 6
    assert [r["message"] for r in records] == ["monitor_failed"]


def test_a_broken_log_does_not_reach_the_swarm(told: Told) -> None:
    def broken(_: object) -> None:
        raise OSError("no room")

    sink = logger.add(broken, catch=False)
    try:
        told.monitor.observe(RunStarted("r1", ()))
    finally:
        logger.remove(sink)

    assert told.monitor.faults == 1


def test_observe_is_track_workflow_metrics() -> None:
    assert WorkflowMonitor.observe is WorkflowMonitor.track_workflow_metrics


@pytest.mark.parametrize("steps", [0, 3])
def test_a_stage_is_complete_when_all_its_steps_stand_answered(told: Told, steps: int) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.monitor.observe(StepsOpened("r1", "read", steps))
    for item in range(steps):
        told.step("read", str(item))

    assert told.monitor.snapshot().stages[0].is_complete is bool(steps)


def test_calls_are_counted_with_their_tokens_and_cost() -> None:
    monitor = WorkflowMonitor()

    monitor.observe(CallEnded("openai", "ok", 0.2, "write", "gpt-x", (("input", 30), ("output", 7)), 0.002))
    monitor.observe(CallEnded("openai", "failed", 0.1))
    monitor.observe(CallRetried("openai", "failed"))

    figures = monitor.metrics.as_nested()
    assert monitor.faults == 0
    assert figures["calls_total"] == {"openai": {"ok": 1, "failed": 1}}
    assert figures["tokens_total"] == {"gpt-x": {"input": 30, "output": 7}}
    assert figures["cost_usd_total"] == {"gpt-x": 0.002}
    assert figures["retries_total"] == {"openai": {"failed": 1}}


def test_a_step_waits_from_ready_to_sent_and_the_queue_is_as_long_as_those(told: Told, clock: Clock) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.monitor.observe(StepsReady("r1", tuple(StepId("read", item) for item in "abc")))
    clock.now += 3
    told.monitor.observe(StepSent("r1", READ_A, 1, 0))
    told.monitor.observe(StepEnded("r1", StepId("read", "b"), "reused", 0.0, 0))

    figures = told.monitor.metrics.as_nested()

    assert figures["queue_depth"] == {"read": 1}
    assert stage(told.monitor.snapshot(), "read").waiting == 1
    assert figures["queue_wait_seconds"] == {"read": {"count": 1, "sum": 3.0, "p50": 2.75, "p95": 2.975, "max": 3.0}}


def test_nothing_waits_when_the_run_is_over(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.monitor.observe(StepsReady("r1", (READ_A,)))
    told.monitor.observe(RunEnded("r1", "interrupted", 1.0))

    assert told.monitor.metrics.as_nested()["queue_depth"] == {"read": 0}
    assert told.monitor.metrics.as_nested()["runs_total"] == {"interrupted": 1}


def test_commits_retries_agents_and_circuits_are_figures(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read", "write")))
    told.monitor.observe(JournalCommitted(0.004))
    told.monitor.observe(StepRetried("r1", READ_A, "crash"))
    told.monitor.observe(AgentWentDown("write", "too often"))
    told.monitor.observe(CircuitChanged("openai", "half-open"))

    figures = told.monitor.metrics.as_nested()

    commits = figures["journal_commit_seconds"]
    assert isinstance(commits, dict)
    assert (commits["count"], commits["max"]) == (1, 0.004)
    assert figures["step_retries_total"] == {"read": 1}
    assert figures["agent_up"] == {"read": 1, "write": 0}
    assert figures["circuit_open"] == {"openai": 0.5}


def test_an_agent_that_is_back_is_up_and_has_no_cause_to_be_down(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    told.monitor.observe(AgentWentDown("read", "too often"))
    told.monitor.observe(AgentRestarted("read", 2, "mended", False, 0.1))

    assert told.monitor.metrics.as_nested()["agent_up"] == {"read": 1}
    assert stage(told.monitor.snapshot(), "read").down == ""


def test_others_are_told_everything_and_none_is_kept_from_it_by_anothers_fault() -> None:
    seen: list[Event] = []

    def broken(_: Event) -> None:
        raise RuntimeError("broken")

    monitor = WorkflowMonitor(others=[broken, seen.append])
    monitor.observe(RunStarted("r1", ("read",)))
    monitor.observe(LoopTurned(0.1))

    assert seen == [RunStarted("r1", ("read",)), LoopTurned(0.1)]
    assert monitor.faults == 2
