"""The book as an EPUB 3.3 with a fixed layout: the same sheets as the web page and the PDF, the same bytes each time.

Nothing in it is younger than the book's date, and its identifier follows from the book id.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath
from uuid import NAMESPACE_URL, uuid5

from jinja2 import Environment, PackageLoader, StrictUndefined

from agents.book.contents import Contents
from agents.book.design import Sheet
from agents.craft.typesetting import FONT_FILES
from agents.craft.wording import one_line
from agents.press.album import Album
from agents.press.htmlview import DoodleView, SheetView, sheet_view
from agents.press.picturefiles import PictureShelf, PressFile
from agents.press.units import Pixels

WIDTH_PX = 1200
_ROOT = "OEBPS"
_LICENCES = ("OFL.txt", "Grandstander-OFL.txt")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_MEDIA_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


def make_epub(contents: Contents, album: Album, cover: bytes) -> bytes:
    """The e-book's bytes; `cover` is the cover as a JPEG."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compresslevel=9) as archive:
        _put(archive, "mimetype", b"application/epub+zip", is_packed=False)
        for path, data in _files(contents, album, cover):
            _put(archive, path, data, is_packed=not path.endswith(tuple(_MEDIA_TYPES)))
    return stream.getvalue()


def _put(archive: zipfile.ZipFile, path: str, data: bytes, *, is_packed: bool) -> None:
    entry = zipfile.ZipInfo(path, _LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


@dataclass(frozen=True, slots=True)
class _Page:
    """One document of the e-book: a sheet, its side, what it is called, and whether it has drawn lines."""

    id: str
    number: int
    side: str
    title: str
    view: SheetView
    has_drawing: bool


def _files(contents: Contents, album: Album, cover: bytes) -> Iterator[PressFile]:
    units = Pixels(WIDTH_PX / contents.size.width_mm)
    shelf = PictureShelf(album, "images")
    pages = [_page(sheet, shelf, units) for sheet in contents.sheets]
    pictures = list(shelf.new_files())
    known = _known(contents, pages, [path for path, _ in pictures])
    environment = _environment()

    def written(name: str, **more: object) -> bytes:
        return environment.get_template(f"epub/{name}").render(**known, **more).encode()

    yield "META-INF/container.xml", written("container.xml")
    yield f"{_ROOT}/package.opf", written("package.opf")
    yield f"{_ROOT}/nav.xhtml", written("nav.xhtml")
    yield f"{_ROOT}/style.css", _styles(pages)
    yield f"{_ROOT}/cover.xhtml", written("cover.xhtml")
    for page in pages:
        yield f"{_ROOT}/{page.id}.xhtml", written("sheet.xhtml", page=page)
    yield f"{_ROOT}/images/cover.jpg", cover
    yield from ((f"{_ROOT}/{path}", data) for path, data in pictures)
    fonts = files("agents.press").joinpath("fonts")
    for name in (*FONT_FILES.values(), *_LICENCES):
        yield f"{_ROOT}/fonts/{name}", fonts.joinpath(name).read_bytes()


def _page(sheet: Sheet, shelf: PictureShelf, units: Pixels) -> _Page:
    view = sheet_view(sheet, shelf.image_of, units, may_flow=False)
    return _Page(
        id=view.id,
        number=sheet.number,
        side="right" if sheet.number % 2 else "left",
        title=one_line(sheet.label, 120) or f"Page {sheet.number}",
        view=view,
        has_drawing=any(isinstance(element, DoodleView) for element in view.elements),
    )


def _known(contents: Contents, pages: list[_Page], pictures: list[str]) -> dict[str, object]:
    """What the templates may say."""
    imprint = contents.imprint
    return {
        "title": one_line(imprint.title, 300),
        "author": one_line(imprint.author, 300),
        "language": imprint.language,
        "date": imprint.date,
        "identifier": f"urn:uuid:{uuid5(NAMESPACE_URL, f'doodlebound:{imprint.book_id}')}",
        "width_px": WIDTH_PX,
        "height_px": round(WIDTH_PX / contents.size.aspect_ratio),
        "pages": pages,
        "chapters": list(_chapters(contents.sheets)),
        "first": contents.pages[0].sheets[0] if contents.pages else 1,
        "pictures": [(path, _MEDIA_TYPES[PurePosixPath(path).suffix]) for path in pictures],
        "fonts": list(FONT_FILES.values()),
        "licences": _LICENCES,
    }


def _chapters(sheets: Iterable[Sheet]) -> Iterator[tuple[int, str]]:
    """The sheets that a table of contents names: all but the renderings, which face their drawing, and repetitions."""
    before = ""
    for sheet in sheets:
        if sheet.label.startswith("Renderings") or sheet.label == before:
            continue
        before = sheet.label
        yield sheet.number, one_line(sheet.label, 120) or f"Page {sheet.number}"


def _styles(pages: list[_Page]) -> bytes:
    shared = files("agents.press").joinpath("templates", "epub", "style.css").read_text("utf-8")
    return (shared + "\n".join(page.view.rules for page in pages) + "\n").encode()


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("agents.press"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
