"""What the page is told of an output folder."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.services.publishing import OutFolder
from monitor import MonitorError
from tests.e2e.running import make_book
from tests.e2e.sources import drawing, make_source
from wiring.library import OutLibrary
from wiring.plan import LABELS, plan
from wiring.runlog import log_lines


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with a torn picture, a drawing that nothing was made of, and two drawings that are nearly one."""
    root = tmp_path_factory.mktemp("library")
    source = make_source(root / "source", names=("fish", "house", "sun"))
    for number, rendering in enumerate(sorted((source / "outputs").iterdir())):
        rendering.rename(rendering.with_name(f"IMG_{1000 + number}.png"))
    (source / "inputs" / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    drawing(99).save(source / "inputs" / "alone.png")
    twin = drawing(0)
    twin.putpixel((3, 3), (90, 90, 90))
    twin.save(source / "inputs" / "house.png")
    for style in (1, 2):
        drawing(0, style + 2).save(source / "outputs" / f"IMG_{1001 + style}.png")
    patch = pytest.MonkeyPatch()
    patch.setenv("DOODLEBOUND_FLAG_BELOW", "1.0")
    ended = make_book(source, "--out", root / "books")
    patch.undo()
    assert ended.code == 3, ended.err
    return root / "books"


@pytest.fixture
def library(out: Path) -> Iterator[OutLibrary]:
    library = OutLibrary(OutFolder(out), plan(), LABELS)
    yield library
    library.close()


def test_a_run_is_told_whole(library: OutLibrary) -> None:
    (card,) = library.runs()
    sheet = library.run(card.run)
    assert sheet is not None

    assert (card.state, card.done, card.cost_usd) == ("partial", card.steps, 0.0)
    assert [link.name for link in card.links] == ["Read", "Report"]
    assert card.cover.endswith("/cover.jpg")
    assert "left out" in card.note
    assert {stage.role: stage.state for stage in sheet.stages if stage.steps} == {
        stage.role: "done" for stage in sheet.stages if stage.steps
    }
    assert "look" not in {stage.role for stage in sheet.stages}  # which this run had no use for
    assert [spread.number for spread in sheet.spreads] == list(range(1, len(sheet.spreads) + 1))
    assert {"inputs/torn.png", "inputs/alone.png"} <= {one.name for one in sheet.left_out}
    assert [mark.id for mark in sheet.marks] == sorted(mark.id for mark in sheet.marks)
    assert sheet.place == sheet.marks[-1].id


def test_doubtful_pairs_stand_beside_what_they_are_doubted_with(library: OutLibrary) -> None:
    (card,) = library.runs()
    sheet = library.run(card.run)
    assert sheet is not None

    assert sheet.doubts
    for doubt in sheet.doubts:
        assert 0 <= doubt.confidence < 1
        assert "likeness" in doubt.grounds
        for picture in (doubt.one, *doubt.others):
            jpeg = library.picture(card.run, picture.address.rpartition("/")[2])
            assert jpeg is not None
            assert jpeg.startswith(b"\xff\xd8")


def test_pages_are_drawn_with_their_pictures_and_words(library: OutLibrary) -> None:
    (card,) = library.runs()
    sheet = library.run(card.run)
    assert sheet is not None
    shapes = [shape for spread in sheet.spreads for side in spread.sheets for shape in side.shapes]

    images = [shape for shape in shapes if shape.kind == "image"]
    assert len(images) >= 6
    assert all(image.address.startswith(f"/runs/{card.run}/pictures/") and image.alt for image in images)
    assert all(0 <= image.x_mm < image.x_mm + image.width_mm <= 216 for image in images)
    assert any(len(shape.lines) > 3 for shape in shapes if shape.kind == "text")


def test_only_pictures_of_the_run_can_be_had(library: OutLibrary, out: Path) -> None:
    (card,) = library.runs()
    stored = {path.name for path in (out / ".doodlebound" / "blobs").glob("*/*")}
    had = {digest for digest in stored if library.picture(card.run, digest)}

    assert 0 < len(had) < len(stored)
    assert library.picture("another", next(iter(had))) is None
    assert library.picture(card.run, "0" * 64) is None


def test_documents_are_those_of_books_that_runs_have_made(library: OutLibrary, out: Path) -> None:
    (card,) = library.runs()
    place = card.cover.split("/")[2]
    stranger = out / "stranger"
    stranger.mkdir(exist_ok=True)
    (stranger / "book.html").write_text("<p>")
    (stranger / "manifest.json").write_text(json.dumps({"files": {"book.html": {"bytes": 3}}}))

    document = library.document(place, "book.html")
    assert document is not None

    os.close(document.descriptor)
    assert library.document("stranger", "book.html") is None
    assert library.document(place, "run.log.jsonl") is None


def test_the_log_of_a_run_is_told_by_level_and_role(library: OutLibrary) -> None:
    (card,) = library.runs()
    every, info = library.log(card.run, "DEBUG", "", 500), library.log(card.run, "INFO", "pair", 500)

    assert "run_started" in {line.event for line in every}
    assert {line.role for line in info} <= {"pair"}
    assert library.log(card.run, "ERROR", "", 500) == []
    assert library.log("another", "INFO", "", 9) == ()
    assert len(library.log(card.run, "DEBUG", "", 1)) == 1


def test_there_may_be_no_folder_yet(tmp_path: Path) -> None:
    library = OutLibrary(OutFolder(tmp_path / "none"), plan(), LABELS)

    assert library.runs() == ()
    assert library.run("x") is None
    assert library.picture("x", "0" * 64) is None
    assert library.document("x", "book.html") is None


def test_a_damaged_journal_is_a_sentence(tmp_path: Path) -> None:
    store = tmp_path / ".doodlebound"
    store.mkdir()
    (store / "journal.db").write_bytes(b"no journal " * 500)
    library = OutLibrary(OutFolder(tmp_path), plan(), LABELS)

    with pytest.raises(MonitorError, match="cannot be read"):
        library.runs()


def test_what_is_no_line_of_a_log_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "run.log.jsonl"
    good = {"time": "2026-01-01T00:00:00", "level": "INFO", "event": "x", "role": "read", "item": "\x1b[31m\u202e"}
    path.write_text("\n".join(["", "{", "[]", "3", '{"level": 3}', json.dumps(good), '{"level": "INFO"']))

    (line,) = log_lines(path, "INFO", "", 9)

    assert (line.event, line.role) == ("x", "read")
    assert "\x1b" not in line.told
    assert log_lines(tmp_path / "none", "INFO", "", 9) == []


def test_of_a_long_log_the_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "run.log.jsonl"
    with path.open("w") as file:
        for number in range(30_000):
            file.write(json.dumps({"time": "x", "level": "INFO", "event": "x", "number": number}) + "\n")

    lines = log_lines(path, "INFO", "", 3)

    assert [line.told for line in lines] == ["number 29997", "number 29998", "number 29999"]
