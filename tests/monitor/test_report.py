import json

from monitor.report import figures
from swarm.events import AgentRestarted, RunEnded, RunStarted, StepsOpened
from tests.monitor.conftest import Told


def test_figures_are_plain_and_tell_of_metrics_stages_restarts_and_losses(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read", "bind")))
    told.monitor.observe(StepsOpened("r1", "read", 2))
    told.step("read", "a")
    told.step("read", "b\udc80", "failed", "torn")
    told.monitor.observe(AgentRestarted("read", 2, "boom", False, 0.1))
    told.monitor.count("pictures_total", {"outcome": "used"}, 1)
    told.monitor.observe(RunEnded("r1", "partial", 4.0))

    report = json.loads(json.dumps(figures(told.monitor)))

    assert report["run"] == "r1"
    assert (report["state"], report["reason"], report["elapsed_s"]) == ("partial", "", 4.0)
    assert report["steps_total"] == {"read": {"done": 1, "failed": 1}}
    assert report["pictures_total"] == {"used": 1}
    assert report["step_duration_seconds"]["read"]["count"] == 2
    assert report["stages"]["read"] == {
        "steps": 2,
        "sent": 2,
        "done": 1,
        "reused": 0,
        "failed": 1,
        "reworked": 0,
        "retried": 0,
        "work_s": 4.0,
        "span_s": 4.0,
    }
    assert report["restarts"] == {"read": 1}
    assert report["losses"] == [{"role": "read", "item": "b\ufffd", "reason": "torn"}]
    assert (report["losses_total"], report["monitor_faults"]) == (1, 0)
