"""The figures of a run for its report: plain values, ready for JSON."""

from monitor.text import well_formed
from monitor.view import Loss, StageView
from monitor.workflow import WorkflowMonitor


def figures(monitor: WorkflowMonitor) -> dict[str, object]:
    """The metrics by name, nested by their labels, and beside them what the view of the newest run says.

    `run` is its id, `state` and `reason` how it ended, `elapsed_s` its seconds; `stages` by role; `losses` the steps
    that stand failed, with reasons (not all of them when `losses_total` is larger); `restarts` by role.
    """
    view = monitor.snapshot()
    return {
        **monitor.metrics.as_nested(),
        "run": view.run,
        "state": view.state,
        "reason": view.reason,
        "elapsed_s": round(view.elapsed_s, 3),
        "stages": {stage.role: _stage(stage) for stage in view.stages},
        "restarts": {stage.role: stage.restarts for stage in view.stages if stage.restarts},
        "losses": [_loss(loss) for loss in view.losses],
        "losses_total": view.losses_total,
        "monitor_faults": monitor.faults,
    }


def _loss(loss: Loss) -> dict[str, str]:
    return {name: well_formed(text) for name, text in loss._asdict().items()}


def _stage(stage: StageView) -> dict[str, object]:
    counts: dict[str, object] = {
        "steps": stage.steps,
        "sent": stage.sent,
        "done": stage.done,
        "reused": stage.reused,
        "failed": stage.failed,
        "reworked": stage.reworked,
        "retried": stage.retried,
    }
    return counts | {"work_s": round(stage.work_s, 3), "span_s": round(stage.span_s, 3)}
