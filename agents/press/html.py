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
from agents.book.design import PlacedPicture, Sheet
from agents.craft.wording import one_line
from agents.press.htmlview import ImageFile, SheetView, sheet_view
from agents.press.scaling import SCREEN_DPI, Masters, scaled_picture

PAGE = "book.html"
ASSETS = "assets"
_FONTS = ("Andika-Regular.ttf", "Andika-Bold.ttf", "OFL.txt")


PressFile = tuple[str, bytes]
"""The path of a file, relative to the book's folder and with forward slashes, and its bytes."""


def make_html(contents: Contents, masters: Masters) -> Iterator[PressFile]:
    """The files of the web page one after the other, each once: fonts, pictures, and `book.html` last."""
    fonts = files("agents.press").joinpath("fonts")
    for name in _FONTS:
        yield f"{ASSETS}/{name}", fonts.joinpath(name).read_bytes()
    album = _Album(masters)
    spreads = []
    for at, (kind, sheets) in enumerate(_openings(contents)):
        views = []
        for sheet in sheets:
            views.append(sheet_view(sheet, album.image_of))
            yield from album.new_files()
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


class _Album:
    """Scales each picture once for each size, and holds a file only until it is handed on."""

    def __init__(self, masters: Masters) -> None:
        self._masters = masters
        self._images: dict[tuple[str, float, float], ImageFile] = {}
        self._given: set[str] = set()
        self._waiting: list[PressFile] = []

    def image_of(self, picture: PlacedPicture) -> ImageFile:
        key = (picture.master.digest, picture.box.width_mm, picture.box.height_mm)
        if key not in self._images:
            jpeg = scaled_picture(picture, self._masters, SCREEN_DPI)
            path = f"{ASSETS}/{jpeg.name}"
            self._images[key] = ImageFile(path, jpeg.width_px, jpeg.height_px)
            if path not in self._given:
                self._given.add(path)
                self._waiting.append((path, jpeg.data))
        return self._images[key]

    def new_files(self) -> Iterator[PressFile]:
        while self._waiting:
            yield self._waiting.pop(0)


def _page(contents: Contents, spreads: list[_Spread]) -> str:
    templates = files("agents.press").joinpath("templates")
    placing = "\n".join(sheet.rules for spread in spreads for sheet in spread.sheets)
    board = f":root{{--board:{contents.cover.tint}}}"
    styles = f"{templates.joinpath('book.css').read_text('utf-8')}\n{board}\n{placing}\n"
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
        policy=_policy(styles, script),
        styles=Markup(styles),  # noqa: S704  (our own style sheet, with numbers and checked colours)
        script=Markup(script),  # noqa: S704  (our own script)
        spreads=spreads,
    )


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
