"""What docs/ops offers to those who run it elsewhere can be read by their tools, and names only what there is."""

import json
import re
from typing import Any

import pytest
import yaml

import main
from agents.book.settings import Settings
from monitor import Health
from monitor.catalogue import CATALOGUE, PREFIX
from monitor.endpoint import build_app
from tests.conftest import ROOT

OPS = ROOT / "docs" / "ops"
FILES = {path.name: path.read_text("utf-8") for path in OPS.iterdir()}
ALL = "\n".join(FILES.values())


def _documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all(FILES[name]))


def _labels() -> dict[str, set[str]]:
    """The labels of every series that is exposed, by its name."""
    found: dict[str, set[str]] = {}
    for figure in CATALOGUE:
        full, labels = f"{PREFIX}{figure.name}", set(figure.labels)
        if figure.is_spread:
            found |= {f"{full}_bucket": labels | {"le"}, f"{full}_count": labels, f"{full}_sum": labels}
            found[f"{full.removesuffix('_seconds')}_max_seconds"] = labels
        found[full] = labels
    return found


def _expressions() -> list[str]:
    rules = [rule["expr"] for group in _documents("alerts.yaml")[0]["groups"] for rule in group["rules"]]
    panels = [target["expr"] for panel in json.loads(FILES["dashboard.json"])["panels"] for target in panel["targets"]]
    return rules + panels


def test_every_metric_that_is_named_exists() -> None:
    named = set(re.findall(rf"\b{PREFIX}\w+", "\n".join((*_expressions(), FILES["README.md"]))))

    assert len(named) > 20
    assert named <= set(_labels())


def test_every_figure_of_the_catalogue_stands_in_the_dashboard_and_on_the_page() -> None:
    told = "\n".join(_expressions())

    for figure in CATALOGUE:
        assert f"{PREFIX}{figure.name}" in told, figure.name
        assert f"| `{PREFIX}{figure.name}` |" in FILES["README.md"], figure.name


@pytest.mark.parametrize("expression", _expressions())
def test_an_expression_uses_labels_that_its_metrics_have_and_is_closed(expression: str) -> None:
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)
    metrics = re.findall(rf"\b({PREFIX}\w+)(?:\{{([^}}]*)\}})?", expression)
    known = [_labels()[name] for name, _ in metrics]
    for (name, matchers), labels in zip(metrics, known, strict=True):
        assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)) <= labels, name
    grouped = {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(", ")}
    assert grouped <= set().union(*known)


def test_alert_rules_have_what_prometheus_wants_of_them() -> None:
    (document,) = _documents("alerts.yaml")

    rules = [rule for group in document["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 8
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
    assert {"up"} == {name for rule in rules for name in re.findall(r"\bup\b", rule["expr"])}


def test_the_dashboard_places_its_panels_side_by_side() -> None:
    panels = json.loads(FILES["dashboard.json"])["panels"]

    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def _containers() -> list[dict[str, Any]]:
    pods = [
        document["spec"]["template"]["spec"]
        for document in _documents("kubernetes.yaml")
        if "template" in document.get("spec", {})
    ]
    return [container for pod in pods for container in pod["containers"]]


def test_probes_of_the_manifest_ask_for_what_there_is() -> None:
    app = build_app(health=lambda: Health({}), is_ready=lambda: True, version="0")
    paths = {getattr(route, "path", "") for route in app.routes}

    server = _containers()[0]
    probes = {name: server[f"{name}Probe"]["httpGet"] for name in ("liveness", "readiness", "startup")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "liveness": "/livez",
        "readiness": "/readyz",
        "startup": "/livez",
    }
    assert {probe["path"] for probe in probes.values()} <= paths
    assert {probe["port"] for probe in probes.values()} == {server["ports"][0]["name"]}


def test_commands_of_the_container_are_ours() -> None:
    from_docker = json.loads(re.findall(r"^CMD (.*)$", FILES["Dockerfile"], re.MULTILINE)[0])

    for words in (from_docker, *(container["args"] for container in _containers())):
        assert main._parser().parse_args(words).run


def test_settings_that_are_named_exist() -> None:
    named = set(re.findall(r"\bDOODLEBOUND_(\w+)", ALL)) - {"MONITOR_TOKEN"}

    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_image_is_made_of_files_that_there_are_and_not_as_root() -> None:
    lines = [line.split() for line in FILES["Dockerfile"].splitlines()]

    copied = [word for line in lines if line[:1] == ["COPY"] for word in line[1:-1]]
    assert all((ROOT / word).exists() for word in copied)
    assert ["USER", "doodlebound"] in lines
    assert "--require-hashes" in FILES["Dockerfile"]
