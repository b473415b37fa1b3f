"""The whole press run: from laid out contents and an album of scaled pictures to the files of a book."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from agents.book.contents import Contents
from agents.book.settings import Format
from agents.press.album import Album
from agents.press.cover import make_cover
from agents.press.epub import make_epub
from agents.press.html import make_html
from agents.press.pdf import make_pdf


def press(contents: Contents, album: Album, formats: Sequence[Format]) -> dict[str, bytes]:
    """The files of the wanted formats by path, and `cover.jpg`; blocking. Raises PressError."""
    made = {"cover.jpg": make_cover(contents, album)}
    if Format.HTML in formats:
        made |= dict(make_html(contents, album))
    if Format.PDF in formats:
        with tempfile.TemporaryDirectory(prefix="doodlebound-") as work:
            made["book.pdf"] = make_pdf(contents, album, Path(work))
    if Format.EPUB in formats:
        made["book.epub"] = make_epub(contents, album, made["cover.jpg"])
    return made
