"""The files of finished books that may be had from outside: those that the manifest lists, and the reports."""

import json
import os
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath

from monitor.page.views import Document

BESIDE = ("manifest.json", "report.html", "report.json")
"""What a manifest does not list and may be had all the same."""
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".epub": "application/epub+zip",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
_MOST_MANIFEST_BYTES = 8 * 2**20


def opened_document(root: Path, folder: str, path: str) -> Document | None:
    """The file `path` of the book `folder` below `root`, opened; None for whatever is no regular file there, is not
    listed, is not as long as the list says, or is reached over a link."""
    listed = _listed(root, folder)
    if listed is None or (path not in listed and path not in BESIDE):
        return None
    with suppress(OSError):
        descriptor = _opened(root, (folder, *path.split("/")))
        about = os.fstat(descriptor)
        if stat.S_ISREG(about.st_mode) and listed.get(path, about.st_size) == about.st_size:
            kind = _MEDIA_TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")
            return Document(descriptor, about.st_size, kind)
        os.close(descriptor)
    return None


def listed_files(root: Path, folder: str) -> frozenset[str]:
    """What the manifest of a book lists; nothing where there is none."""
    return frozenset(_listed(root, folder) or ())


def _listed(root: Path, folder: str) -> dict[str, int] | None:
    """The sizes of a book's files by path, as its manifest has them."""
    try:
        descriptor = _opened(root, (folder, "manifest.json"))
        with os.fdopen(descriptor, "rb") as file:
            said = json.loads(file.read(_MOST_MANIFEST_BYTES))
        return {str(path): int(about["bytes"]) for path, about in said["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _opened(root: Path, parts: tuple[str, ...]) -> int:
    """A file below `root`, reached by plain names only and over no link. Raises OSError."""
    if any(part in ("", ".", "..") or "\0" in part or "/" in part or "\\" in part for part in parts):
        raise FileNotFoundError(parts)
    holder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=holder)
            os.close(holder)
            holder = below
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=holder)
    finally:
        os.close(holder)
