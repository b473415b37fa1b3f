"""Putting a finished book into its place, move by move."""

import json
from pathlib import Path

import pytest

from agents.services.errors import OutputError, PublishError
from agents.services.publishing import OutFolder

SOURCE = "0123456789abcdef"


@pytest.fixture
def out(tmp_path: Path) -> OutFolder:
    folder = OutFolder(tmp_path / "books")
    folder.prepare(source=None, source_bytes=0)
    return folder


def _made(out: OutFolder, run: str, *, source_id: str = SOURCE, text: str = "") -> Path:
    made = out.work(run) / "book"
    made.mkdir(parents=True)
    (made / "report.json").write_text(json.dumps({"source_id": source_id}))
    (made / "book.html").write_text(text or run)
    return made


def _text(book: Path) -> str:
    return (book / "book.html").read_text()


def test_a_book_is_moved_to_its_place(out: OutFolder) -> None:
    made = _made(out, "one")

    book = out.publish(made, "tale", SOURCE)

    assert book == out.root / "tale"
    assert _text(book) == "one"
    assert not made.exists()


def test_a_new_edition_replaces_the_old_one_and_leaves_nothing_behind(out: OutFolder) -> None:
    out.publish(_made(out, "one"), "tale", SOURCE)
    made = _made(out, "two")

    book = out.publish(made, "tale", SOURCE)

    assert _text(book) == "two"
    made.parent.rmdir()
    assert sorted(path.name for path in out.work("").iterdir()) == ["one"]


def test_books_of_other_sources_stand_side_by_side(out: OutFolder) -> None:
    places = [out.publish(_made(out, f"run-{source}", source_id=source), "tale", source) for source in "abc"]

    again = out.publish(_made(out, "again", source_id="b"), "tale", "b")

    assert [place.name for place in places] == ["tale", "tale-2", "tale-3"]
    assert again.name == "tale-2"
    assert _text(again) == "again"


def test_the_old_edition_is_in_its_place_after_the_next_start_when_a_move_fails(
    out: OutFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    out.publish(_made(out, "one"), "tale", SOURCE)
    made = _made(out, "two")
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path == made:
            raise OSError(28, "No space left on device")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", failing)
        with pytest.raises(PublishError, match="No space left on device; make room there and run again"):
            out.publish(made, "tale", SOURCE)
    (made / "book.html").unlink()
    (made / "report.json").unlink()
    made.rmdir()
    out.recover(is_held=lambda _run: False)

    assert _text(out.root / "tale") == "one"


def test_a_folder_is_refused_when_room_is_short_by_the_size_of_the_source(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="make room, or name another with --out"):
        OutFolder(tmp_path).prepare(source=None, source_bytes=2**60)


def test_a_folder_around_the_source_is_fine(tmp_path: Path) -> None:
    source = tmp_path / "pictures"
    source.mkdir()

    OutFolder(tmp_path).prepare(source=source, source_bytes=0)

    assert (tmp_path / ".doodlebound" / "work").is_dir()
