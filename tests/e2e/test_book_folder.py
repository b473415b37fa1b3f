"""What every finished book promises: it is whole, says what became of each picture, and tells nothing private."""

import io
import json
import re
import tomllib
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from tests.conftest import ROOT
from tests.e2e.books import BESIDE, assert_matches_manifest, files, lasting, places, record
from tests.e2e.running import Ended, run_main
from tests.e2e.sources import drawing, make_source

SECRET = "Private Camera of the Family"


def _private(image: Image.Image, path: Path) -> None:
    """Save a JPEG that says where, when and with what it was made, in every way that a JPEG can."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = exif[ExifTags.Base.ImageDescription] = SECRET
    exif[ExifTags.Base.DateTime] = "2019:03:04 05:06:07"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 7.0)
    image.save(path, exif=exif, comment=SECRET, xmp=f"<x>{SECRET}</x>".encode(), dpi=(301, 301))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A whole book of pictures that hold private data, with one drawing left over."""
    root = tmp_path_factory.mktemp("made")
    source = make_source(root / "source")
    for number, path in enumerate(sorted(source.rglob("*.png"))):
        _private(Image.open(path), path.with_suffix(".jpg")) if number % 2 else None
        path.unlink() if number % 2 else None
    _private(drawing(30), source / "inputs" / "zebra.jpg")
    return run_main("make", "--json", "--out", root / "books", source)


@pytest.fixture(scope="module")
def book(made: Ended) -> Path:
    """Its folder."""
    assert made.code == 0, made.err
    return made.book


def test_the_last_line_of_json_tells_how_it_went(made: Ended, book: Path) -> None:
    status = made.status

    assert status["status"] == "complete"
    assert status["error"] is None
    assert status["run"] == json.loads((book / "report.json").read_text("utf-8"))["run"]
    assert (status["pages"], status["omitted"], status["unpaired"]) == (3, 0, 1)
    assert "reading pictures" in made.err


def test_every_picture_of_the_source_is_in_exactly_one_place(book: Path) -> None:
    source = book.parent.parent / "source"
    there = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}

    assert set(places(book)) == there
    assert places(book)["inputs/zebra.jpg"] == "unpaired"


def test_the_manifest_lists_exactly_what_lasts(book: Path) -> None:
    assert_matches_manifest(book)
    assert {"book.html", "book.pdf", "book.epub", "book.json", "cover.jpg"} < set(lasting(book))


def test_the_record_is_as_others_read_it(book: Path) -> None:
    said = record(book)
    inputs = {page["input"] for page in said["pages"]}

    assert said["schema"] == 1
    assert said["made_with"] == {"language": "offline", "vision": "offline", "vectors": "memory", "storage": "folder"}
    assert [set(proposal["order"]) for proposal in said["sequence"]["proposals"]] == [inputs] * 3
    assert [page["number"] for page in said["pages"]] == [1, 2, 3]
    assert all(page["sheets"][1] == page["sheets"][0] + 1 for page in said["pages"])
    assert all({cell["image"] for cell in page["cells"]} == set(page["outputs"]) for page in said["pages"])
    assert all(50 <= page["words"] <= 100 and page["approved"] for page in said["pages"])
    assert said["pages"][0]["evidence"].keys() == {"picture", "name", "metadata"}


def test_nothing_private_of_the_pictures_is_in_the_book(book: Path) -> None:
    for path, data in files(book).items():
        assert SECRET.encode() not in data, path
        assert SECRET.encode("utf-16-le") not in data, path
        if path.endswith(".jpg"):
            image = Image.open(io.BytesIO(data))
            assert not image.getexif(), path
            assert not {"exif", "xmp", "comment", "photoshop", "icc_profile"} & set(image.info), path


def test_no_path_of_the_machine_is_in_what_lasts(book: Path) -> None:
    places_here = [str(book.parent.parent), str(ROOT), str(Path.home()) + "/", "/tmp/"]

    for path, data in lasting(book).items():
        assert not [place for place in places_here if place.encode() in data], path


def test_no_link_of_the_page_leads_outside(book: Path) -> None:
    page = (book / "book.html").read_text("utf-8")
    links = re.findall(r"""(?:src|href|srcset)\s*=\s*["']([^"']+)""", page) + re.findall(r"url\(([^)]+)\)", page)

    assert links
    for link in links:
        target = link.strip("\"'").split(" ")[0]
        assert target.startswith(("#", "data:")) or (book / target).is_file(), link


def test_a_draft_of_book_toml_lies_beside_it_with_a_blank_for_each_drawing(book: Path) -> None:
    draft = tomllib.loads((book / "book.toml").read_text("utf-8"))

    assert set(draft) == {"captions"}
    assert set(draft["captions"]) == {path for path in places(book) if path.startswith("inputs/")}


def test_nothing_else_lies_in_the_folder(book: Path) -> None:
    known = {"book.html", "book.pdf", "book.epub", "book.json", "cover.jpg", *BESIDE}

    assert {path for path in files(book) if not path.startswith("assets/")} <= known
