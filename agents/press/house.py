"""The whole press run: from laid out contents and an album of scaled pictures to the files of a book."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.book.contents import Contents
from agents.book.printing import Preflight, Profile
from agents.book.settings import Format
from agents.press.album import Album
from agents.press.cover import make_cover
from agents.press.epub import make_epub
from agents.press.html import make_html
from agents.press.pdf import make_pdf, make_print_pdfs
from agents.press.preflight import preflight


@dataclass(frozen=True, slots=True)
class Pressed:
    """The files of a book by path, and what the preflight says of those for a printer, where there are some."""

    files: dict[str, bytes]
    preflight: Preflight | None


def press(contents: Contents, album: Album, formats: Sequence[Format], profile: Profile) -> Pressed:
    """The files of the wanted formats, and `cover.jpg`; blocking. Raises PressError."""
    made = {"cover.jpg": make_cover(contents, album)}
    found = None
    if Format.HTML in formats:
        made |= dict(make_html(contents, album))
    if Format.EPUB in formats:
        made["book.epub"] = make_epub(contents, album, made["cover.jpg"])
    with tempfile.TemporaryDirectory(prefix="doodlebound-") as work:
        if Format.PDF in formats:
            made["book.pdf"] = make_pdf(contents, album, Path(work))
        if Format.PRINT in formats:
            inside, outside = make_print_pdfs(contents, profile, album, Path(work))
            made |= {"book-print.pdf": inside, "cover-print.pdf": outside}
            found = preflight(inside, outside, contents.size, profile)
    return Pressed(made, found)
