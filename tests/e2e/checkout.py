"""A copy of the project that a test may change: the agents of a checkout are whatever lies in its folder."""

import shutil
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.e2e.running import Ended, environment, run_child

PARTS = (
    *("wiring", "swarm", "registry", "monitor", "agents", "main.py", "pyproject.toml"),
    *("tests/agents", "tests/__init__.py"),
)


class Checkout:
    """A copy of the project that may be changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for part in PARTS:
            source, target = ROOT / part, root / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, target)

    def run(self, *words: str | Path) -> Ended:
        """Run its command line."""
        return run_child(*words, cwd=self.root, program=(sys.executable, self.root / "main.py"), env=environment())

    def make(self, source: Path, *words: str) -> Ended:
        """Make a book with it."""
        return self.run("make", "--json", "--quiet", *words, source)
