"""The typesetter: Typst sets what lies in a folder, and a last touch says what Typst cannot."""

import datetime as dt
import io
from importlib.resources import as_file, files
from pathlib import Path

import pikepdf
import typst

from agents.press.errors import PressError


def typeset(work: Path, date: str) -> bytes:
    """The PDF of `contents.json` and the pictures that it names, all in the folder. Raises PressError."""
    return _finished(_compiled(work, date))


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
