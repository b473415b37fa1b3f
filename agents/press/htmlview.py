"""The sheets of a book as a web page sees them: elements with ids, and the style rules that place them.

Boxes are given in percent of the sheet and type in hundredths of its width, so that everything scales with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import assert_never

from agents.book.design import (
    TRIM_MM,
    Box,
    Doodle,
    Element,
    Panel,
    PlacedPicture,
    Sheet,
    TextBlock,
    TextRole,
)
from agents.craft.typesetting import MM_PER_PT

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


def sheet_view(sheet: Sheet, image_of: ImageOf) -> SheetView:
    """One sheet; `image_of` gives the scaled file of a picture."""
    name = "cover" if sheet.number == 0 else f"sheet-{sheet.number}"
    views: list[ElementView] = []
    rules: list[str] = []
    for element in sheet.elements:
        for view, rule in _views(element, f"{name}-{len(views) + 1}", sheet.number, image_of):
            views.append(view)
            rules.append(f"#{view.id}{{{rule}}}")
    placing = "\n".join(rules)
    if _flows(sheet):
        placing = f"{_ROOMY}{{{placing}}}"
    colours = f"#{name}{{--tint:{sheet.tint};--ink:{sheet.ink}}}"
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


def _views(element: Element, name: str, number: int, image_of: ImageOf) -> Iterator[tuple[ElementView, str]]:
    match element:
        case PlacedPicture():
            yield from _picture(element, name, image_of)
        case TextBlock():
            if element.lines:
                yield _text(element, name, number)
        case Panel():
            yield PanelView(name), _panel_rule(element)
        case Doodle():
            yield _doodle(element, name)
        case _:
            assert_never(element)


def _picture(picture: PlacedPicture, name: str, image_of: ImageOf) -> Iterator[tuple[ElementView, str]]:
    if picture.matte:
        yield PanelView(f"{name}-matte"), _panel_rule(picture.matte)
    image = image_of(picture)
    view = PictureView(name, image.source, picture.alt, image.width_px, image.height_px)
    yield view, f"{_place(picture.box)}{_corner(picture.corner_mm)}"


def _text(block: TextBlock, name: str, number: int) -> tuple[ElementView, str]:
    tag = "p"
    if block.role is TextRole.TITLE:
        tag = "h1" if number == 0 else "h2"
    elif block.role is TextRole.HEADING:
        tag = "h2"
    classes = ["text", block.role.value]
    classes.extend(word for word in (block.face, block.align) if word not in {"regular", "left"})
    if block.role is TextRole.BODY and block.size_pt < 14:
        classes.append("small")
    type_cqw = block.size_pt * MM_PER_PT / TRIM_MM * 100
    rule = f"{_place(block.box)}font-size:{_number(type_cqw)}cqw;line-height:{block.leading_ratio}"
    is_hidden = block.role is TextRole.FOLIO
    return TextView(name, tag, " ".join(classes), block.lines, is_hidden), rule


def _doodle(doodle: Doodle, name: str) -> tuple[ElementView, str]:
    across, down = ([point[axis] for point in doodle.points_mm] for axis in (0, 1))
    box = Box(
        min(across) - _STROKE_ROOM_MM,
        min(down) - _STROKE_ROOM_MM,
        max(across) - min(across) + 2 * _STROKE_ROOM_MM,
        max(down) - min(down) + 2 * _STROKE_ROOM_MM,
    )
    points = [f"{_number(x - box.x_mm)} {_number(y - box.y_mm)}" for x, y in doodle.points_mm]
    view = DoodleView(
        id=name,
        view=f"0 0 {_number(box.width_mm)} {_number(box.height_mm)}",
        path=f"M{'L'.join(points)}",
        colour=doodle.colour,
        width=_number(doodle.width_mm),
    )
    return view, _place(box)


def _panel_rule(panel: Panel) -> str:
    return f"{_place(panel.box)}background:{panel.colour};{_corner(panel.corner_mm)}"


def _place(box: Box) -> str:
    sides = (
        ("left", box.x_mm),
        ("top", box.y_mm),
        ("width", box.width_mm),
        ("height", box.height_mm),
    )
    return "".join(f"{side}:{_number(length / TRIM_MM * 100)}%;" for side, length in sides)


def _corner(corner_mm: float) -> str:
    return f"border-radius:{_number(corner_mm / TRIM_MM * 100)}cqw" if corner_mm else ""


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") or "0"
