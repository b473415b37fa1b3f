"""A new agent is one new file; a broken one costs the book nothing but its own result."""

import sys
from pathlib import Path

import pytest

from tests.e2e.books import files, record
from tests.e2e.checkout import Checkout
from tests.e2e.running import Ended, run_child
from tests.e2e.sources import make_source

BROKEN = {
    "raises": "raise RuntimeError('it broke')",
    "hangs": "await asyncio.sleep(3600)",
    "lies": "return 5",
    "leaves": "sys.exit('away')",
    "gives_up": "raise asyncio.CancelledError",
    "refuses": "raise StepError('not today')",
}
TEMPLATE = '''"""An agent that does not work."""

import asyncio
import sys
import time

from agents.book.story import PageBrief
from swarm import Step, StepError, agent


@agent(scope="page", before="bind", deadline_s=0.3)
async def {role}(step: Step, *, brief: PageBrief) -> str:
    """Does not work."""
    {body}
'''


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_source(tmp_path_factory.mktemp("pictures") / "source", names=["fish", "sun"])


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with the new agent `mascot`."""
    checkout = Checkout(tmp_path_factory.mktemp("grown"))
    ended = checkout.run("new-agent", "mascot")
    assert ended.code == 0, ended.err
    assert "agents/mascot.py" in ended.out
    assert "tests/agents/test_mascot.py" in ended.out
    return checkout


@pytest.mark.parametrize("words", [["plan"], ["plan", "--dot"], ["agents"]])
def test_a_new_agent_is_shown_with_no_other_edit(grown: Checkout, words: list[str]) -> None:
    ended = grown.run(*words)

    assert ended.code == 0, ended.err
    assert "mascot" in ended.out


def test_a_new_agent_says_its_word_on_every_page(grown: Checkout, pictures: Path) -> None:
    ended = grown.make(pictures, "--formats=html")

    assert ended.code == 0, ended.err
    pages = record(grown.root / ended.book)["pages"]
    assert len(pages) == 2
    assert all(page["extras"]["mascot"].startswith("Mascot waves at ") for page in pages)


def test_the_test_of_a_new_agent_passes(grown: Checkout) -> None:
    ended = run_child(
        *("-q", "--rootdir=.", "-p", "no:cacheprovider", "tests/agents/test_mascot.py"),
        cwd=grown.root,
        program=(sys.executable, "-m", "pytest"),
    )

    assert ended.code == 0, ended.out
    assert "1 passed" in ended.out


def test_a_new_agent_is_refused_when_its_name_is_taken(grown: Checkout) -> None:
    before = (grown.root / "agents" / "mascot.py").read_text()

    ended = grown.run("new-agent", "mascot")

    assert ended.code == 2
    assert "agents/mascot.py is there already" in ended.complaint
    assert (grown.root / "agents" / "mascot.py").read_text() == before


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> tuple[Ended, Path, Path]:
    """How the run with all broken agents ended, its book, and the book made without them."""
    checkout = Checkout(tmp_path_factory.mktemp("broken"))
    sound = checkout.make(pictures, "--out=sound")
    assert sound.code == 0, sound.err
    for role, body in BROKEN.items():
        (checkout.root / "agents" / f"{role}.py").write_text(TEMPLATE.format(role=role, body=body))
    ended = checkout.make(pictures, "--out=broken")
    assert ended.code == 0, ended.err
    return ended, checkout.root / ended.book, checkout.root / sound.book


def test_broken_agents_cost_the_book_nothing(books: tuple[Ended, Path, Path]) -> None:
    ended, broken, sound = books

    assert ended.status["status"] == "complete"
    assert record(broken)["pages"] == record(sound)["pages"]
    one, other = _without_id(broken), _without_id(sound)
    assert one.keys() == other.keys()
    changed = {path for path in one if one[path] != other[path]}
    assert changed <= {"book.pdf", "book.epub", "manifest.json", "report.json", "run.log.jsonl"}


def _without_id(book: Path) -> dict[str, bytes]:
    """The files of a book with its id taken out, which other code changes; a PDF is packed and keeps it."""
    book_id = record(book)["book_id"].encode()
    return {path: data.replace(book_id, b"") for path, data in files(book).items()}


def test_broken_agents_give_no_result_and_are_told_of(books: tuple[Ended, Path, Path]) -> None:
    _, broken, _ = books
    report = (broken / "report.json").read_text("utf-8")

    assert all(page["extras"] == {} for page in record(broken)["pages"])
    assert all(role in report for role in BROKEN)
    assert "it broke" in report
    assert "not today" in report


@pytest.fixture(scope="module")
def spare(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose `agents/odd.py` each test writes anew."""
    return Checkout(tmp_path_factory.mktemp("spare"))


def test_an_agent_that_leaves_its_threads_hanging_costs_the_book_nothing(spare: Checkout, pictures: Path) -> None:
    body = "await step.run_blocking(time.sleep, 30)"
    (spare.root / "agents" / "odd.py").write_text(TEMPLATE.format(role="odd", body=body))

    ended = spare.make(pictures, "--formats=html", "--out=kept")

    assert ended.code == 0, ended.err


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nowhere_to_be_found", ("agents/odd.py cannot be loaded", "ModuleNotFoundError")),
        ("raise SystemExit(0)", ("agents/odd.py cannot be loaded", "SystemExit")),
        ("def", ("agents/odd.py cannot be loaded", "SyntaxError")),
        ("x = 1", ("agents/odd.py declares 0 agents",)),
        (TEMPLATE.format(role="even", body="return ''"), ("agents/odd.py declares the role even",)),
        (TEMPLATE.format(role="odd", body="return ''").replace('"bind"', '"nobody"'), ("odd", "nobody")),
    ],
)
def test_a_file_that_is_no_agent_is_named_in_one_sentence(
    spare: Checkout, pictures: Path, code: str, said: tuple[str, ...]
) -> None:
    (spare.root / "agents" / "odd.py").write_text(code)

    ended = spare.make(pictures)

    assert ended.code == 2
    assert all(part in ended.complaint for part in said), ended.complaint
    assert {path.name for path in (spare.root / "books").glob("*")} <= {".doodlebound"}
