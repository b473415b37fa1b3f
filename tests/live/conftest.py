"""Nothing here runs unless `make live` says so; what it needs stands in the environment."""

import os
from pathlib import Path

import pytest

from tests.conftest import IS_LIVE
from tests.e2e.sources import make_source

collect_ignore_glob = [] if IS_LIVE else ["test_*.py"]


def named(variable: str) -> str:
    """The value of a variable, or a skip that says what it is for."""
    value = os.environ.get(variable, "")
    if not value:
        pytest.skip(f"{variable} is not set: see `What was not tried` in the README")
    return value


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is made lies in the test's own folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three drawings with two renderings each."""
    return make_source(tmp_path / "source")
