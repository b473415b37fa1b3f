"""When somebody is told that something is wrong, and when no longer; by a clock that is turned by hand."""

from typing import TYPE_CHECKING

import pytest

from monitor.alerts import KINDS, Alerts, Limits, Standing
from monitor.health import Status
from monitor.services import Services
from monitor.workflow import WorkflowMonitor
from swarm.agent import StepId
from swarm.events import (
    AgentRestarted,
    AgentWentDown,
    CallEnded,
    CircuitChanged,
    LoopTurned,
    RunStarted,
    StepEnded,
    StepSent,
)
from tests.monitor.conftest import Clock

if TYPE_CHECKING:
    from loguru import Record

READ_A = StepId("read", "a")


def kinds(alerts: Alerts, standing: Standing | None = None) -> list[str]:
    alerts.look(standing or Standing())
    return [alert.kind for alert in alerts.active]


def test_a_step_is_stuck_after_a_while_and_no_longer_when_it_has_ended(clock: Clock) -> None:
    alerts = Alerts(clock, Limits(stuck_s=60))
    standing = Standing([(READ_A, clock.now)])
    clock.now += 60
    assert kinds(alerts, standing) == []

    clock.now += 1
    new, over = alerts.look(standing)

    assert ([alert[:3] for alert in new], over) == (
        [("stuck_step", "read/a", "The step read/a is in hand for 61 s.")],
        (),
    )
    assert alerts.look(standing) == ((), ())
    _, over = alerts.look(Standing())
    assert [alert.about for alert in over] == ["read/a"]
    assert alerts.active == ()


def test_an_agent_whose_steps_are_long_has_more_time(clock: Clock) -> None:
    alerts = Alerts(clock, Limits(stuck_s=60, stuck_factor=5))
    standing = Standing([(READ_A, clock.now)], {"read": 30.0})
    clock.now += 149
    assert kinds(alerts, standing) == []

    clock.now += 2
    assert kinds(alerts, standing) == ["stuck_step"]


def test_an_agent_is_down_until_it_is_restarted(clock: Clock) -> None:
    alerts = Alerts(clock)
    alerts.observe(AgentWentDown("read", "sk-abcdefghijklmnop"))
    assert kinds(alerts) == ["agent_down"]
    assert alerts.active[0].sentence == "Agent read takes no steps any more: [redacted]"

    alerts.observe(AgentRestarted("read", 9, "mended", False, 0.1))

    assert kinds(alerts) == []


def test_many_failures_among_the_newest_steps_are_told_until_others_went_well(clock: Clock) -> None:
    alerts = Alerts(clock, Limits(few_steps=10, error_ratio=0.3, window_s=300))
    assert kinds(alerts, Standing(ended=9, failed=9)) == []
    clock.now += 1
    assert kinds(alerts, Standing(ended=10, failed=3)) == []
    clock.now += 1
    assert kinds(alerts, Standing(ended=10, failed=4)) == ["error_ratio"]

    clock.now += 301
    assert kinds(alerts, Standing(ended=11, failed=4)) == []
    clock.now += 1
    assert kinds(alerts, Standing(ended=30, failed=14)) == ["error_ratio"]


def test_a_budget_is_near_its_cap_from_four_fifths_on_and_anew_for_each_run(clock: Clock) -> None:
    alerts = Alerts(clock, Limits(caps={"cost_usd": 1.0, "calls": 100, "tokens": 0}))
    alerts.observe(CallEnded("openai", "ok", 0.1, cost_usd=0.79, tokens=(("input", 9),)))
    assert kinds(alerts) == []
    alerts.observe(CallEnded("openai", "ok", 0.1, cost_usd=0.02))
    assert kinds(alerts) == ["budget"]
    assert alerts.active[0].sentence == "The run has used 81% of its cap of 1 cost_usd."

    alerts.observe(RunStarted("r2", ()))

    assert kinds(alerts) == []


def test_a_service_is_slow_when_half_of_its_calls_are(clock: Clock) -> None:
    alerts = Alerts(clock, Limits(few_calls=5, slow_s=30))
    for seconds in (31, 31, 31, 1):
        alerts.observe(CallEnded("openai", "ok", seconds))
    assert kinds(alerts) == []
    alerts.observe(CallEnded("openai", "ok", 1))
    assert kinds(alerts) == ["slow_service"]

    clock.now += 301

    assert kinds(alerts) == []


def test_alerts_are_counted_by_their_kind(clock: Clock) -> None:
    alerts = Alerts(clock)
    for role in ("read", "write"):
        alerts.observe(AgentWentDown(role, "too often"))
    alerts.look(Standing())

    assert alerts.by_kind() == {(kind,): 2 if kind == "agent_down" else 0 for kind in KINDS}


def test_an_alert_keeps_the_time_of_its_beginning(clock: Clock) -> None:
    alerts = Alerts(clock)
    alerts.observe(AgentWentDown("read", "too often"))
    alerts.look(Standing())
    clock.now += 50
    alerts.look(Standing())

    assert alerts.active[0].since == 100.0


def test_a_monitor_looks_once_a_second_and_logs_what_is_new_and_what_is_over(
    clock: Clock, records: list["Record"]
) -> None:
    monitor = WorkflowMonitor(clock=clock, limits=Limits(stuck_s=60))
    monitor.observe(RunStarted("r1", ("read",)))
    monitor.observe(StepSent("r1", READ_A, 1, 0))
    clock.now += 61
    monitor.observe(LoopTurned(0.0))
    monitor.observe(LoopTurned(0.0))
    assert [alert.about for alert in monitor.alerts] == ["read/a"]
    monitor.observe(StepEnded("r1", READ_A, "done", 61.0, 0))
    monitor.observe(LoopTurned(0.0))

    assert monitor.faults == 0
    told = [(r["level"].name, r["message"], r["extra"].get("about")) for r in records[1:]]
    assert told == [("WARNING", "alert_raised", "read/a"), ("INFO", "alert_cleared", "read/a")]
    assert monitor.metrics.as_nested()["alerts"] == dict.fromkeys(KINDS, 0)


def test_a_failing_run_raises_the_error_ratio_of_its_monitor(clock: Clock) -> None:
    monitor = WorkflowMonitor(clock=clock)
    for number in range(12):
        monitor.observe(StepEnded("r1", StepId("read", str(number)), "failed" if number % 2 else "done", 1.0, 0))
        monitor.observe(StepEnded("r1", StepId("read", str(number)), "reused", 0.0, 0))
    monitor.observe(LoopTurned(0.0))

    assert [alert.sentence for alert in monitor.alerts] == ["6 of the 12 steps that ended lately failed."]


@pytest.mark.parametrize(
    ("circuit", "outcomes", "status"),
    [
        ("closed", [], Status.PASS),
        ("closed", ["ok", "ok", "timeout"], Status.PASS),
        ("closed", ["ok", "timeout", "timeout", "ok", "lost", "lost"], Status.WARN),
        ("half-open", ["ok"], Status.WARN),
        ("open", ["failed"], Status.FAIL),
    ],
)
def test_a_service_is_as_its_breaker_and_its_calls_say(
    clock: Clock, circuit: str, outcomes: list[str], status: Status
) -> None:
    services = Services(clock)
    for outcome in outcomes:
        services.observe(CallEnded("openai", outcome, 0.5))
    services.observe(CircuitChanged("openai", circuit))

    check = services.check("openai")

    assert check.status is status
    assert (check.observed_value, check.observed_unit) == ((0.5, "s a call") if outcomes else (None, ""))
    assert check.output.endswith(
        f"{len(outcomes)} calls within 300 s, {sum(o != 'ok' for o in outcomes)} not answered well."
    )


def test_old_calls_say_nothing_about_a_service_any_more(clock: Clock) -> None:
    services = Services(clock)
    for _ in range(9):
        services.observe(CallEnded("openai", "lost", 0.5))
    clock.now += 301

    assert services.check("openai").status is Status.PASS
    assert services.check("never-called").status is Status.PASS
