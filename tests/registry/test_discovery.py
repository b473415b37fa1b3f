"""Discovery: what a file may be, and the sentence for each that is something else."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry import DiscoveryError, discover

GOOD = """
from swarm import Step, agent

@agent(scope="book")
async def {role}(step: Step) -> int:
    return 1
"""

Package = Callable[..., str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Makes a package of these files, by module name, and gives its name."""
    monkeypatch.syspath_prepend(tmp_path)
    name = "discovered"
    (tmp_path / name).mkdir()

    def make(**files: str) -> str:
        for module, text in {"__init__": "", **files}.items():
            path = tmp_path / name / f"{module.replace('__sub__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return name

    yield make
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]


def test_agents_are_found_in_the_order_of_their_names(package: Package) -> None:
    name = package(write=GOOD.format(role="write"), look=GOOD.format(role="look"), bind=GOOD.format(role="bind"))

    assert [spec.role for spec in discover(name)] == ["bind", "look", "write"]


def test_subpackages_and_private_files_are_passed_over(package: Package) -> None:
    name = package(look=GOOD.format(role="look"), _parts="1 / 0", craft__sub____init__="1 / 0")

    assert [spec.role for spec in discover(name)] == ["look"]


def test_nothing_is_found_when_the_package_is_empty(package: Package) -> None:
    assert discover(package()) == ()


FAULTS = {
    "no agent": ("x = 1", "discovered/look.py declares 0 agents: each file declares one, with @agent"),
    "two agents": (
        GOOD.format(role="look") + GOOD.format(role="peek"),
        "discovered/look.py declares 2 agents: each file declares one, with @agent",
    ),
    "another role": (
        GOOD.format(role="peek"),
        "discovered/look.py declares the role peek: the file is called as its role",
    ),
    "malformed": (
        GOOD.format(role="look").replace("async ", ""),
        "discovered/look.py: the handler of agent look is not an async function",
    ),
    "not importable": (
        "import no_such_module",
        "discovered/look.py cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'",
    ),
    "not Python": ("def", "discovered/look.py cannot be loaded: SyntaxError: invalid syntax (look.py, line 1)"),
    "raising": ("1 / 0", "discovered/look.py cannot be loaded: ZeroDivisionError: division by zero"),
}


@pytest.mark.parametrize(("text", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_file_is_refused_with_a_sentence_when_it_is(package: Package, text: str, sentence: str) -> None:
    name = package(look=text, write=GOOD.format(role="write"))

    with pytest.raises(DiscoveryError, match=f"^{re.escape(sentence)}$") as caught:
        discover(name)
    assert not caught.value.retryable


def test_package_must_be_there() -> None:
    with pytest.raises(ModuleNotFoundError):
        discover("no_such_package")
