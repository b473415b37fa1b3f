import os
import shutil

import pytest

from agents.press.album import Album
from agents.press.pdf import make_pdf
from tests.agents.volumes import Shelf


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(scope="session")
def pdf(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_pdf(shelf.book(2, more=2), Album(shelf.read), tmp_path_factory.mktemp("press"))


@pytest.fixture
def pdftotext() -> str:
    """The command that reads a PDF's text; its absence skips, but not where everything has to be there."""
    found = shutil.which("pdftotext")
    if not found:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("pdftotext is not installed")
    return found
