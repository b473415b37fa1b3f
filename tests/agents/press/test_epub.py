import io
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from agents.book.design import PAGE_SIZES, Theme, Trim
from agents.craft.matter import lay_out_book
from agents.craft.pagedesign import Look, design_page
from agents.press.album import Album
from agents.press.epub import make_epub
from tests.agents.volumes import IMPRINT, STORY, Shelf, grid_of, jpeg, page_text

HOSTILE = "\"><script>alert(1)</script>'</style>{{ 7*7 }}]]> &amp; 🦊 שלום \u202e\x00\udcff"
COVER = jpeg(60, 60)


@pytest.fixture(scope="module")
def book() -> zipfile.ZipFile:
    shelf = Shelf()
    return zipfile.ZipFile(io.BytesIO(make_epub(shelf.book(2, more=2), Album(shelf.read), COVER)))


def test_mimetype_comes_first_and_is_not_packed(book: zipfile.ZipFile) -> None:
    first = book.infolist()[0]

    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert book.read("mimetype") == b"application/epub+zip"


def test_same_book_has_the_same_bytes_and_no_time_of_its_own(book: zipfile.ZipFile) -> None:
    shelf = Shelf()

    one, other = (make_epub(shelf.book(2, more=2), Album(shelf.read), COVER) for _ in range(2))

    assert one == other
    assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "2026-05-01T12:00:00Z" in book.read("OEBPS/package.opf").decode()


def test_sheets_stand_left_and_right_as_in_print(book: zipfile.ZipFile) -> None:
    sides = re.findall(r'idref="sheet-(\d+)" properties="page-spread-(\w+)"', book.read("OEBPS/package.opf").decode())

    assert [int(number) for number, _ in sides] == list(range(1, len(sides) + 1))
    assert all(side == ("right" if int(number) % 2 else "left") for number, side in sides)


def test_manifest_names_exactly_what_is_there(book: zipfile.ZipFile) -> None:
    named = set(re.findall(r'href="([^"]+)"', book.read("OEBPS/package.opf").decode()))

    there = {name.removeprefix("OEBPS/") for name in book.namelist() if name.startswith("OEBPS/")}
    assert named == there - {"package.opf"}


def test_every_picture_has_an_alternative_text_and_every_link_a_target(book: zipfile.ZipFile) -> None:
    names = set(book.namelist())
    for name in (name for name in names if name.endswith(".xhtml")):
        document = ET.fromstring(book.read(name))
        for image in document.iter("{http://www.w3.org/1999/xhtml}img"):
            assert image.get("alt")
            assert f"OEBPS/{image.get('src')}" in names
        for link in document.iter("{http://www.w3.org/1999/xhtml}a"):
            path, _, anchor = (link.get("href") or "").partition("#")
            assert not anchor or f'id="{anchor}"' in book.read(f"OEBPS/{path}").decode()


def test_story_can_be_read_as_one_paragraph(book: zipfile.ZipFile) -> None:
    text = "".join(ET.fromstring(book.read("OEBPS/sheet-4.xhtml")).itertext())

    assert " ".join(STORY.split()) in " ".join(text.split())


def test_hostile_text_is_shown_as_text() -> None:
    shelf = Shelf()
    imprint = replace(IMPRINT, title=HOSTILE, author=HOSTILE, dedication=HOSTILE)
    contents = shelf.book(1, imprint=imprint, story=HOSTILE, caption=HOSTILE)

    with zipfile.ZipFile(io.BytesIO(make_epub(contents, Album(shelf.read), COVER))) as book:
        for name in (name for name in book.namelist() if name.endswith((".xhtml", ".opf"))):
            assert not list(ET.fromstring(book.read(name)).iter("{http://www.w3.org/1999/xhtml}script"))
        assert "<script>alert(1)</script>" in "".join(ET.fromstring(book.read("OEBPS/sheet-4.xhtml")).itertext())


@pytest.mark.parametrize("trim", Trim)
def test_every_document_has_the_shape_of_the_sheet(trim: Trim) -> None:
    shelf, look = Shelf(), Look(PAGE_SIZES[trim], Theme.NIGHT)
    brief = shelf.brief(1)
    page = design_page(brief, grid_of(brief.renderings), page_text(STORY), look=look)

    epub = make_epub(lay_out_book(IMPRINT, [page], look=look), Album(shelf.read), COVER)

    with zipfile.ZipFile(io.BytesIO(epub)) as book:
        views = {
            view
            for name in book.namelist()
            for view in re.findall(r'name="viewport" content="([^"]+)"', book.read(name).decode("latin-1"))
        }
    height_px = {Trim.SQUARE: 1200, Trim.PORTRAIT: 1500, Trim.LANDSCAPE: 848}[trim]
    assert views == {f"width=1200, height={height_px}"}
