"""The book as a PDF: trim size, tagged (PDF/UA-1 and PDF/A-2a), all fonts embedded, the same bytes each time."""

import datetime as dt
import io
import json
from importlib.resources import as_file, files
from pathlib import Path

import pikepdf
import typst

from agents.book.contents import Contents
from agents.book.design import PlacedPicture
from agents.book.printing import BLEED_MM, Profile
from agents.craft.matter import filled_up
from agents.craft.wrapsheet import wrap_sheet, wrap_size
from agents.press.album import Album
from agents.press.errors import PressError
from agents.press.scaling import PRINT_DPI
from agents.press.sheetdata import Job, job_data


def make_pdf(contents: Contents, album: Album, work: Path) -> bytes:
    """The PDF of a book. `work` is an empty folder of the caller's, who deletes it afterwards.

    Raises PressError when the typesetter refuses the book or sets another number of sheets than it has.
    """
    return set_pdf(Job(contents.imprint, contents.sheets, contents.size), album, work)


def make_print_pdfs(contents: Contents, profile: Profile, album: Album, work: Path) -> tuple[bytes, bytes]:
    """Interior and wrap for a printer: with bleed, and at least as many pages as the printer wants.

    `work` and errors as above.
    """
    filled = filled_up(contents, profile.least_pages)
    spine_mm = profile.spine_mm(len(filled.sheets))
    inside = Job(filled.imprint, filled.sheets, filled.size, BLEED_MM)
    wrap = (wrap_sheet(filled, spine_mm),)
    outside = Job(filled.imprint, wrap, wrap_size(filled.size, spine_mm), BLEED_MM, BLEED_MM)
    return set_pdf(inside, album, work), set_pdf(outside, album, work)


def set_pdf(job: Job, album: Album, work: Path) -> bytes:
    """The PDF of one job, as `make_pdf`."""
    sources = _Sources(album, work)
    data = job_data(job, sources.source_of)
    (work / "contents.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return _finished(_compiled(work, job.imprint.date))


def _finished(pdf: bytes) -> bytes:
    """What the typesetter cannot say: that the book lies open as spreads, and that its bleed reaches to the edge."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.Root.PageLayout = pikepdf.Name.TwoPageRight if len(document.pages) > 1 else pikepdf.Name.SinglePage
        for page in document.pages:
            page.bleedbox = page.mediabox
        document.save(
            stream,
            deterministic_id=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        )
    return stream.getvalue()


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
