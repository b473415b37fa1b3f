"""The wrap of a printed book as one sheet: back cover, spine and front cover, with room for a barcode."""

from dataclasses import replace
from typing import assert_never

from agents.book.contents import Contents
from agents.book.design import Box, Doodle, Element, PageSize, Panel, PlacedPicture, Sheet, TextBlock
from agents.craft import wording
from agents.craft.gridboxes import whole_within
from agents.craft.ornaments import rule
from agents.craft.textblocks import Style, set_text, set_within
from agents.craft.tint import cover_colours

BARCODE_MM = (50.8, 30.48)
"""Width and height of the box in the lower right of the back cover that is left to the barcode."""
_BARCODE_FROM_EDGE_MM = 9.0
_BLURB = Style(16, 1.45, align="center", max_chars=45)
_SMALL = Style(12, 1.4, align="center")
_ROW = 3


def wrap_size(size: PageSize, spine_mm: float) -> PageSize:
    """The size of the wrap after cutting."""
    return PageSize(2 * size.width_mm + spine_mm, size.height_mm)


def barcode_box(size: PageSize) -> Box:
    """The place of the barcode on the wrap."""
    width_mm, height_mm = BARCODE_MM
    left_mm = size.width_mm - _BARCODE_FROM_EDGE_MM - width_mm
    return Box(left_mm, size.height_mm - _BARCODE_FROM_EDGE_MM - height_mm, width_mm, height_mm)


def wrap_sheet(contents: Contents, spine_mm: float) -> Sheet:
    """Back cover, spine and front cover of a laid out book. No text stands on the spine: it is too thin."""
    front = tuple(_shifted(element, contents.size.width_mm + spine_mm) for element in contents.cover.elements)
    return replace(contents.cover, label="Cover", elements=(*front, *_back(contents)))


def _back(contents: Contents) -> list[Element]:
    size, safe = contents.size, contents.size.safe
    accent = cover_colours(contents.cover.tint, contents.theme).accent
    room = Box(safe.x_mm + 12, safe.y_mm + 10, safe.width_mm - 24, 60)
    blurb = set_within(_blurb(contents), _BLURB, room, (16, 14, 12))
    top_mm = blurb.box.bottom_mm + 8
    middle_mm = size.width_mm / 2
    elements: list[Element] = [blurb, rule(contents.theme, middle_mm - 17, top_mm, 34, accent, line_mm=0.9)]
    foot_mm = barcode_box(size).y_mm - 8
    elements.extend(_row(contents, Box(safe.x_mm, top_mm + 8, safe.width_mm, foot_mm - top_mm - 8)))
    made = set_text("Made with Doodlebound", replace(_SMALL, align="left"), safe.x_mm, 0, 80)
    elements.append(replace(made, box=replace(made.box, y_mm=safe.bottom_mm - made.box.height_mm)))
    elements.append(Panel(barcode_box(size), "#ffffff"))
    return elements


def _blurb(contents: Contents) -> str:
    author = wording.one_line(contents.imprint.author, 60) or "a child"
    count = len({page.drawing.path for page in contents.pages})
    pictures = sum(len(page.renderings) for page in contents.pages)
    drawings = "One drawing" if count == 1 else f"{count} drawings"
    dreamed = "one picture that was" if pictures == 1 else f"{pictures} pictures that were"
    return f"{drawings} by {author}, the story in them, and {dreamed} made from them."


def _row(contents: Contents, room: Box) -> list[PlacedPicture]:
    """One rendering each of some of the pages, side by side."""
    step = -(-len(contents.pages) // _ROW) or 1
    chosen = [page.renderings[0] for page in contents.pages[::step] if page.renderings]
    if not chosen:
        return []
    width_mm = (room.width_mm - 6.0 * (len(chosen) - 1)) / len(chosen)
    cells = [replace(room, x_mm=room.x_mm + at * (width_mm + 6.0), width_mm=width_mm) for at in range(len(chosen))]
    boxes = [
        whole_within(picture.width_px / picture.height_px, cell) for picture, cell in zip(chosen, cells, strict=True)
    ]
    return [replace(picture, box=box, matte=None, corner_mm=2.0) for picture, box in zip(chosen, boxes, strict=True)]


def _shifted(element: Element, dx_mm: float) -> Element:
    match element:
        case PlacedPicture():
            matte = element.matte and replace(element.matte, box=_moved(element.matte.box, dx_mm))
            return replace(element, box=_moved(element.box, dx_mm), matte=matte)
        case TextBlock() | Panel():
            return replace(element, box=_moved(element.box, dx_mm))
        case Doodle():
            return replace(element, points_mm=tuple((x_mm + dx_mm, y_mm) for x_mm, y_mm in element.points_mm))
        case _:
            assert_never(element)


def _moved(box: Box, dx_mm: float) -> Box:
    return replace(box, x_mm=box.x_mm + dx_mm)
