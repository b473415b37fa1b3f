"""The house: imports point one way, and each rule is seen to fail on a planted breach."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("wiring", "swarm", "registry", "monitor", "agents")
SUBPACKAGES = ("book", "craft", "services", "press")
HEAVY = {"google": "agents/services", "openai": "agents/services", "qdrant_client": "agents/services"}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(root: Path) -> list[Path]:
    return [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]


def breaches(root: Path) -> list[str]:
    """What the layers of import-linter cannot say."""
    roles = {path.stem for path in (root / "agents").glob("*.py")} - {"__init__"}
    found = []
    for path in _files(root):
        place = path.relative_to(root).as_posix()
        for name in set(_imports(path)):
            parts = name.split(".")
            if parts[0] == "main":
                found.append(f"{place} imports main")
            is_shared = place.startswith(tuple(f"agents/{name}/" for name in SUBPACKAGES))
            if is_shared and parts[0] == "agents" and len(parts) > 1 and parts[1] in roles - set(SUBPACKAGES):
                found.append(f"{place} imports the agent {parts[1]}")
            if parts[0] in HEAVY and not place.startswith(HEAVY[parts[0]]):
                found.append(f"{place} imports {parts[0]}")
            if parts[0] == "loguru" and place.startswith("swarm/"):
                found.append(f"{place} imports loguru")
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([script, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)


def test_imports_of_the_house_point_one_way() -> None:
    assert breaches(ROOT) == []


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("swarm/plan.py", "import registry", "agents, registry and monitor know the kernel"),
        ("registry/policy.py", "import monitor", "agents, registry and monitor know the kernel"),
        ("monitor/health.py", "import agents.book", "agents, registry and monitor know the kernel"),
        ("monitor/health.py", "import wiring", "agents, registry and monitor know the kernel"),
        ("agents/pair.py", "import registry", "agents, registry and monitor know the kernel"),
        ("agents/book/story.py", "import agents.craft.grid", "Inside agents"),
        ("agents/craft/grid.py", "import agents.services.ports", "Inside agents"),
        ("agents/services/folder.py", "import agents.press.pdf", "Inside agents"),
        ("agents/pair.py", "import agents.write", "No agent imports another"),
    ],
)
def test_layers_fail_on_a_planted_breach(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / file
    path.write_text(path.read_text("utf-8") + f"\n{line}\n", "utf-8")

    checked = lint(copy)

    assert checked.returncode == 1
    assert f"{contract}" in checked.stdout
    assert "BROKEN" in checked.stdout


@pytest.mark.parametrize(
    ("file", "line", "breach"),
    [
        ("swarm/plan.py", "import main", "swarm/plan.py imports main"),
        ("agents/craft/grid.py", "from agents import pair", "agents/craft/grid.py imports the agent pair"),
        ("agents/bind.py", "import openai", "agents/bind.py imports openai"),
        ("swarm/journal.py", "from loguru import logger", "swarm/journal.py imports loguru"),
    ],
)
def test_own_rules_fail_on_a_planted_breach(copy: Path, file: str, line: str, breach: str) -> None:
    path = copy / file
    path.write_text(path.read_text("utf-8") + f"\n{line}\n", "utf-8")

    assert breach in breaches(copy)


def test_only_the_monitor_configures_sinks() -> None:
    for path in _files(ROOT):
        if path.relative_to(ROOT).parts[0] != "monitor":
            text = path.read_text("utf-8")
            assert "logger.add(" not in text, path
            assert "logger.configure(" not in text, path
