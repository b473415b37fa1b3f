"""The cover: the title, the author and the chosen drawing, mounted on a tinted ground among doodles."""

from collections.abc import Sequence
from dataclasses import replace

from agents.book.design import (
    SQUARE,
    Box,
    Doodle,
    Element,
    PageSize,
    Panel,
    PlacedPicture,
    Sheet,
    TextBlock,
    TextRole,
    Theme,
)
from agents.craft import wording
from agents.craft.gridboxes import grown, whole_within
from agents.craft.ornaments import scattered
from agents.craft.textblocks import Style, moved, set_within, widest_mm
from agents.craft.tint import cover_colours

TITLE_SIZES_PT = (60, 54, 50, 46, 42, 38, 34, 30, 27, 24, 21, 18)
_TITLE = Style(60, 1.1, face="display", align="center", role=TextRole.TITLE)
_AUTHOR = Style(24, 1.3, align="center")
_MARGIN_MM = 16.0
_MOUNT_MM = 4.5
_PAPER = "#ffffff"


def title_block(title: str, room: Box) -> TextBlock:
    """The title in the largest type in which it finds room."""
    return set_within(title, _TITLE, room, TITLE_SIZES_PT)


def cover_sheet(
    title: str,
    author: str,
    hero: PlacedPicture | None,
    accent: str,
    *,
    size: PageSize = SQUARE,
    theme: Theme = Theme.CALM,
) -> Sheet:
    """The front cover as sheet 0, in a stronger tint of the hue of `accent`."""
    colours = cover_colours(accent, theme)
    width_mm = size.width_mm - 2 * _MARGIN_MM
    head = title_block(title, Box(_MARGIN_MM + 10, _MARGIN_MM - 1, width_mm - 20, 62))
    texts = [head]
    foot_mm = size.height_mm - _MARGIN_MM
    if name := wording.one_line(author, 80):
        block = set_within(name, _AUTHOR, Box(_MARGIN_MM, 0, width_mm, 12), (24, 20, 17, 14, 12))
        foot_mm = size.height_mm - _MARGIN_MM + 2 - block.box.height_mm
        texts.append(moved(block, 0, foot_mm))
    top_mm = head.box.bottom_mm + 6
    mounted: tuple[Element, ...] = ()
    if hero:
        room = Box(_MARGIN_MM + 11, top_mm, width_mm - 22, max(20.0, foot_mm - 5 - top_mm))
        mounted = _mounted(hero, room)
    taken = [*(_tight(block) for block in texts), *(_box(element) for element in mounted)]
    doodles = [doodle for doodle in scattered(theme, size, colours.accent) if _is_free(doodle, taken)]
    return Sheet(
        number=0,
        label=wording.one_line(title, 120),
        tint=colours.tint,
        ink=colours.ink,
        elements=(*doodles, texts[0], *mounted, *texts[1:]),
    )


def _mounted(hero: PlacedPicture, room: Box) -> tuple[Element, ...]:
    """The drawing on a white card."""
    box = whole_within(hero.width_px / hero.height_px, grown(room, -_MOUNT_MM))
    card = grown(box, _MOUNT_MM)
    return Panel(card, _PAPER, 2.5), replace(hero, box=box, corner_mm=1.0, matte=None)


def _is_free(doodle: Doodle, taken: Sequence[Box]) -> bool:
    clear_mm = 2.5
    return not any(
        box.x_mm - clear_mm < x_mm < box.right_mm + clear_mm and box.y_mm - clear_mm < y_mm < box.bottom_mm + clear_mm
        for x_mm, y_mm in doodle.points_mm
        for box in taken
    )


def _tight(block: TextBlock) -> Box:
    """The box of the letters themselves, in a block that is centred in a wider one."""
    width_mm = widest_mm(block)
    left_mm = block.box.x_mm + (block.box.width_mm - width_mm) / 2
    return Box(left_mm, block.box.y_mm, width_mm, block.box.height_mm)


def _box(element: Element) -> Box:
    match element:
        case Doodle():
            raise TypeError("a doodle has no box")
        case _:
            return element.box
