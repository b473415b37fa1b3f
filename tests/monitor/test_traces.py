"""Traces as a collector gets them: protobuf over HTTP on the loopback."""

import sys
from collections.abc import Iterator, Sequence

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from monitor.context import step_context
from monitor.errors import MonitorError
from monitor.traces import exported
from swarm.agent import StepId
from swarm.events import (
    AgentRestarted,
    AgentWentDown,
    CallEnded,
    Event,
    LoopTurned,
    RunEnded,
    RunStarted,
    StepEnded,
    StepRetried,
    StepSent,
)
from tests.monitor.collector import Collector, attributes, collecting
from tests.swarm.orders import an_order

WRITE = StepId("write", "Mila's secret fox")
HOSTILE = "sk-abcdefghijklmnop \n Mila's secret fox"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        yield found


async def told(*events: Event) -> None:
    """Tell these to an exporter, calls in the context of the step that makes them."""
    async with exported("1.2") as observe:
        for event in events:
            if isinstance(event, CallEnded) and event.role == "write":
                with step_context(an_order(WRITE, run="r1"), 1):
                    observe(event)
            else:
                observe(event)


def one(spans: Sequence[Span], name: str) -> Span:
    (span,) = (span for span in spans if span.name == name)
    return span


async def test_a_run_is_one_trace_with_a_span_for_each_step_and_call(collector: Collector) -> None:
    await told(
        RunStarted("r1", ("write",)),
        StepSent("r1", WRITE, 1, 0),
        CallEnded("openai", "ok", 0.5, "write", "gpt-x", (("input", 30), ("output", 7)), 0.25, "chat"),
        CallEnded("openai", "timeout", 0.1, "", "emb-x", (), 0.0, "embeddings"),
        LoopTurned(0.1),
        StepEnded("r1", WRITE, "done", 1.0, 0),
        RunEnded("r1", "complete", 2.0),
    )

    run, step = (one(collector.spans, name) for name in ("invoke_workflow doodlebound", "invoke_agent write"))
    chat, embeddings = (one(collector.spans, name) for name in ("chat gpt-x", "embeddings emb-x"))
    assert set(collector.paths) == {"/v1/traces"}
    assert collector.resource["service.name"] == "doodlebound"
    assert len(collector.spans) == 4
    assert {span.trace_id for span in collector.spans} == {run.trace_id}
    assert (run.parent_span_id, step.parent_span_id) == (b"", run.span_id)
    assert (chat.parent_span_id, embeddings.parent_span_id) == (step.span_id, run.span_id)
    assert chat.end_time_unix_nano - chat.start_time_unix_nano == 500_000_000
    assert chat.kind == Span.SpanKind.SPAN_KIND_CLIENT
    assert attributes(chat) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-x",
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 7,
        "doodlebound.cost_usd": 0.25,
    }
    assert attributes(embeddings)["error.type"] == "timeout"
    assert attributes(step) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "write",
        "gen_ai.conversation.id": "r1",
        "doodlebound.step": 1,
        "doodlebound.attempt": 1,
        "doodlebound.round": 0,
        "doodlebound.outcome": "done",
    }
    assert attributes(run)["doodlebound.state"] == "complete"


async def test_trouble_is_in_the_trace_without_a_word_of_anybodys(collector: Collector) -> None:
    await told(
        RunStarted("r1", ("write",)),
        StepSent("r1", WRITE, 1, 0),
        AgentRestarted("write", 2, HOSTILE, False, 0.1),
        StepRetried("r1", WRITE, HOSTILE),
        StepSent("r1", WRITE, 2, 0),
        StepEnded("r1", WRITE, "failed", 1.0, 0, HOSTILE, "unavailable", True),
        AgentWentDown("write", HOSTILE),
        StepSent("r1", WRITE, 3, 0),
        StepEnded("r1", StepId("other", "x"), "reused", 0.0, 0),
        RunEnded("r1", "failed", 2.0, HOSTILE),
    )

    steps = [span for span in collector.spans if span.name == "invoke_agent write"]
    run = one(collector.spans, "invoke_workflow doodlebound")
    assert [attributes(step)["error.type"] for step in steps] == ["worker-lost", "unavailable", "broken-off"]
    assert [attributes(step)["doodlebound.step"] for step in steps] == [1, 2, 3]
    assert {step.status.code for step in (*steps, run)} == {Status.STATUS_CODE_ERROR}
    assert [event.name for event in run.events] == ["agent_restarted", "agent_went_down"]
    whole = b"".join(collector.bodies)
    assert not any(word in whole for word in (b"Mila", b"fox", b"sk-abc"))


async def test_what_belongs_to_no_run_is_a_trace_of_its_own(collector: Collector) -> None:
    await told(
        CallEnded("gcs", "ok", 0.1),
        StepSent("r9", WRITE, 1, 0),
        StepEnded("r9", WRITE, "done", 0.1, 0),
        RunEnded("r9", "complete", 1.0),
    )

    assert {span.name for span in collector.spans} == {"call gcs", "invoke_agent write"}
    assert len({span.trace_id for span in collector.spans}) == 2


async def test_a_collector_that_refuses_costs_nothing_but_the_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting(400) as refusing:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", refusing.url)
        await told(RunStarted("r1", ()), RunEnded("r1", "complete", 1.0))

    assert len(refusing.bodies) == 1


async def test_without_the_extra_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)

    with pytest.raises(MonitorError, match="traces need the extra otel"):
        await told()
