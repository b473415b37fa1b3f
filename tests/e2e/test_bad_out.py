"""Output folders that cannot take a book, and books that stand where a new one is to go."""

import json
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.books import assert_matches_manifest, files, record
from tests.e2e.running import make_book, run_child
from tests.e2e.sources import make_source


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_an_output_folder_is_refused_when_it_is_a_file(source: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")

    for name in ("taken", "taken/below"):
        ended = make_book(source, "--out", name)

        assert ended.code == 2
        assert f"the output folder {name} cannot be written" in ended.complaint
        assert "--out" in ended.complaint
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.parametrize("name", ["source", "source/books", "source/outputs", "link/books"])
def test_an_output_folder_is_refused_when_it_lies_inside_the_source(source: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "link").symlink_to(source)
    before = files(source)

    ended = make_book(source, "--out", name)

    assert ended.code == 2
    assert "lies inside the source" in ended.complaint
    assert files(source) == before


def test_an_output_folder_is_refused_when_it_cannot_be_written(
    source: Path, tmp_path: Path, common_user: list[str]
) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)

    ended = run_child("make", "--quiet", "--out=closed", source, cwd=tmp_path, before=common_user)

    assert ended.code == 2
    assert "closed cannot be written: Permission denied" in ended.complaint


def test_an_output_folder_is_refused_when_it_has_no_room(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(2**40, 2**40 - 2**20, 2**20))

    ended = make_book(source)

    assert ended.code == 2
    assert "has 1 MiB of room" in ended.complaint
    assert "make room, or name another with --out" in ended.complaint


@contextmanager
def _small_files(size_bytes: int) -> Iterator[None]:
    """No file grows larger than this: what a disk without room does, at a place of our choice."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size_bytes", [3_000, 9_000, 100_000])
def test_a_run_fails_and_leaves_no_book_when_room_runs_out_later(source: Path, out: Path, size_bytes: int) -> None:
    with _small_files(size_bytes):
        ended = make_book(source)

    assert ended.code == 1
    assert "resume the run" in ended.complaint
    assert ended.status["status"] == "failed"
    assert [path.name for path in out.iterdir()] == [".doodlebound"]


def test_a_new_edition_takes_the_place_of_the_old_one(source: Path, out: Path) -> None:
    first = make_book(source, "--title", "Same")
    (out / "same" / "stray.txt").write_text("of the old one")

    second = make_book(source, "--title", "Same", "--author", "Mia")

    assert first.book == second.book == Path("books/same")
    assert record(second.book)["author"] == "Mia"
    assert_matches_manifest(second.book)
    assert sorted(path.name for path in out.iterdir()) == [".doodlebound", "same"]
    assert not list((out / ".doodlebound" / "work").iterdir())


def test_a_book_of_another_source_keeps_its_place(source: Path, tmp_path: Path, out: Path) -> None:
    other = make_source(tmp_path / "other", names=["a", "b"], renderings=1)
    make_book(source, "--title", "Same")
    before = files(out / "same")

    assert make_book(other, "--title", "Same").book == Path("books/same-2")
    assert make_book(other, "--title", "Same", "--seed", "1").book == Path("books/same-2")
    assert files(out / "same") == before


@pytest.mark.parametrize("kind", ["folder", "file", "nonsense", "list", "dangling link"])
def test_what_is_no_book_of_ours_keeps_its_place(source: Path, out: Path, kind: str) -> None:
    out.mkdir()
    place = out / "same"
    match kind:
        case "file":
            place.write_text("mine")
        case "dangling link":
            place.symlink_to("nowhere")
        case _:
            place.mkdir()
            (place / "photo.txt").write_text("mine")
    if kind in ("nonsense", "list"):
        (place / "report.json").write_text("{" if kind == "nonsense" else "[1]")
    before = os.lstat(place).st_ino

    ended = make_book(source, "--title", "Same")

    assert ended.book == Path("books/same-2")
    assert os.lstat(place).st_ino == before
    assert kind in ("file", "dangling link") or (place / "photo.txt").read_text() == "mine"


@pytest.fixture(scope="module")
def two_editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of books with one edition in its place, called `same`, and a second beside it, called `next`."""
    root = tmp_path_factory.mktemp("editions")
    source = make_source(root / "source", names=["a", "b"], renderings=1)
    for title in ("Next", "Same"):
        ended = make_book(source, "--title", title, "--out", root / "books")
        assert ended.code == 0
    return root / "books"


def _killed(books: Path, moves: int) -> None:
    """Lay the books as a process leaves them that is killed after so many of a replacement's moves."""
    work = books / ".doodlebound" / "work"
    made, target, aside = work / "run" / "book", books / "same", work / "old-run-same"
    made.parent.mkdir()
    (books / "next").rename(made)
    paths = {"made": made, "target": target, "aside": aside}
    intent = {name: str(path.relative_to(books)) for name, path in paths.items()}
    (work / "intent-run.json").write_text(json.dumps(intent))
    for source, goal in ((target, aside), (made, target))[:moves]:
        source.rename(goal)


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_a_replacement_is_finished_at_the_next_start_when_it_was_killed(
    two_editions: Path, source: Path, tmp_path: Path, moves: int
) -> None:
    books = tmp_path / "books"
    shutil.copytree(two_editions, books)
    _killed(books, moves)

    make_book(source, "--out", books, "--title", "Other")

    assert record(books / "same")["title"] == "Next"
    assert_matches_manifest(books / "same")
    assert sorted(path.name for path in books.iterdir()) == [".doodlebound", "other", "same"]
    assert not [path for path in (books / ".doodlebound" / "work").iterdir() if path.name != "run"]


def test_the_old_edition_comes_back_when_the_new_one_is_lost(two_editions: Path, source: Path, tmp_path: Path) -> None:
    books = tmp_path / "books"
    shutil.copytree(two_editions, books)
    _killed(books, 1)
    shutil.rmtree(books / ".doodlebound" / "work" / "run")

    make_book(source, "--out", books, "--title", "Other")

    assert record(books / "same")["title"] == "Same"
    assert_matches_manifest(books / "same")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"made": 1, "target": 2, "aside": 3}'])
def test_a_start_is_refused_when_an_intent_cannot_be_read(source: Path, out: Path, content: str) -> None:
    work = out / ".doodlebound" / "work"
    work.mkdir(parents=True)
    (work / "intent-run.json").write_text(content)

    ended = make_book(source)

    assert ended.code == 2
    assert "intent-run.json" in ended.complaint
