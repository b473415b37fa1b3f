"""The documents say all that there is: commands, flags, exit codes, agents, endpoints, figures."""

import argparse
import re
from collections.abc import Iterator

import pytest

import main
from monitor import Health, WorkflowMonitor
from monitor.endpoint import build_app
from monitor.page.pages import add_page
from registry import discover
from tests.conftest import ROOT
from tests.monitor.page.windows import empty_window

README = (ROOT / "README.md").read_text("utf-8")


def _commands() -> dict[str, argparse.ArgumentParser]:
    parser = main._parser()
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(commands.choices)


def _flags() -> Iterator[str]:
    for command in _commands().values():
        for action in command._actions:
            yield from (option for option in action.option_strings if option.startswith("--"))


@pytest.mark.parametrize("name", sorted(set(_commands()) - {"sample"}))
def test_readme_names_every_command(name: str) -> None:
    assert f"python main.py {name}" in README


@pytest.mark.parametrize("flag", sorted(set(_flags()) - {"--help"}))
def test_readme_names_every_flag(flag: str) -> None:
    assert f"`{flag}" in README or f"[{flag}]" in README or f" {flag} " in README


@pytest.mark.parametrize(
    "code", [main.OK, main.FAILED, main.BAD_INPUT, main.PARTIAL, main.AT_CAP, main.INTERRUPTED, main.TERMINATED]
)
def test_readme_names_every_exit_code(code: int) -> None:
    assert re.search(rf"^\| [\d, ]*\b{code}\b", README, re.MULTILINE)


@pytest.mark.parametrize("role", [spec.role for spec in discover("agents")])
def test_readme_names_every_agent(role: str) -> None:
    assert f"| `{role}` |" in README


def test_readme_names_every_endpoint() -> None:
    app = build_app(health=lambda: Health({}), is_ready=lambda: True, version="0")
    add_page(app, empty_window(), WorkflowMonitor(), health=lambda: Health({}))

    paths = {path for route in app.routes if (path := getattr(route, "path", "").replace(":path}", "}"))}

    assert paths
    assert [path for path in paths if f"`{path}`" not in README and f"`POST {path}`" not in README] == []


def test_readme_names_every_figure_of_the_swarm() -> None:
    names = WorkflowMonitor().metrics.families

    assert names
    assert all(f"`{name}`" in README for name in names)


def test_links_of_the_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]

    targets = [(path, link) for path in documents for link in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8"))]

    assert [(str(path), link) for path, link in targets if not (path.parent / link).exists()] == []
