import os
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.sources import make_source


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from outside, and what is made lies in the test's own folder."""
    for name in os.environ:
        if name.startswith("DOODLEBOUND_") or name == "SOURCE_DATE_EPOCH":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three drawings with two renderings each."""
    return make_source(tmp_path / "source")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where books go if nothing else is said."""
    return tmp_path / "books"


@pytest.fixture
def common_user(program: Any) -> list[str]:
    """What to put before a command so that the permissions of files hold for it, also where tests run as root."""
    if os.geteuid() != 0:
        return []
    return [program("setpriv"), "--bounding-set=-dac_override,-dac_read_search"]
