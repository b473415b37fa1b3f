"""Which files of an output folder may be had."""

import json
import os
from pathlib import Path

import pytest

from wiring.documents import listed_files, opened_document


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A finished book, with files beside it that nobody is to have."""
    root = tmp_path / "books"
    book = root / "tale"
    (book / "assets").mkdir(parents=True)
    for path, data in {"book.html": b"<p>tale", "assets/fox.jpg": b"jpeg", "report.html": b"<p>report"}.items():
        (book / path).write_bytes(data)
    (book / "run.log.jsonl").write_bytes(b"private")
    (root / "other.txt").write_bytes(b"private")
    (tmp_path / "secret.txt").write_bytes(b"private")
    write_manifest(book, "book.html", "assets/fox.jpg")
    return root


def write_manifest(book: Path, *paths: str) -> None:
    files = {path: {"sha256": "", "bytes": (book / path).stat().st_size} for path in paths}
    (book / "manifest.json").write_text(json.dumps({"schema": 1, "files": files}))


def read(root: Path, folder: str, path: str) -> bytes | None:
    document = opened_document(root, folder, path)
    if document is None:
        return None
    with os.fdopen(document.descriptor, "rb") as file:
        return file.read()


def test_what_the_manifest_lists_can_be_had_and_the_report(root: Path) -> None:
    assert read(root, "tale", "book.html") == b"<p>tale"
    assert read(root, "tale", "assets/fox.jpg") == b"jpeg"
    assert read(root, "tale", "report.html") == b"<p>report"
    assert listed_files(root, "tale") == {"book.html", "assets/fox.jpg"}


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        ("tale", "run.log.jsonl"),
        ("tale", "none.html"),
        ("tale", "../other.txt"),
        ("tale", "../../secret.txt"),
        ("tale", "assets/../book.html"),
        ("tale", "assets//fox.jpg"),
        ("tale", "/etc/passwd"),
        ("tale", "assets"),
        ("tale", ""),
        ("tale", "book.html\0"),
        ("..", "secret.txt"),
        (".", "other.txt"),
        ("", "other.txt"),
        ("tale/..", "other.txt"),
        ("none", "book.html"),
    ],
)
def test_nothing_else_can_be_had(root: Path, folder: str, path: str) -> None:
    assert read(root, folder, path) is None


@pytest.mark.parametrize("path", ["../../secret.txt", "../other.txt", "/etc/passwd", "assets/../book.html"])
def test_a_manifest_cannot_open_the_way_to_other_folders(root: Path, path: str) -> None:
    manifest = {"schema": 1, "files": {path: {"bytes": 7}, "book.html": {"bytes": 7}}}
    (root / "tale" / "manifest.json").write_text(json.dumps(manifest))

    assert read(root, "tale", path) is None
    assert read(root, "tale", "book.html") == b"<p>tale"


def test_links_are_not_followed_wherever_they_stand(root: Path) -> None:
    book = root / "tale"
    (book / "link.html").symlink_to(root.parent / "secret.txt")
    (book / "away").symlink_to(root.parent)
    write_manifest(book, "link.html", "away/secret.txt")
    (root / "twin").symlink_to(book)

    assert read(root, "tale", "link.html") is None
    assert read(root, "tale", "away/secret.txt") is None
    assert read(root, "twin", "link.html") is None


def test_what_is_no_file_is_not_had_and_holds_nobody_up(root: Path) -> None:
    os.mkfifo(root / "tale" / "pipe.html")
    write_manifest(root / "tale", "pipe.html", "assets")

    assert read(root, "tale", "pipe.html") is None
    assert read(root, "tale", "assets") is None


def test_a_file_that_is_not_as_long_as_it_was_is_not_had(root: Path) -> None:
    (root / "tale" / "book.html").write_bytes(b"another tale")

    assert read(root, "tale", "book.html") is None


@pytest.mark.parametrize("manifest", ["", "{}", "[]", '{"files": 3}', '{"files": {"a": {}}}', '{"files": {"a": 1}}'])
def test_a_folder_whose_manifest_says_nothing_has_no_files(root: Path, manifest: str) -> None:
    (root / "tale" / "manifest.json").write_text(manifest)

    assert read(root, "tale", "book.html") is None
    assert listed_files(root, "tale") == frozenset()


def test_no_descriptor_is_left_open(root: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in ("book.html", "none", "assets", "../other.txt", "assets/fox.jpg"):
        read(root, "tale", path)

    assert len(list(Path("/proc/self/fd").iterdir())) == before
