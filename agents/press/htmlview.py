"""The sheets of a book as a web page sees them: elements with ids, and the style rules that place them.

The web page and the e-book set the same elements; their lengths are written in the units that each of them takes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import assert_never

from agents.book.design import (
    Box,
    Doodle,
    Element,
    Panel,
    PlacedPicture,
    Sheet,
    TextBlock,
    TextRole,
)
from agents.press.units import Units, number, type_size

_ROOMY = "@media (min-width: 640.02px) and (min-height: 480.02px), print"  # as in book.css
_STROKE_ROOM_MM = 1.0


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A picture file of the page: its address within the folder and its size in pixels."""

    source: str
    width_px: int
    height_px: int


ImageOf = Callable[[PlacedPicture], ImageFile]


@dataclass(frozen=True, slots=True)
class PictureView:
    """An image."""

    id: str
    source: str
    alt: str
    width_px: int
    height_px: int
    kind: str = "picture"


@dataclass(frozen=True, slots=True)
class PanelView:
    """A coloured box."""

    id: str
    kind: str = "panel"


@dataclass(frozen=True, slots=True)
class DoodleView:
    """A line as the path of a small drawing."""

    id: str
    view: str
    path: str
    colour: str
    width: str
    kind: str = "doodle"


@dataclass(frozen=True, slots=True)
class TextView:
    """A text and the tag that it is."""

    id: str
    tag: str
    classes: str
    lines: tuple[str, ...]
    is_hidden: bool
    kind: str = "text"


ElementView = PictureView | PanelView | DoodleView | TextView


@dataclass(frozen=True, slots=True)
class SheetView:
    """A sheet with its elements in reading order, and the style rules of both."""

    id: str
    classes: str
    label: str
    elements: tuple[ElementView, ...]
    rules: str


def sheet_view(sheet: Sheet, image_of: ImageOf, units: Units, *, may_flow: bool = True) -> SheetView:
    """One sheet; `image_of` gives the scaled file of a picture. What may flow is placed on roomy screens only."""
    name = "cover" if sheet.number == 0 else f"sheet-{sheet.number}"
    views: list[ElementView] = []
    rules: list[str] = []
    for element in sheet.elements:
        for view, rule in _Setter(f"{name}-{len(views) + 1}", sheet.number, image_of, units).views(element):
            views.append(view)
            rules.append(f"#{view.id}{{{rule}}}")
    placing = "\n".join(rules)
    if may_flow and _flows(sheet):
        placing = f"{_ROOMY}{{{placing}}}"
    colours = f"#{name}{{background:{sheet.tint};color:{sheet.ink}}}"
    return SheetView(name, _classes(sheet), sheet.label, tuple(views), f"{colours}\n{placing}")


def _classes(sheet: Sheet) -> str:
    side = "cover" if sheet.number == 0 else "recto" if sheet.number % 2 else "verso"
    classes = ["sheet", side]
    if _flows(sheet):
        classes.append("flow")
        if not sheet.pictures:
            classes.append("solo")
    return " ".join(classes)


def _flows(sheet: Sheet) -> bool:
    """Whether there is something to read: then it may not be scaled down on a small screen."""
    return any(block.role in {TextRole.BODY, TextRole.HEADING, TextRole.NOTE} for block in sheet.texts) and not any(
        block.role is TextRole.TITLE for block in sheet.texts
    )


@dataclass(frozen=True, slots=True)
class _Setter:
    """Makes views and rules of one element, under ids that begin with `name`."""

    name: str
    sheet: int
    image_of: ImageOf
    units: Units

    def views(self, element: Element) -> Iterator[tuple[ElementView, str]]:
        """The views of the element in the order in which they are drawn, each with its declarations."""
        match element:
            case PlacedPicture():
                yield from self._picture(element)
            case TextBlock():
                if element.lines:
                    yield self._text(element)
            case Panel():
                yield PanelView(self.name), self._panel_rule(element)
            case Doodle():
                yield self._doodle(element)
            case _:
                assert_never(element)

    def _picture(self, picture: PlacedPicture) -> Iterator[tuple[ElementView, str]]:
        if picture.matte:
            yield PanelView(f"{self.name}-matte"), self._panel_rule(picture.matte)
        image = self.image_of(picture)
        view = PictureView(self.name, image.source, picture.alt, image.width_px, image.height_px)
        yield view, f"{self.units.place(picture.box)}{self._corner(picture.corner_mm)}"

    def _text(self, block: TextBlock) -> tuple[ElementView, str]:
        tag = "p"
        if block.role is TextRole.TITLE:
            tag = "p" if self.sheet == 0 else "h2"  # the page as a whole is headed by the title
        elif block.role is TextRole.HEADING:
            tag = "h2"
        classes = ["text", block.role.value]
        classes.extend(word for word in (block.face, block.align) if word not in {"regular", "left"})
        if block.role is TextRole.BODY and block.size_pt < 14:
            classes.append("small")
        size = type_size(self.units, block.size_pt)
        rule = f"{self.units.place(block.box)}font-size:{size};line-height:{block.leading_ratio}"
        return TextView(self.name, tag, " ".join(classes), block.lines, block.role is TextRole.FOLIO), rule

    def _doodle(self, doodle: Doodle) -> tuple[ElementView, str]:
        across, down = ([point[axis] for point in doodle.points_mm] for axis in (0, 1))
        box = Box(
            min(across) - _STROKE_ROOM_MM,
            min(down) - _STROKE_ROOM_MM,
            max(across) - min(across) + 2 * _STROKE_ROOM_MM,
            max(down) - min(down) + 2 * _STROKE_ROOM_MM,
        )
        points = [f"{number(x - box.x_mm)} {number(y - box.y_mm)}" for x, y in doodle.points_mm]
        view = DoodleView(
            id=self.name,
            view=f"0 0 {number(box.width_mm)} {number(box.height_mm)}",
            path=f"M{'L'.join(points)}",
            colour=doodle.colour,
            width=number(doodle.width_mm),
        )
        return view, self.units.place(box)

    def _panel_rule(self, panel: Panel) -> str:
        return f"{self.units.place(panel.box)}background:{panel.colour};{self._corner(panel.corner_mm)}"

    def _corner(self, corner_mm: float) -> str:
        return f"border-radius:{self.units.across(corner_mm)}" if corner_mm else ""
