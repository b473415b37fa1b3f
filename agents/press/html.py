"""The book as a web page: one file with its style and script inside, and a folder of pictures and fonts beside it.

It opens from a disk as well as from a server, asks for nothing outside its folder, and forbids that by its policy.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from agents.book.contents import Contents
from agents.book.design import Sheet
from agents.craft.typesetting import FONT_FILES
from agents.craft.wording import one_line
from agents.press.album import Album
from agents.press.htmlview import SheetView, sheet_view
from agents.press.picturefiles import PictureShelf, PressFile
from agents.press.units import PartsOfSheet

PAGE = "book.html"
ASSETS = "assets"
FONTS = (*FONT_FILES.values(), "OFL.txt", "Grandstander-OFL.txt")


def make_html(contents: Contents, album: Album) -> Iterator[PressFile]:
    """The files of the web page one after the other, each once: fonts, pictures, and `book.html` last."""
    fonts = files("agents.press").joinpath("fonts")
    for name in FONTS:
        yield f"{ASSETS}/{name}", fonts.joinpath(name).read_bytes()
    shelf = PictureShelf(album, ASSETS)
    units = PartsOfSheet(contents.size)
    spreads = []
    for at, (kind, sheets) in enumerate(_openings(contents)):
        views = []
        for sheet in sheets:
            views.append(sheet_view(sheet, shelf.image_of, units))
            yield from shelf.new_files()
        spreads.append(_Spread(f"spread-{at}", kind, tuple(views), is_first=at == 0))
    yield PAGE, _page(contents, spreads).encode()


@dataclass(frozen=True, slots=True)
class _Spread:
    id: str
    kind: str
    sheets: tuple[SheetView, ...]
    is_first: bool


def _openings(contents: Contents) -> Iterator[tuple[str, tuple[Sheet, ...]]]:
    """What lies open one after the other: the cover, the first sheet against the board, the leaves, the last one."""
    yield "front", (contents.cover,)
    first, *inner, last = contents.spreads
    yield "opening", first
    for spread in inner:
        yield "leaves", spread
    yield "closing", last


def _page(contents: Contents, spreads: list[_Spread]) -> str:
    templates = files("agents.press").joinpath("templates")
    placing = "\n".join(sheet.rules for spread in spreads for sheet in spread.sheets)
    styles = f"{templates.joinpath('book.css').read_text('utf-8')}\n{_measures(contents)}\n{placing}\n"
    script = templates.joinpath("book.js").read_text("utf-8")
    imprint = contents.imprint
    environment = Environment(
        loader=PackageLoader("agents.press"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(PAGE).render(
        language=imprint.language,
        title=one_line(imprint.title, 300),
        author=one_line(imprint.author, 300),
        sheets=len(contents.sheets),
        policy=_policy(styles, script),
        styles=Markup(styles),  # noqa: S704  (our own style sheet, with numbers and checked colours)
        script=Markup(script),  # noqa: S704  (our own script)
        spreads=spreads,
    )


def _measures(contents: Contents) -> str:
    """The colour of the boards and the size of a sheet."""
    width_mm, height_mm = contents.size.width_mm, contents.size.height_mm
    root = f":root{{--board:{contents.cover.tint};--page-w:{width_mm};--page-h:{height_mm}}}"
    return f"{root}\n@page{{size:{width_mm}mm {height_mm}mm;margin:0}}"


def _policy(styles: str, script: str) -> str:
    """Nothing may be loaded but the folder's pictures and fonts, nothing run but this very style and script."""
    return "; ".join(
        (
            "default-src 'none'",
            "img-src 'self' file:",
            "font-src 'self' file:",
            f"style-src '{_digest(styles)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
