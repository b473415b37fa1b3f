"""What all tests share: no network but loopback, and loud skips for what a machine does not have."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
LOOPBACK = ("127.", "::1", "localhost")
IS_LIVE = bool(os.environ.get("LIVE"))
"""Whether the services themselves are to be tried."""

settings.register_profile("tests", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("tests")


def need(is_there: object, what: str) -> None:
    """Skip the test when this machine lacks something; in CI that is a failure."""
    if not is_there:
        if os.environ.get("CI"):
            pytest.fail(f"{what} is missing, and CI must have it")
        pytest.skip(f"{what} is missing")


@pytest.fixture
def program() -> Any:
    """Finds a program of the system, or skips."""

    def find(name: str) -> str:
        path = shutil.which(name)
        need(path, f"the program {name}")
        return str(path)

    return find


@pytest.fixture
def labelled_pairs() -> Path:
    """The labelled pictures beside the checkout, or a skip."""
    folder = SHARED / "data" / "pairs"
    need(folder.is_dir(), "the folder of labelled pictures")
    return folder


@pytest.fixture(autouse=True, scope="session")
def _no_credentials() -> Iterator[None]:
    """Whoever runs the tests may have keys of their own: no test sees them but those that try the services."""
    if IS_LIVE:
        yield
        return
    patch = pytest.MonkeyPatch()
    for name in os.environ:
        if name.upper().startswith(("OPENAI_", "QDRANT_", "GOOGLE_", "STORAGE_EMULATOR_", "DOODLEBOUND_")):
            patch.delenv(name)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves the machine, unless the services themselves are to be tried."""
    if IS_LIVE:
        yield
        return
    original = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test wanted to reach {address[0]}")
        original(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()
