"""A designed page as plain shapes, so that whoever watches sees it before the book is bound."""

from collections.abc import Callable, Iterator
from typing import assert_never

from agents.book.design import Doodle, Element, PageDesign, Panel, PlacedPicture, TextBlock
from agents.book.design import Sheet as PageSheet
from agents.craft.pagedesign import page_sheets
from agents.craft.typesetting import MM_PER_PT
from monitor.page.views import Shape, Sheet, Spread

AddressOf = Callable[[str], str]
"""The address of the small picture of a path of the source, empty where there is none."""


def spread(item: str, page: PageDesign, address_of: AddressOf) -> Spread:
    """One page as it will stand in the book."""
    sheets = page_sheets(page)
    return Spread(
        number=page.number,
        item=item,
        label=sheets[0].label,
        width_mm=page.size.width_mm,
        height_mm=page.size.height_mm,
        sheets=tuple(_sheet(sheet, address_of) for sheet in sheets),
    )


def _sheet(sheet: PageSheet, address_of: AddressOf) -> Sheet:
    shapes = (shape for element in sheet.elements for shape in _shapes(element, address_of))
    return Sheet(sheet.tint, sheet.ink, tuple(shapes))


def _shapes(element: Element, address_of: AddressOf) -> Iterator[Shape]:
    match element:
        case PlacedPicture():
            if element.matte:
                yield _box(element.matte)
            place = element.box
            yield Shape(
                "image",
                *(place.x_mm, place.y_mm, place.width_mm, place.height_mm),
                corner_mm=element.corner_mm,
                address=address_of(element.path),
                alt=element.alt,
            )
        case TextBlock():
            yield _text(element)
        case Panel():
            yield _box(element)
        case Doodle(points, width_mm, colour):
            drawn = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
            yield Shape("line", width_mm=width_mm, colour=colour, points=drawn)
        case _:
            assert_never(element)


def _box(panel: Panel) -> Shape:
    place = panel.box
    return Shape(
        "box",
        *(place.x_mm, place.y_mm, place.width_mm, place.height_mm),
        colour=panel.colour,
        corner_mm=panel.corner_mm,
    )


def _text(block: TextBlock) -> Shape:
    size_mm = block.size_pt * MM_PER_PT
    place = block.box
    across = {"center": place.width_mm / 2, "right": place.width_mm}.get(block.align, 0.0)
    return Shape(
        "text",
        x_mm=place.x_mm + across,
        y_mm=place.y_mm + block.baseline_ratio * size_mm,
        lines=block.lines,
        size_mm=size_mm,
        leading_mm=size_mm * block.leading_ratio,
        face=block.face,
        align=block.align,
    )
