"""The swarm's events as OpenTelemetry spans: one trace a run, a span for each step, and below it one for each call.

Names are those of the semantic conventions for generative AI (open-telemetry/semantic-conventions-genai, which are in
development; copied here because they still move). No prompt, answer, picture, name or path is ever in a span: a step is
known by its role and a number, an error by its class.

Needs the extra `otel`; nothing of it is imported before `exported` is called.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from monitor.context import current_step
from monitor.errors import MonitorError
from swarm.agent import StepId
from swarm.events import (
    AgentRestarted,
    AgentWentDown,
    CallEnded,
    Event,
    Observe,
    RunEnded,
    RunStarted,
    StepEnded,
    StepRetried,
    StepSent,
)

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer
    from opentelemetry.util.types import AnyValue

INVOKE_WORKFLOW = "invoke_workflow"
INVOKE_AGENT = "invoke_agent"
OPERATION = "gen_ai.operation.name"
AGENT = "gen_ai.agent.name"
CONVERSATION = "gen_ai.conversation.id"
PROVIDER = "gen_ai.provider.name"
MODEL = "gen_ai.request.model"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
ERROR = "error.type"
OWN = "doodlebound."
"""What the conventions have no name for."""

_FLUSH_S = 5.0


class Traces:
    """Makes spans of what it observes. `now` gives nanoseconds since 1970."""

    def __init__(self, tracer: "Tracer", *, now: Callable[[], int] = time.time_ns) -> None:
        self._tracer = tracer
        self._now = now
        self._runs: dict[str, Span] = {}
        self._steps: dict[tuple[str, StepId], Span] = {}
        self._numbers: dict[str, int] = {}

    def observe(self, event: Event) -> None:
        """Take an event of the swarm."""
        match event:
            case RunStarted(run):
                self._begin(run)
            case StepSent():
                self._send(event)
            case StepEnded(run, step, outcome):
                self._end_step(run, step, outcome, error=event.code or "failed" if outcome == "failed" else "")
            case StepRetried(run, step):
                self._end_step(run, step, "retried", error="worker-lost")
            case CallEnded():
                self._call(event)
            case AgentRestarted(role) | AgentWentDown(role):
                word = "agent_restarted" if isinstance(event, AgentRestarted) else "agent_went_down"
                for span in self._runs.values():
                    span.add_event(word, {AGENT: role}, self._now())
            case RunEnded():
                self._end(event)
            case _:
                pass

    def _begin(self, run: str) -> None:
        attributes = {OPERATION: INVOKE_WORKFLOW, CONVERSATION: run}
        self._numbers = {}
        self._runs[run] = self._tracer.start_span(
            f"{INVOKE_WORKFLOW} doodlebound", attributes=attributes, start_time=self._now()
        )

    def _send(self, event: StepSent) -> None:
        from opentelemetry.trace import set_span_in_context

        role = event.step.role
        number = self._numbers[role] = self._numbers.get(role, 0) + 1
        attributes: dict[str, AnyValue] = {
            OPERATION: INVOKE_AGENT,
            AGENT: role,
            CONVERSATION: event.run,
            f"{OWN}step": number,
            f"{OWN}attempt": event.attempt,
            f"{OWN}round": event.round,
        }
        run = self._runs.get(event.run)
        self._steps[event.run, event.step] = self._tracer.start_span(
            f"{INVOKE_AGENT} {role}",
            context=set_span_in_context(run) if run else None,
            attributes=attributes,
            start_time=self._now(),
        )

    def _end_step(self, run: str, step: StepId, outcome: str, *, error: str) -> None:
        span = self._steps.pop((run, step), None)
        if span is not None:
            span.set_attribute(f"{OWN}outcome", outcome)
            _close(span, error, self._now())

    def _call(self, event: CallEnded) -> None:
        from opentelemetry.trace import SpanKind, set_span_in_context

        place = current_step()
        parent = self._steps.get(place) if place else None
        parent = parent or next(iter(self._runs.values()), None)
        operation = event.operation or "call"
        attributes: dict[str, AnyValue] = {OPERATION: operation, PROVIDER: event.service}
        if event.model:
            attributes[MODEL] = event.model
        tokens = dict(event.tokens)
        attributes.update({name: tokens[kind] for name, kind in _TOKENS.items() if kind in tokens})
        if event.cost_usd:
            attributes[f"{OWN}cost_usd"] = event.cost_usd
        now = self._now()
        span = self._tracer.start_span(
            f"{operation} {event.model or event.service}",
            context=set_span_in_context(parent) if parent else None,
            kind=SpanKind.CLIENT,
            attributes=attributes,
            start_time=now - int(event.duration_s * 1e9),
        )
        _close(span, "" if event.outcome == "ok" else event.outcome, now)

    def _end(self, event: RunEnded) -> None:
        for run, step in [place for place in self._steps if place[0] == event.run]:
            self._end_step(run, step, "broken-off", error="broken-off")
        span = self._runs.pop(event.run, None)
        if span is not None:
            span.set_attribute(f"{OWN}state", event.state)
            _close(span, event.state if event.state in ("failed", "interrupted") else "", self._now())


_TOKENS = {INPUT_TOKENS: "input", OUTPUT_TOKENS: "output"}


def _close(span: "Span", error: str, at: int) -> None:
    from opentelemetry.trace import StatusCode

    if error:
        span.set_attribute(ERROR, error)
        span.set_status(StatusCode.ERROR)
    span.end(at)


@asynccontextmanager
async def exported(version: str) -> AsyncIterator[Observe]:
    """What turns events into spans and sends them, from a thread of its own, by OTLP over HTTP to where
    OTEL_EXPORTER_OTLP_ENDPOINT says. What waits at the end is sent within a few seconds, or lost.

    Raises MonitorError when the extra is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise MonitorError("traces need the extra otel: install it with `make cloud`, or switch them off") from None
    resource = Resource.create({"service.name": "doodlebound", "service.version": version})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=_FLUSH_S)))
    try:
        yield Traces(provider.get_tracer("doodlebound", version)).observe
    finally:
        closing = asyncio.ensure_future(asyncio.to_thread(provider.shutdown))
        await asyncio.wait({closing}, timeout=2 * _FLUSH_S)
