"""Traces leave the machine only when a setting and the environment both say so; then they are those of the run."""

import json
from pathlib import Path

import pytest

from tests.e2e.running import environment, make_book, run_child
from tests.monitor.collector import attributes, collecting


def test_a_book_is_one_trace_whose_spans_are_its_steps(source: Path, tmp_path: Path) -> None:
    with collecting() as collector:
        env = environment(DOODLEBOUND_TRACES="true", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
        ended = run_child("make", "--json", "--formats", "html", source, cwd=tmp_path, env=env)

    assert ended.code == 0, ended.err
    report = json.loads((tmp_path / ended.book / "report.json").read_text("utf-8"))
    spans = collector.spans
    steps = [attributes(span)["gen_ai.agent.name"] for span in spans if span.name.startswith("invoke_agent ")]
    assert {role: steps.count(role) for role in steps} == {
        role: sum(n.values()) for role, n in report["steps_total"].items()
    }
    assert len({span.trace_id for span in spans}) == 1
    assert b"fish" not in b"".join(collector.bodies)


@pytest.mark.parametrize("setting", ["false", ""])
def test_nothing_is_sent_when_only_the_environment_asks_for_it(
    source: Path, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        if setting:
            monkeypatch.setenv("DOODLEBOUND_TRACES", setting)
        ended = make_book(source)

    assert ended.code == 0
    assert collector.bodies == []


def test_a_setting_without_an_endpoint_is_said_and_sends_nothing(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.setenv("DOODLEBOUND_TRACES", "true")

    ended = make_book(source)

    assert ended.code == 0
    assert "traces_have_no_endpoint" in (ended.book / "run.log.jsonl").read_text()


def test_a_collector_that_is_not_there_costs_the_book_nothing(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = make_book(source, "--out=plain")
    monkeypatch.setenv("DOODLEBOUND_TRACES", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("monitor.traces._FLUSH_S", 0.5)

    traced = make_book(source, "--out=traced")

    assert traced.code == 0
    assert (plain.book / "manifest.json").read_bytes() == (traced.book / "manifest.json").read_bytes()
