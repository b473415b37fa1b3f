"""What holds for every book folder, measured on its files."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

BESIDE = {"manifest.json", "report.json", "report.html", "run.log.jsonl", "book.toml"}
"""What may lie in a book's folder and is not listed in its manifest."""


def record(book: Path) -> dict[str, Any]:
    """What `book.json` says."""
    said: dict[str, Any] = json.loads((book / "book.json").read_text("utf-8"))
    return said


def files(book: Path) -> dict[str, bytes]:
    """All files of the folder by their paths."""
    return {path.relative_to(book).as_posix(): path.read_bytes() for path in book.rglob("*") if path.is_file()}


def lasting(book: Path) -> dict[str, bytes]:
    """The files that the same source, settings, seed and code give again."""
    return {path: data for path, data in files(book).items() if path not in BESIDE - {"manifest.json"}}


def assert_matches_manifest(book: Path) -> None:
    """The manifest lists exactly the files that last, as they are."""
    listed = json.loads((book / "manifest.json").read_text("utf-8"))
    there = {path: data for path, data in files(book).items() if path not in BESIDE}
    assert listed == {
        "schema": 1,
        "files": {path: {"sha256": hashlib.sha256(d).hexdigest(), "bytes": len(d)} for path, d in there.items()},
    }


def places(book: Path) -> dict[str, str]:
    """For each picture where it ended: `page`, `unpaired`, or the reason of its omission; each in one place only."""
    said = record(book)
    on_pages = {path for page in said["pages"] for path in (page["input"], *page["outputs"])}
    found = [(path, "page") for path in on_pages]
    found += [(path, "unpaired") for path in said["unpaired"]]
    found += [(omission["path"], omission["reason"]) for omission in said["omitted"]]
    assert max(Counter(path for path, _ in found).values()) == 1
    return dict(found)
