"""A new agent from the template."""

import sys
from pathlib import Path

import pytest

from agents.services.errors import SettingsError
from agents.services.scaffold import write_agent
from registry import discover


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "agents" / "book").mkdir(parents=True)
    (tmp_path / "agents" / "pair.py").touch()
    return tmp_path


@pytest.mark.parametrize("name", ["mascot", "a", "step", "agent", "match", "x_2", "n" * 40])
def test_a_new_agent_is_a_valid_declaration_of_its_role(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    agent, test = write_agent(checkout, name)

    assert (agent, test) == (
        checkout / "agents" / f"{name}.py",
        checkout / "tests" / "agents" / f"test_{name}.py",
    )
    room = checkout / "lone_agents"
    room.mkdir()
    agent.rename(room / agent.name)
    monkeypatch.syspath_prepend(checkout)
    (spec,) = discover(room.name)
    for module in [module for module in sys.modules if module.startswith(room.name)]:
        monkeypatch.delitem(sys.modules, module)
    assert (spec.role, spec.scope, spec.before, spec.needs) == (name, "page", "bind", ("write",))


@pytest.mark.parametrize(
    "name", ["", "Mascot", "2d", "a-b", "a b", "class", "_x", "../x", "a.b", "ä", "n" * 41, "a\n", "None", "mascot.py"]
)
def test_a_name_is_refused_when_it_cannot_be_a_role(checkout: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=r"cannot be the name of an agent.*mascot"):
        write_agent(checkout, name)

    assert not (checkout / "tests").exists()


@pytest.mark.parametrize("name", ["pair", "book"])
def test_a_name_is_refused_when_it_is_taken(checkout: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="is there already: choose another name"):
        write_agent(checkout, name)


def test_an_agent_is_refused_when_its_test_is_there_already(checkout: Path) -> None:
    (checkout / "tests" / "agents").mkdir(parents=True)
    (checkout / "tests" / "agents" / "test_mascot.py").touch()

    with pytest.raises(SettingsError, match=r"test_mascot\.py is there already"):
        write_agent(checkout, "mascot")

    assert not (checkout / "agents" / "mascot.py").exists()


def test_an_agent_is_refused_outside_a_checkout(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="in a checkout"):
        write_agent(tmp_path, "mascot")
