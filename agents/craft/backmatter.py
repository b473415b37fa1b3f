"""Back matter: more drawings, the end, about the artist, and sheets to draw on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from agents.book.contents import LooseDrawing
from agents.book.design import Box, Element, PageDesign, Panel, PlacedPicture, Sheet, TextRole
from agents.craft import wording
from agents.craft.doodles import line
from agents.craft.gridboxes import grown, whole_within
from agents.craft.pagedesign import edged, folio, place_drawing
from agents.craft.scheme import Scheme, stacked
from agents.craft.textblocks import Style, moved, set_text
from agents.craft.tint import edge_colour

_T = TypeVar("_T")

DRAWINGS_A_SHEET = 4
_HEADING = Style(28, 1.2, face="display", role=TextRole.HEADING)
_ENDING = Style(48, 1.2, face="display", align="center", role=TextRole.HEADING)
_LABEL = Style(12, 1.3, align="center", role=TextRole.NOTE)
_PLAIN = Style(14, 1.45, align="center")
_PROMPT = Style(18, 1.35, align="center", role=TextRole.HEADING, face="display")
_ROW = 6
_FRAME_WHITE = "#ffffff"
PROMPTS = (
    "Draw somebody who laughs.",
    "Draw a house that you would like to live in.",
    "Draw something very big and something very small.",
    "Draw the weather today.",
    "Draw an animal that nobody has ever seen.",
    "Draw what is under the bed.",
    "Draw a machine that helps you.",
    "Draw your favourite page again, in your own way.",
    "Draw what you dreamed of.",
    "Draw something to eat.",
    "Draw a place that is far away.",
    "Draw what happens next.",
)


@dataclass(frozen=True, slots=True)
class Back:
    """The back matter's sheets, and how many of them hold the loose drawings."""

    sheets: tuple[Sheet, ...]
    more_sheets: int


def back_matter(
    author: str, look: Scheme, pages: Sequence[PageDesign], loose: Sequence[LooseDrawing], *, first: int
) -> Back:
    """The sheets from number `first` on, so many that the last number is even."""
    count = _more_sheets(len(loose))
    back = [_more_sheet(first + at, look, part, is_first=at == 0) for at, part in enumerate(_balanced(loose, count))]
    shown = len({page.drawing.path for page in pages}) + len(loose)
    number = first + count
    back.append(_closing_sheet(number, look, pages))
    back.append(_artist_sheet(number + 1, author, look, drawings=shown))
    if number % 2 == 0:
        back.append(drawing_sheet(number + 2, look, 0))
    return Back(tuple(back), count)


def gallery_sheets(first: int, look: Scheme, drawings: Sequence[PlacedPicture]) -> list[Sheet]:
    """All the drawings once more, up to nine a sheet, from number `first` on."""
    parts = list(_balanced(drawings, -(-len(drawings) // 9)))
    sheets = []
    for at, part in enumerate(parts):
        heading = set_text("All the drawings", _HEADING, look.safe.x_mm, look.safe.y_mm, look.safe.width_mm)
        area = _below(look, heading.box.bottom_mm + 5)
        placed = [
            edged(drawing, cell, look.colours.tint)
            for drawing, cell in zip(part, _cells(len(part), area, 3), strict=True)
        ]
        sheets.append(look.sheet(first + at, "All the drawings", [heading, *placed, folio(first + at, look.size)]))
    return sheets


def drawing_sheet(number: int, look: Scheme, nth: int) -> Sheet:
    """An empty frame to draw in, with the nth of some prompts."""
    safe = look.size.content
    prompt = set_text(PROMPTS[nth % len(PROMPTS)], _PROMPT, safe.x_mm, safe.y_mm + 2, safe.width_mm)
    top_mm = prompt.box.bottom_mm + 6
    room = Box(safe.x_mm, top_mm, safe.width_mm, safe.bottom_mm - top_mm - 2)
    return look.sheet(number, "Draw your own", [prompt, *_frame(look, room), folio(number, look.size)])


def _frame(look: Scheme, room: Box) -> tuple[Panel, Panel]:
    edge = Panel(room, edge_colour(look.colours.tint), 4.0)
    return edge, Panel(grown(room, -0.7), _FRAME_WHITE, 3.4)


def _more_sheets(drawings: int) -> int:
    """How many sheets the loose drawings take: an even number of them, where there are enough to fill it."""
    needed = -(-drawings // DRAWINGS_A_SHEET)
    return needed + 1 if needed % 2 and drawings > needed else needed


def _balanced(things: Sequence[_T], count: int) -> Iterable[Sequence[_T]]:
    starts = [round(at * len(things) / count) for at in range(count + 1)] if count else [0]
    return (things[start:end] for start, end in pairwise(starts))


def _below(look: Scheme, top_mm: float) -> Box:
    content = look.size.content
    return replace(content, y_mm=top_mm, height_mm=content.bottom_mm - top_mm)


def _more_sheet(number: int, look: Scheme, loose: Sequence[LooseDrawing], *, is_first: bool) -> Sheet:
    elements: list[Element] = []
    top_mm = look.safe.y_mm
    if is_first:
        heading = set_text("More drawings", _HEADING, look.safe.x_mm, look.safe.y_mm, look.safe.width_mm)
        elements.append(heading)
        top_mm = heading.box.bottom_mm + 4
    columns = 1 if len(loose) <= 2 else 2
    for drawing, cell in zip(loose, _cells(len(loose), _below(look, top_mm), columns), strict=True):
        elements.extend(_labelled(drawing, cell, look.colours.tint))
    elements.append(folio(number, look.size))
    return look.sheet(number, "More drawings", elements)


def _cells(count: int, area: Box, columns: int) -> list[Box]:
    """Even cells in rows; those of the last row stand in the middle."""
    columns = min(columns, count)
    rows = -(-count // columns)
    width_mm = (area.width_mm - 8.0 * (columns - 1)) / columns
    height_mm = (area.height_mm - 6.0 * (rows - 1)) / rows
    cells = []
    for at in range(count):
        row, column = divmod(at, columns)
        missing = columns - min(columns, count - row * columns)
        left_mm = area.x_mm + (column + missing / 2) * (width_mm + 8.0)
        cells.append(Box(left_mm, area.y_mm + row * (height_mm + 6.0), width_mm, height_mm))
    return cells


def _labelled(drawing: LooseDrawing, cell: Box, tint: str) -> tuple[Element, ...]:
    name = wording.label(drawing.caption, drawing.name_words)
    alt = wording.drawing_alt(drawing.caption, drawing.name_words, drawing.picture.palette)
    label = set_text(name, _LABEL, cell.x_mm, 0, cell.width_mm)
    room = replace(cell, height_mm=max(20.0, cell.height_mm - label.box.height_mm - 1.5))
    box = whole_within(drawing.picture.aspect_ratio, room)
    picture = place_drawing(drawing.picture, box, alt, tint)
    return (picture, moved(label, 0, box.bottom_mm + 1.5)) if name else (picture,)


def _closing_sheet(number: int, look: Scheme, pages: Sequence[PageDesign]) -> Sheet:
    ending = set_text("The end", _ENDING, look.safe.x_mm, 0.3 * look.size.height_mm, look.safe.width_mm)
    ruled_mm = ending.box.bottom_mm + 5
    elements: list[Element] = [look.rule(ruled_mm), ending]
    strip = [page.drawing for page in pages]
    elements.extend(_strip(strip[:: -(-len(strip) // _ROW) or 1], ruled_mm + 16, look))
    elements.append(folio(number, look.size))
    return look.sheet(number, "The end", elements)


def _strip(drawings: Sequence[PlacedPicture], top_mm: float, look: Scheme) -> list[PlacedPicture]:
    """Some of the drawings once more, small and of one height, in a row."""
    if not drawings:
        return []
    aspects = [drawing.width_px / drawing.height_px for drawing in drawings]
    gaps_mm = 3.0 * (len(drawings) - 1)
    height_mm = min(42.0, (look.safe.width_mm - gaps_mm) / sum(aspects))
    left_mm = look.middle_mm - (height_mm * sum(aspects) + gaps_mm) / 2
    placed = []
    for drawing, aspect_ratio in zip(drawings, aspects, strict=True):
        placed.append(edged(drawing, Box(left_mm, top_mm, height_mm * aspect_ratio, height_mm), look.colours.tint))
        left_mm += height_mm * aspect_ratio + 3.0
    return placed


def _artist_sheet(number: int, author: str, look: Scheme, *, drawings: int) -> Sheet:
    """Who drew, how many drawings, and a frame for a picture of the artist by the artist."""
    name = wording.one_line(author, 80)
    are = "The drawing in this book is" if drawings == 1 else f"All {drawings} drawings in this book are"
    side_mm = 0.45 * look.size.content.height_mm
    blocks = stacked(
        [
            ("About the artist", replace(_HEADING, align="center"), 2.0),
            (f"{are} by {name or 'a child'}.", _PLAIN, 0),
        ],
        width_mm=look.safe.width_mm,
    )
    heads = [moved(block, look.safe.x_mm, look.safe.y_mm + 6) for block in blocks]
    top_mm = heads[-1].box.bottom_mm + 9
    room = Box(look.middle_mm - side_mm / 2, top_mm, side_mm, side_mm)
    words = f"{name or 'The artist'}, drawn by {name or 'the artist'}"
    label = set_text(words, _LABEL, look.safe.x_mm, 0, look.safe.width_mm)
    label = moved(label, 0, room.bottom_mm + 2.5)
    ink = look.colours.ink
    asked: list[Element] = []
    for at, words in enumerate(("I was so old when I drew this book:", "I like best to draw:")):
        text = set_text(words, replace(_PLAIN, align="left", size_pt=12), look.safe.x_mm + 10, 0, 75)
        text = moved(text, 0, label.box.bottom_mm + 9 + at * 13)
        asked.extend((text, line(look.safe.x_mm + 88, text.box.bottom_mm - 1, look.safe.width_mm - 98, ink)))
    elements: list[Element] = [*heads, *_frame(look, room), label, *asked, folio(number, look.size)]
    return look.sheet(number, "About the artist", elements)
