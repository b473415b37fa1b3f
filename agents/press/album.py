"""The album: each picture of a book at the size at which it appears, scaled once for each resolution."""

from collections.abc import Iterable, Iterator, Sequence

from agents.book.contents import Contents
from agents.book.design import PlacedPicture, Sheet
from agents.book.printing import Profile
from agents.book.scaled import ScaledPicture
from agents.book.settings import Format
from agents.craft.matter import filled_up
from agents.craft.wrapsheet import wrap_sheet
from agents.press.scaling import COVER_DPI, PRINT_DPI, SCREEN_DPI, Masters, Scaled, scaled

Key = tuple[str, float, float, int]
Want = tuple[PlacedPicture, int]
"""A placed picture and the resolution at which it is wanted, in pixels an inch."""


class Album:
    """Gives the scaled picture of a place; what is not ready is scaled when it is first asked for, and kept.

    `masters` reads the bytes of masters and of ready pictures.
    """

    def __init__(self, masters: Masters, ready: Iterable[ScaledPicture] = ()) -> None:
        self._masters = masters
        self._ready = {(done.master, done.width_mm, done.height_mm, done.dpi): done for done in ready}
        self._made: dict[Key, Scaled] = {}

    def scaled(self, picture: PlacedPicture, dpi: int) -> Scaled:
        """The picture for its box at that resolution."""
        key = _key(picture, dpi)
        if done := self._ready.get(key):
            return Scaled(self._masters(done.blob), done.width_px, done.height_px)
        if key not in self._made:
            self._made[key] = scaled(self._masters(picture.master), picture.box, dpi)
        return self._made[key]

    def missing(self, wants: Iterable[Want]) -> list[Want]:
        """What is neither ready nor made, each once."""
        keyed = {_key(picture, dpi): (picture, dpi) for picture, dpi in wants}
        return [want for key, want in keyed.items() if key not in self._ready and key not in self._made]


def resolutions(formats: Iterable[Format]) -> tuple[int, ...]:
    """The resolutions that the sheets of these formats need."""
    needs = {Format.HTML: SCREEN_DPI, Format.EPUB: SCREEN_DPI, Format.PDF: PRINT_DPI, Format.PRINT: PRINT_DPI}
    return tuple(sorted({needs[wanted] for wanted in formats}))


def wants(contents: Contents, formats: Sequence[Format], profile: Profile) -> Iterator[Want]:
    """All that a book in these formats asks of its album."""
    yield from _of_sheets((contents.cover,), (COVER_DPI,))
    yield from _of_sheets(contents.sheets, resolutions(formats))
    if Format.PRINT in formats:
        filled = filled_up(contents, profile.least_pages)
        yield from _of_sheets((*filled.sheets, wrap_sheet(filled, 0.0)), (PRINT_DPI,))


def _of_sheets(sheets: Iterable[Sheet], dpis: Sequence[int]) -> Iterator[Want]:
    return ((picture, dpi) for sheet in sheets for picture in sheet.pictures for dpi in dpis)


def _key(picture: PlacedPicture, dpi: int) -> Key:
    return (picture.master.digest, picture.box.width_mm, picture.box.height_mm, dpi)
