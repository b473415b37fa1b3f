"""A local folder as the source."""

import asyncio
import os
from pathlib import Path

import pytest

from agents.services.errors import SourceError
from agents.services.folder import FolderStorage, SourceFolder

PNG = b"\x89PNG\r\n\x1a\n"


def _listed(root: Path, *, max_pictures: int = 100, max_bytes: int = 1000, prefix: str = "inputs/") -> FolderStorage:
    return SourceFolder(root, prefix, "outputs/", max_pictures, max_bytes).list()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for heap in ("inputs", "outputs"):
        (tmp_path / heap).mkdir()
        (tmp_path / heap / "a.png").write_bytes(PNG + heap.encode())
    return tmp_path


def _items(storage: FolderStorage) -> list[str]:
    return [picture.item for picture in storage.pictures]


@pytest.mark.parametrize(
    ("name", "data", "is_listed"),
    [
        ("b.PNG", b"", True),
        ("b.jpeg", b"text", True),
        ("b.txt", PNG, True),
        ("b", PNG, True),
        ("b.txt", b"text", False),
        ("b.psd", b"unknown", False),
        ("book.toml", b"", False),
        (".b.png", PNG, False),
        ("Thumbs.db", b"\xd0\xcf", False),
    ],
)
def test_a_file_is_a_picture_by_its_name_or_by_its_first_bytes(
    root: Path, name: str, data: bytes, is_listed: bool
) -> None:
    (root / "inputs" / name).write_bytes(data)

    assert (f"inputs/{name}" in _items(_listed(root))) is is_listed


def test_the_order_is_that_of_the_paths_bytes(root: Path) -> None:
    for name in ("b.png", "B.png", "é.png", "b/z.png", "b-1/a.png", "a.b/c.png"):
        path = root / "inputs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())

    inputs = [item for item in _items(_listed(root)) if item.startswith("inputs/")]

    assert inputs == sorted(inputs, key=str.encode)
    assert len(inputs) == 7


def test_the_same_bytes_are_told_in_one_heap_only(root: Path) -> None:
    for path in ("inputs/z.png", "inputs/b/c.png", "outputs/x.png"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(PNG + b"inputs")

    same = {picture.item: picture.same_as for picture in _listed(root).pictures if picture.same_as}

    assert same == {"inputs/b/c.png": "inputs/a.png", "inputs/z.png": "inputs/a.png"}


def test_a_file_over_the_limit_is_listed_but_not_read(root: Path) -> None:
    (root / "inputs" / "big.png").write_bytes(b"x" * 1001)

    (big,) = [picture for picture in _listed(root).pictures if picture.item == "inputs/big.png"]

    assert (big.size_bytes, big.digest) == (1001, "")


def test_names_that_are_not_utf_8_are_kept_apart_and_found_again(root: Path) -> None:
    for raw in (b"caf\xe9.png", b"caf\xe8.png"):
        (root / "inputs" / os.fsdecode(raw)).write_bytes(raw)
    storage = _listed(root)

    marked = [picture for picture in storage.pictures if "\ufffd" in picture.item]

    assert len({picture.item for picture in marked}) == 2
    assert {asyncio.run(storage.read(picture)) for picture in marked} == {b"caf\xe9.png", b"caf\xe8.png"}


def test_a_prefix_may_be_deep_but_no_part_of_it_a_link(root: Path) -> None:
    (root / "deep").mkdir()
    (root / "inputs").rename(root / "deep" / "inputs")
    assert _items(_listed(root, prefix="deep/inputs/"))[0] == "deep/inputs/a.png"

    (root / "link").symlink_to(root / "deep")
    with pytest.raises(SourceError, match="link is a link"):
        _listed(root, prefix="link/inputs/")


def test_a_source_over_the_limit_of_pictures_is_refused(root: Path) -> None:
    with pytest.raises(SourceError, match="holds 2 pictures, over the limit of 1: make several books"):
        _listed(root, max_pictures=1)


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
async def test_a_picture_is_refused_when_something_else_took_its_place(root: Path, kind: str) -> None:
    storage = _listed(root)
    storage.run_blocking = asyncio.to_thread
    path = root / "inputs" / "a.png"
    path.rename(root / "elsewhere.png")
    match kind:
        case "link":
            path.symlink_to(root / "elsewhere.png")
        case "pipe":
            os.mkfifo(path)
        case _:
            path.mkdir()

    with pytest.raises(SourceError, match=r"inputs/a\.png"):
        await storage.read(storage.pictures[0])
