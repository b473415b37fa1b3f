"""A new agent from a template: its file and its test, ready to run."""

import keyword
import re
from pathlib import Path

from agents.services.errors import SettingsError

_AGENT = '''"""{title}: says something small about each page, for its `extras` in book.json."""

from agents.book.story import PageBrief, PageText
from swarm import Step, agent


@agent(scope="page", needs=("write",), before="bind")
async def {role}(step: Step, *, brief: PageBrief, write: PageText) -> str:
    """Greets the hero of the page."""
    return f"{title} waves at {{brief.hero.name}}, {{write.words}} words long."
'''

_TEST = '''"""The {role} agent."""

from agents.{role} import {role}


def test_{role}_runs_once_a_page_before_the_book_is_bound() -> None:
    assert ({role}.scope, {role}.before) == ("page", "bind")
'''


def write_agent(root: Path, name: str) -> tuple[Path, Path]:
    """Write `agents/NAME.py` and its test below `root`, and give their paths.

    Raises SettingsError when the name cannot be a role, is taken, or `root` is no checkout.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or keyword.iskeyword(name):
        raise SettingsError(
            f"{name[:60]!r} cannot be the name of an agent: use small letters, digits and _, as in mascot"
        )
    if not (root / "pyproject.toml").is_file():
        raise SettingsError("new agents are written in a checkout of the project: go there and run it again")
    files = root / "agents" / f"{name}.py", root / "tests" / "agents" / f"test_{name}.py"
    for path in (*files, root / "agents" / name):
        if path.exists():
            raise SettingsError(f"{path.relative_to(root)} is there already: choose another name")
    for path, template in zip(files, (_AGENT, _TEST), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(template.format(role=name, title=name.replace("_", " ").capitalize()), "utf-8")
    return files
