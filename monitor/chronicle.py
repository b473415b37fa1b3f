"""The swarm's events as log lines: what is told, at which level, with which fields."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from loguru import logger

from monitor import names
from monitor.alerts import Alert
from monitor.context import step_fields
from monitor.view import RunView
from swarm.events import (
    AgentFailed,
    AgentRestarted,
    AgentWentDown,
    CallEnded,
    CallRetried,
    CircuitChanged,
    Event,
    LoopBlocked,
    RunEnded,
    RunStarted,
    StepEnded,
    StepRetried,
    StepsOpened,
)

if TYPE_CHECKING:
    from loguru import Logger

NO_NAMES: Mapping[str, str] = MappingProxyType({})


class Chronicle:
    """Writes the log of runs: a few lines a run, one for each trouble, and with `logs_steps` one for each step.

    `item_names` says by role what its items are called in fields (`page`, `picture`); others are an `item`.
    """

    def __init__(self, *, logs_steps: bool = False, item_names: Mapping[str, str] = NO_NAMES) -> None:
        self.logs_steps = logs_steps
        self._item_names = item_names

    def step_ended(self, event: StepEnded, attempt: int) -> None:
        """A step was answered: a failure is a warning, all else is told only when wished."""
        if event.outcome == "failed":
            line = self._step(event, attempt).bind(
                error_type=event.code, error=event.reason, retryable=event.is_retryable
            )
            line.warning(names.STEP_FAILED)
        elif self.logs_steps:
            self._step(event, attempt).bind(outcome=event.outcome).debug(names.STEP_FINISHED)

    def tell(self, event: Event) -> None:
        """Any other event."""
        match event:
            case RunStarted(run, roles):
                logger.bind(run=run, roles=roles).info(names.RUN_STARTED)
            case StepsOpened(run, role, steps):
                logger.bind(run=run, role=role, steps=steps).info(names.STAGE_STARTED)
            case StepRetried(run, (role, item), cause):
                if self.logs_steps:
                    logger.bind(**step_fields(run, role, item, self._item_names), cause=cause).debug(names.STEP_RETRIED)
            case AgentFailed() | AgentRestarted() | AgentWentDown() | LoopBlocked():
                self._tell_trouble(event)
            case CircuitChanged(service, state):
                level = "INFO" if state == "closed" else "WARNING"
                logger.bind(service=service, state=state).log(level, names.CIRCUIT_CHANGED)
            case CallEnded() | CallRetried():
                if self.logs_steps:
                    _tell_call(event)
            case _:
                pass

    def run_ended(self, event: RunEnded, view: RunView) -> None:
        """A run is over: how far each stage came, and how it ended."""
        for stage in view.stages if view.run == event.run else ():
            if stage.steps:
                logger.bind(
                    run=event.run,
                    role=stage.role,
                    steps=stage.steps,
                    done=stage.done,
                    reused=stage.reused,
                    failed=stage.failed,
                    reworked=stage.reworked,
                    retries=stage.retried,
                    duration_s=round(stage.span_s, 3),
                ).info(names.STAGE_FINISHED)
        line = logger.bind(run=event.run, state=event.state, duration_s=round(event.duration_s, 3))
        (line.bind(error=event.reason) if event.reason else line).info(names.RUN_FINISHED)

    def raise_alert(self, alert: Alert) -> None:
        """Something is wrong."""
        logger.bind(alert=alert.kind, about=alert.about, told=alert.sentence).warning(names.ALERT_RAISED)

    def clear_alert(self, alert: Alert) -> None:
        """It is no longer."""
        logger.bind(alert=alert.kind, about=alert.about).info(names.ALERT_CLEARED)

    def _step(self, event: StepEnded, attempt: int) -> "Logger":
        return logger.bind(
            **step_fields(event.run, *event.step, self._item_names),
            round=event.round,
            attempt=attempt,
            retries=max(0, attempt - 1),
            duration_s=round(event.duration_s, 6),
        )

    def _tell_trouble(self, event: AgentFailed | AgentRestarted | AgentWentDown | LoopBlocked) -> None:
        match event:
            case AgentFailed(_, "step"):
                pass  # which is told where the step ends
            case AgentFailed(role, kind, cause, run, item, incarnation):
                line = logger.bind(**step_fields(run, role, item, self._item_names), **_agent(role, incarnation))
                line.bind(kind=kind, error_type=_type(cause, kind), error=cause).warning(names.AGENT_FAILED)
            case AgentRestarted(role, incarnation, cause, is_hang, delay_s):
                line = logger.bind(role=role, **_agent(role, incarnation), error=cause)
                line.bind(is_hang=is_hang, delay_s=round(delay_s, 3)).warning(names.AGENT_RESTARTED)
            case AgentWentDown(role, cause):
                logger.bind(role=role, error=cause).error(names.AGENT_WENT_DOWN)
            case LoopBlocked(role, item, seconds, stack):
                line = logger.bind(**step_fields("", role, item, self._item_names), duration_s=round(seconds, 3))
                line.bind(stack=stack).warning(names.LOOP_TURNS_AGAIN)


def _tell_call(event: CallEnded | CallRetried) -> None:
    match event:
        case CallEnded(service, outcome, duration_s, role, model, tokens, cost_usd):
            line = logger.bind(service=service, outcome=outcome, duration_s=round(duration_s, 6), role=role)
            line.bind(model=model, tokens=dict(tokens), cost_usd=cost_usd).debug(names.CALL_FINISHED)
        case CallRetried(service, reason):
            logger.bind(service=service, reason=reason).debug(names.CALL_RETRIED)


def _agent(role: str, incarnation: int) -> dict[str, object]:
    return {"agent": f"{role}-{incarnation}", "incarnation": incarnation}


def _type(cause: str, kind: str) -> str:
    """The class of what a worker died of, which stands before its words; a hang has none."""
    name, colon, _ = cause.partition(":")
    return name if kind == "crash" and colon and name.isidentifier() else kind
