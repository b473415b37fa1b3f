import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from agents.book.design import SQUARE
from agents.press.album import Album
from agents.press.errors import PressError
from agents.press.pdf import make_pdf
from agents.press.scaling import PRINT_DPI
from agents.press.sheetdata import language_parts
from tests.agents.volumes import IMPRINT, STORY, Shelf

HOSTILE = (
    '#panic("x") #image("/etc/passwd") $x$ *b* <script>alert(1)</script> \\u{41} @a `c` // 🦊 שלום \u202e "q" &amp;'
)
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def opened(pdf: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        yield document


def structure(document: pikepdf.Pdf, kind: str) -> list[pikepdf.Dictionary]:
    """All structure elements of a kind, in reading order."""
    return [element for element in _elements(document.Root.StructTreeRoot) if element.get("/S") == kind]


def test_pages_are_of_trim_size_and_even(opened: pikepdf.Pdf, shelf: Shelf) -> None:
    side_pt = SQUARE.width_mm / 25.4 * 72

    assert len(opened.pages) == len(shelf.book(2, more=2).sheets)
    assert len(opened.pages) % 2 == 0
    for page in opened.pages:
        assert [float(number) for number in page.mediabox] == pytest.approx([0, 0, side_pt, side_pt], abs=0.01)


def test_every_picture_is_a_figure_with_its_alternative_text(opened: pikepdf.Pdf, shelf: Shelf) -> None:
    alts = [str(figure.Alt) for figure in structure(opened, "/Figure")]

    assert alts == [picture.alt for sheet in shelf.book(2, more=2).sheets for picture in sheet.pictures]
    assert len(alts) > 10


def test_flat_art_is_embedded_to_the_pixel_and_photographs_as_they_are(opened: pikepdf.Pdf, shelf: Shelf) -> None:
    album = Album(shelf.read)
    sheets = shelf.book(2, more=2).sheets
    files = {album.scaled(picture, PRINT_DPI).data for sheet in sheets for picture in sheet.pictures}
    flat = {pixels_of(Image.open(io.BytesIO(data))) for data in files if data.startswith(b"\x89PNG")}
    drawn = [
        image for image in opened.objects if isinstance(image, pikepdf.Stream) and image.get("/Subtype") == "/Image"
    ]
    kinds = {str(image.Filter) for image in drawn}

    assert kinds == {"/DCTDecode", "/FlateDecode"}
    assert {image.read_raw_bytes() for image in drawn if image.Filter == "/DCTDecode"} <= files
    found = [pikepdf.PdfImage(image).as_pil_image() for image in drawn if image.Filter == "/FlateDecode"]
    assert {pixels_of(image) for image in found} == flat


def pixels_of(image: Image.Image) -> bytes:
    return image.convert("RGB").tobytes()


def test_headings_begin_with_one_title_and_skip_no_level(opened: pikepdf.Pdf) -> None:
    kinds = [element.S for element in _elements(opened.Root.StructTreeRoot) if str(element.get("/S")).startswith("/H")]

    assert kinds == ["/H1", *["/H2"] * 7]


def test_reading_order_of_a_page_is_heading_drawing_credit_story(opened: pikepdf.Pdf) -> None:
    kinds = [str(element.get("/S")) for element in _elements(opened.Root.StructTreeRoot)]
    blocks = [kind for kind in kinds if kind in {"/H1", "/H2", "/P", "/Figure"}]
    second_heading = [at for at, kind in enumerate(blocks) if kind == "/H2"][1]

    assert blocks[second_heading : second_heading + 8] == ["/H2", "/Figure", "/P", "/P", *["/Figure"] * 4]


def test_document_says_what_it_is(opened: pikepdf.Pdf) -> None:
    assert str(opened.Root.Lang) == "en"
    assert bool(opened.Root.MarkInfo.Marked)
    assert bool(opened.Root.ViewerPreferences.DisplayDocTitle)
    assert str(opened.docinfo["/Title"]) == "Pip and the Sea"
    assert str(opened.docinfo["/Author"]) == "Mia"
    assert str(opened.docinfo["/CreationDate"]).startswith("D:20260501")


def test_document_declares_both_standards(opened: pikepdf.Pdf) -> None:
    xmp = opened.Root.Metadata.read_bytes()

    assert b"<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert b"<pdfaid:part>2</pdfaid:part>" in xmp
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "/OutputIntents" in opened.Root


def test_all_fonts_are_embedded_and_ours(opened: pikepdf.Pdf) -> None:
    descriptors = [item for item in opened.objects if _is_a(item, "/FontDescriptor")]

    assert {str(item.FontName).split("+")[1] for item in descriptors} == {
        "Andika",
        "Andika-Bold",
        "Grandstander-ExtraBold",
    }
    assert all("/FontFile2" in item or "/FontFile3" in item for item in descriptors)


def test_pages_have_labels_and_bookmarks(opened: pikepdf.Pdf) -> None:
    with opened.open_outline() as outline:
        titles = [item.title for item in outline.root[0].children]

    assert "/PageLabels" in opened.Root
    assert titles[:2] == ["About this book", "Pip the fox"]


def test_pictures_have_print_resolution(opened: pikepdf.Pdf) -> None:
    widths = {int(item.Width) for item in opened.objects if _is_a(item, "/Image", key="/Subtype")}

    assert max(widths) == 300  # the masters of the tests are small, and nothing is enlarged


def test_text_can_be_taken_out_again(pdf: bytes, pdftotext: str, tmp_path: Path) -> None:
    assert " ".join(STORY.split()) in _text(pdf, pdftotext, tmp_path)


def test_hostile_text_is_shown_as_text(pdftotext: str, tmp_path: Path) -> None:
    shelf = Shelf()
    imprint = replace(IMPRINT, title=HOSTILE, author=HOSTILE, dedication=HOSTILE, made_with=((HOSTILE, HOSTILE),))
    work = tmp_path / "work"
    work.mkdir()

    pdf = make_pdf(shelf.book(1, imprint=imprint, story=HOSTILE, caption=HOSTILE), Album(shelf.read), work)

    text = _text(pdf, pdftotext, tmp_path)
    assert '#panic("x") #image("/etc/passwd") $x$ *b* <script>alert(1)</script>' in text
    assert "&amp;" in text
    assert "🦊" not in text


@pytest.mark.parametrize(
    "title", ["", " ", "🦊", "\udcff\x00\uffff", "日本語", "a" * 500, "word " * 200, "/Type /Pages /Count 99"]
)
def test_any_title_can_be_set(title: str, tmp_path: Path) -> None:
    shelf = Shelf()
    book = shelf.book(1, imprint=replace(IMPRINT, title=title), story=title, caption=title)

    with pikepdf.open(io.BytesIO(make_pdf(book, Album(shelf.read), tmp_path))) as document:
        assert len(document.pages) == len(book.sheets)


def test_same_book_has_the_same_bytes_in_any_process_place_and_zone(pdf: bytes, tmp_path: Path) -> None:
    script = (
        "import pathlib, hashlib; from tests.agents.volumes import Shelf; from agents.press.pdf import make_pdf;"
        "from agents.press.album import Album;"
        "shelf = Shelf(); work = pathlib.Path('work'); work.mkdir();"
        "print(hashlib.sha256(make_pdf(shelf.book(2, more=2), Album(shelf.read), work)).hexdigest())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4"}
    environment |= {"SOURCE_DATE_EPOCH": "12345", "LANG": "C"}

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == sha256(pdf).hexdigest()


def test_what_the_typesetter_refuses_is_an_error_of_the_press(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    monkeypatch.setattr("agents.press.pdf.job_data", lambda *_: {"title": "no sheets"})

    with pytest.raises(PressError, match="The PDF could not be made: the typesetter says"):
        make_pdf(shelf.book(1), Album(shelf.read), tmp_path)


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("en", ("en", None)),
        ("en-GB", ("en", "GB")),
        ("zh-Hans-CN", ("zh", "CN")),
        ("DE", ("de", None)),
        ("klingon!", ("und", None)),
    ],
)
def test_language_is_given_in_parts(tag: str, parts: tuple[str, str | None]) -> None:
    assert language_parts(tag) == parts


def _text(pdf: bytes, pdftotext: str, folder: Path) -> str:
    path = folder / "book.pdf"
    path.write_bytes(pdf)
    done = subprocess.run([pdftotext, str(path), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def _elements(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from _elements(kid)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _elements(node.K)


def _is_a(item: pikepdf.Object, kind: str, *, key: str = "/Type") -> bool:
    return isinstance(item, pikepdf.Dictionary | pikepdf.Stream) and item.get(key) == kind
