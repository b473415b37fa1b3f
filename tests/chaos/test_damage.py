"""The journal damaged between two starts: noticed, named, kept aside; never a silent fresh start, never a traceback."""

from pathlib import Path

import pytest

from swarm.store.schema import SCHEMA
from tests.chaos.prepared import Prepared
from tests.chaos.stage import STORE, Stage
from tests.e2e.books import files

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def stage(prepared: Prepared, tmp_path: Path) -> Stage:
    """A run that stands before its last step, beside a finished book; its log has been taken into the file."""
    made = prepared.after("review", tmp_path)
    made.run("runs")
    return made


def _damaged(stage: Stage, at: float, change: bytes) -> None:
    data = bytearray(stage.journal.read_bytes())
    start = int(at * (len(data) - len(change)))
    data[start : start + len(change)] = change
    stage.journal.write_bytes(data)


@pytest.mark.parametrize("at", [0.2, 0.45, 0.6, 0.8, 0.97])
def test_flipped_bytes_are_named_and_the_run_goes_on_with_what_could_be_read(
    stage: Stage, unbroken: Path, at: float
) -> None:
    _damaged(stage, at, b"\xff" * 700)

    ended = stage.resume()

    assert "Traceback" not in ended.out + ended.err
    if ended.code == 2:  # the run itself could not be read
        assert "no run to resume" in ended.err
        ended = stage.make()
    assert ended.code == 0, ended
    said = [line for line in ended.err.splitlines() if "the journal was damaged" in line]
    aside = list(stage.store.glob("journal-damaged-1.db"))
    assert bool(said) == bool(aside)
    assert not said or "kept as" in said[0]
    assert (ended.book / "book.html").read_bytes() == (unbroken / "book.html").read_bytes()


@pytest.mark.parametrize("content", [b"", b"\0" * 20_000, b"garbage " * 3000], ids=["empty", "zeros", "garbage"])
def test_file_that_is_no_journal_is_kept_aside_and_said_so(stage: Stage, content: bytes) -> None:
    stage.journal.write_bytes(content)

    ended = stage.make()

    assert ended.code == 0, ended
    assert "the journal was damaged" in ended.err
    assert (stage.store / "journal-damaged-1.db").read_bytes() == content


def test_journal_of_a_newer_version_is_refused_and_nothing_is_touched(stage: Stage) -> None:
    book = stage.make("--title", "Done")
    assert book.code == 0
    stage.run("runs")
    data = bytearray(stage.journal.read_bytes())
    data[60:64] = (SCHEMA + 1).to_bytes(4, "big")  # user_version in the header of the file
    stage.journal.write_bytes(data)
    before = files(book.book)

    for words in (("resume",), ("runs",), ("make", "--quiet", str(stage.source))):
        ended = stage.run(*words)
        assert ended.code == 2, ended
        assert "newer version" in ended.complaint

    assert stage.journal.read_bytes() == bytes(data)
    assert files(book.book) == before
    assert sorted(path.name for path in stage.store.iterdir() if path.name.startswith("journal-damaged")) == []
    assert STORE in {path.name for path in stage.out.iterdir()}
