"""What is exposed, read again by the parsers of prometheus_client."""

from collections.abc import Callable, Iterable

import pytest
from fastapi import FastAPI
from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from monitor.catalogue import CATALOGUE, PREFIX
from monitor.exposition import exposed, registry_of
from monitor.health import Health
from monitor.metrics import BOUNDS_S, MAX_SERIES, Metrics
from monitor.workflow import WorkflowMonitor
from swarm.agent import StepId
from swarm.events import CallEnded, StepEnded
from tests.monitor.test_endpoint import get

Parse = Callable[[str], Iterable[Metric]]
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
FORMATS = pytest.mark.parametrize(("accept", "parse"), [("", prometheus), (OPENMETRICS, openmetrics)])

HOSTILE = 'a"b\\c\nd{e="f"} 1\n# TYPE x counter\x00\u202e\ud800' + "x" * 500


def scraped(metrics: Metrics, accept: str, parse: Parse) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """All samples by name and labels."""
    body, _ = exposed(registry_of(metrics), accept)
    families = list(parse(body.decode()))
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def some_metrics() -> Metrics:
    monitor = WorkflowMonitor()
    for seconds in (0.2, 0.2, 4.0, 1_000.0):
        monitor.observe(StepEnded("r1", StepId("read", "a"), "done", seconds, 0))
    monitor.observe(CallEnded("openai", "ok", 0.5, "write", "gpt-x", (("input", 30),), 0.25))
    monitor.level("queue_depth", {"role": "read"}, 3)
    return monitor.metrics


@FORMATS
def test_both_formats_give_what_was_counted(accept: str, parse: Parse) -> None:
    samples = scraped(some_metrics(), accept, parse)

    assert samples["doodlebound_steps_total", (("outcome", "done"), ("role", "read"))] == 4
    assert samples["doodlebound_tokens_total", (("kind", "input"), ("model", "gpt-x"))] == 30
    assert samples["doodlebound_cost_usd_total", (("model", "gpt-x"),)] == 0.25
    assert samples["doodlebound_queue_depth", (("role", "read"),)] == 3
    assert samples["doodlebound_step_duration_seconds_count", (("role", "read"),)] == 4
    assert samples["doodlebound_step_duration_seconds_sum", (("role", "read"),)] == 1004.4
    assert samples["doodlebound_step_duration_max_seconds", (("role", "read"),)] == 1000


@FORMATS
def test_buckets_are_cumulative_and_end_with_all(accept: str, parse: Parse) -> None:
    samples = scraped(some_metrics(), accept, parse)

    name = "doodlebound_step_duration_seconds_bucket"
    found = {dict(labels)["le"]: value for (sample, labels), value in samples.items() if sample == name}
    assert len(found) == len(BOUNDS_S) + 1
    assert (found["0.1"], found["0.25"], found["5.0"], found["300.0"], found["+Inf"]) == (0, 2, 3, 3, 4)
    assert list(found.values()) == sorted(found.values())


@FORMATS
def test_every_name_has_our_prefix_and_no_time_of_creation(accept: str, parse: Parse) -> None:
    names = {name for name, _ in scraped(some_metrics(), accept, parse)}

    assert names
    assert all(name.startswith(PREFIX) and not name.endswith("_created") for name in names)


@FORMATS
def test_hostile_labels_can_forge_no_line_and_are_bounded(accept: str, parse: Parse) -> None:
    metrics = Metrics()
    metrics.counter("calls_total", "service", "outcome").add((HOSTILE, "Bearer abcdefghijklmnop"))
    metrics.gauge("queue_depth", "role").set((HOSTILE,), 1)
    metrics.histogram("call_duration_seconds", "service").observe((HOSTILE,), 1.0)

    samples = scraped(metrics, accept, parse)

    assert len(samples) == 1 + 1 + (len(BOUNDS_S) + 1 + 2) + 1
    values = {value for _, labels in samples for _, value in labels}
    assert all(value.isprintable() and len(value) < 120 for value in values)
    assert not any("Bearer abc" in value for value in values)


@FORMATS
def test_too_many_label_values_are_counted_as_others(accept: str, parse: Parse) -> None:
    metrics = Metrics()
    for number in range(3 * MAX_SERIES):
        metrics.counter("tokens_total", "model", "kind").add((f"model-{number}", "input"), 2)
        metrics.histogram("call_duration_seconds", "service").observe((f"service-{number}",), 1.0)
        metrics.gauge("queue_depth", "role").set((f"role-{number}",), 1)

    samples = scraped(metrics, accept, parse)

    assert samples["doodlebound_tokens_total", (("kind", "other"), ("model", "other"))] == 2 * 2 * MAX_SERIES
    assert sum(name == "doodlebound_tokens_total" for name, _ in samples) == MAX_SERIES + 1
    assert samples["doodlebound_call_duration_seconds_count", (("service", "other"),)] == 2 * MAX_SERIES


@pytest.mark.parametrize("number", [-1.0, float("nan"), float("inf")])
def test_a_number_that_is_none_is_not_added(number: float) -> None:
    metrics = Metrics()
    metrics.counter("cost_usd_total", "model").add(("m",), number)
    metrics.histogram("call_duration_seconds", "service").observe(("s",), number)

    samples = scraped(metrics, "", prometheus)

    assert samples["doodlebound_cost_usd_total", (("model", "m"),)] == 0
    assert samples["doodlebound_call_duration_seconds_sum", (("service", "s"),)] == 0


def test_each_application_has_a_registry_of_its_own() -> None:
    one, other = registry_of(some_metrics()), registry_of(Metrics())

    assert exposed(one)[0] != exposed(other)[0]
    assert exposed(other)[0] == b""


def test_every_figure_of_the_catalogue_can_be_told_in_words() -> None:
    for figure in CATALOGUE:
        assert figure.says.endswith(".")
        assert figure.name.endswith("_seconds") or not figure.is_spread


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        (f"{OPENMETRICS},text/plain;version=0.0.4;q=0.5", "application/openmetrics-text; version=1.0.0"),
    ],
)
async def test_the_endpoint_answers_in_the_format_that_is_accepted(accept: str, content_type: str) -> None:
    from monitor.endpoint import build_app

    app: FastAPI = build_app(health=lambda: Health({}), is_ready=lambda: True, version="1", metrics=some_metrics())

    answer = await get(app, "/metrics", Accept=accept)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(content_type)
    assert answer.headers["cache-control"] == "no-store"
    assert "doodlebound_steps_total" in answer.text
