"""Same source, settings, seed and code: the same bytes, wherever, whenever and however parallel."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.books import BESIDE, files, lasting, record
from tests.e2e.running import environment, make_book, run_child
from tests.e2e.sources import make_source

WORLDS = {
    "one": {"PYTHONHASHSEED": "0", "TZ": "UTC", "DOODLEBOUND_THREADS": "1", "DOODLEBOUND_IN_FLIGHT": "1"},
    "two": {
        "PYTHONHASHSEED": "12345",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "40",
        "DOODLEBOUND_THREADS": "4",
        "DOODLEBOUND_IN_FLIGHT": "64",
        "HOME": "/nowhere",
    },
}


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same book made in two processes that have nothing in common but source, settings and code."""
    made = []
    for world, variables in WORLDS.items():
        root = tmp_path_factory.mktemp(world)
        source = make_source(root / world / "pictures")
        (root / f"out-{world}").mkdir()
        out = root / f"out-{world}" / "shelf"
        ended = run_child("make", "--json", "--out", out, source, cwd=root, env=environment(**variables))
        assert ended.code == 0, ended.err
        made.append(ended.book)
    return made


def test_the_same_book_has_the_same_bytes_in_another_world(editions: list[Path]) -> None:
    one, two = (lasting(book) for book in editions)

    assert one.keys() == two.keys()
    assert {"book.html", "book.pdf", "cover.jpg", "book.json", "manifest.json"} < one.keys()
    assert [path for path in one if one[path] != two[path]] == []


def test_only_report_and_log_tell_when_a_book_was_made(editions: list[Path]) -> None:
    one, two = (files(book) for book in editions)

    assert {path for path in one if one[path] != two.get(path)} == {"report.json", "run.log.jsonl"}
    assert BESIDE & one.keys() == BESIDE & two.keys()


def test_a_second_edition_in_the_same_place_has_the_same_bytes(source: Path) -> None:
    first = lasting(make_book(source).book)

    assert lasting(make_book(source, "--out", "books").book) == first


def test_the_order_in_which_files_were_written_does_not_matter(source: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for path in sorted((path for path in source.rglob("*.png")), reverse=True):
        target = other / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)

    first = make_book(source, "--out", "first")
    second = make_book(other, "--out", "second")

    assert lasting(first.book) == lasting(second.book)


@pytest.mark.parametrize("change", [("--seed", "1"), ("--age", "3"), ("--author", "Mia")])
def test_another_setting_makes_another_book(source: Path, change: tuple[str, str]) -> None:
    first, second = make_book(source, "--out", "first"), make_book(source, "--out", "second", *change)

    assert record(first.book)["book_id"] != record(second.book)["book_id"]


def test_a_changed_picture_makes_another_book(source: Path) -> None:
    first = record(make_book(source, "--out", "first").book)["book_id"]
    (source / "outputs" / "sun-2.png").unlink()

    assert record(make_book(source, "--out", "second").book)["book_id"] != first
