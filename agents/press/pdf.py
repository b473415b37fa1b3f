"""The book as a PDF: trim size, tagged (PDF/UA-1 and PDF/A-2a), all fonts embedded, the same bytes each time."""

import datetime as dt
import json
from importlib.resources import as_file, files
from pathlib import Path

import typst

from agents.book.contents import Contents
from agents.book.design import PlacedPicture
from agents.press.album import Album
from agents.press.errors import PressError
from agents.press.scaling import PRINT_DPI
from agents.press.sheetdata import contents_data


def make_pdf(contents: Contents, album: Album, work: Path) -> bytes:
    """The PDF of a book. `work` is an empty folder of the caller's, who deletes it afterwards.

    Raises PressError when the typesetter refuses the book or sets another number of sheets than it has.
    """
    sources = _Sources(album, work)
    data = contents_data(contents, sources.source_of)
    (work / "contents.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return _compiled(work, contents.imprint.date)


class _Sources:
    """Writes each picture at print size once into the work folder, and knows where."""

    def __init__(self, album: Album, work: Path) -> None:
        self._album = album
        self._work = work

    def source_of(self, picture: PlacedPicture) -> str:
        jpeg = self._album.jpeg(picture, PRINT_DPI)
        path = self._work / jpeg.name
        if not path.exists():
            path.write_bytes(jpeg.data)
        return f"/{jpeg.name}"


def _compiled(work: Path, date: str) -> bytes:
    noon = dt.datetime.fromisoformat(date).replace(hour=12, tzinfo=dt.UTC)
    press = files("agents.press")
    main = work / "book.typ"
    main.write_bytes(press.joinpath("templates", "book.typ").read_bytes())
    with as_file(press.joinpath("fonts")) as fonts_folder:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts_folder])
        try:
            return typst.compile(
                main,
                root=work,
                font_paths=fonts,
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=["ua-1", "a-2a"],
                timestamp=noon,
            )
        except typst.TypstError as error:
            raise PressError("The PDF", f"the typesetter says: {error.message}") from error
