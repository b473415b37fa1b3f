"""Front and back matter: title page, imprint, dedication, more drawings, the end; and the whole book in order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from agents.book.contents import Contents, Imprint, LooseDrawing
from agents.book.design import Box, Element, PageDesign, PlacedPicture, Sheet, TextBlock, TextRole
from agents.craft import wording
from agents.craft.coversheet import cover_sheet, title_block
from agents.craft.doodles import heart, line, star, wave
from agents.craft.gridboxes import whole_within
from agents.craft.pagedesign import edged, folio, page_sheets, place_drawing
from agents.craft.storysheet import CONTENT, SAFE
from agents.craft.textblocks import Style, moved, set_text, set_within
from agents.craft.tint import PageColours, page_colours
from agents.craft.typesetting import clean

DRAWINGS_A_SHEET = 4
UNTITLED = "My Picture Book"
_MIDDLE_MM = SAFE.x_mm + SAFE.width_mm / 2
_HEADING = Style(22, 1.3, face="bold", role=TextRole.HEADING)
_SMALL_HEADING = Style(13, 1.4, face="bold", role=TextRole.HEADING)
_SMALL = Style(11, 1.5, max_chars=70)
_AUTHOR = Style(20, 1.4, align="center")
_DEDICATION = Style(20, 1.5, align="center", max_chars=45)
_ENDING = Style(44, 1.25, face="bold", align="center", role=TextRole.HEADING)
_LABEL = Style(12, 1.3, align="center", role=TextRole.NOTE)
_GALLERY = 6


def lay_out_book(imprint: Imprint, pages: Sequence[PageDesign], more_drawings: Sequence[LooseDrawing] = ()) -> Contents:
    """The whole book: cover, front matter, the pages' spreads, back matter, on an even number of sheets.

    Sheet 1 is the title page, 2 the imprint, 3 the dedication; page n takes the sheets 2n+2 and 2n+3.
    """
    imprint = replace(imprint, title=clean(imprint.title) or UNTITLED)
    look = _look(pages)
    front = (
        _title_sheet(imprint, look),
        _imprint_sheet(imprint, look),
        _dedication_sheet(imprint, look),
    )
    spreads = [sheet for page in pages for sheet in page_sheets(page)]
    back = _back_matter(imprint, look, pages, more_drawings, first=4 + len(spreads))
    drawings = tuple(picture for sheet in back[: _more_sheets(len(more_drawings))] for picture in sheet.pictures)
    return Contents(
        imprint=imprint,
        cover=cover_sheet(imprint.title, imprint.author, look.hero, look.colours.accent),
        sheets=(*front, *spreads, *back),
        pages=tuple(pages),
        more_drawings=drawings,
        hero=front[0].pictures[0] if look.hero else None,
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """What the sheets round the story share: the picture that stands for the book, and its colours."""

    hero: PlacedPicture | None
    colours: PageColours


def _look(pages: Sequence[PageDesign]) -> _Look:
    """The drawing that most renderings were made from stands for the book, if its shape suits; the first of those."""
    if not pages:
        return _Look(None, page_colours(()))
    best = max(pages, key=lambda page: (_is_squarish(page.drawing), len(page.renderings), -page.number))
    colours = PageColours(best.tint, best.ink, best.accent, best.contrast_ratio)
    return _Look(best.drawing, colours)


def _is_squarish(drawing: PlacedPicture) -> bool:
    return 0.6 <= drawing.width_px / drawing.height_px <= 1.7


def _title_sheet(imprint: Imprint, look: _Look) -> Sheet:
    title = title_block(imprint.title, Box(SAFE.x_mm + 6, SAFE.y_mm + 4, SAFE.width_mm - 12, 62))
    waved_mm = title.box.bottom_mm + 4
    ornament = wave(_MIDDLE_MM - 17, waved_mm, 34, look.colours.accent, line_mm=0.9)
    elements: list[Element] = [ornament, title]
    foot_mm = SAFE.bottom_mm
    if author := wording.one_line(imprint.author, 80):
        block = set_within(author, _AUTHOR, Box(SAFE.x_mm, 0, SAFE.width_mm, 10), (20, 17, 14, 12))
        foot_mm = SAFE.bottom_mm - block.box.height_mm
        elements.append(moved(block, 0, foot_mm))
    if look.hero:
        room = Box(SAFE.x_mm, waved_mm + 7, SAFE.width_mm, max(20.0, foot_mm - waved_mm - 13))
        elements.append(edged(look.hero, room, look.colours.tint))
    return _sheet(1, wording.one_line(imprint.title, 120), look, elements)


def _imprint_sheet(imprint: Imprint, look: _Look) -> Sheet:
    blocks = _stacked(
        [
            ("About this book", _SMALL_HEADING, 1.5),
            (_how_it_was_made(imprint), _SMALL, 3.0),
            (_made_with(imprint), _SMALL, 3.0),
            ("Set in Andika, a typeface by SIL for those who learn to read.", _SMALL, 3.0),
            (f"{imprint.date} · seed {imprint.seed} · book {imprint.book_id}", _SMALL, 0.0),
        ],
        width_mm=SAFE.width_mm * 0.8,
    )
    height_mm = blocks[-1].box.bottom_mm
    lowered = [moved(block, SAFE.x_mm, SAFE.bottom_mm - height_mm) for block in blocks]
    return _sheet(2, "About this book", look, lowered)


def _how_it_was_made(imprint: Imprint) -> str:
    author = wording.one_line(imprint.author, 80)
    made = dict(imprint.made_with)
    words = made.get("language", "offline")
    teller = "a storytelling program" if words == "offline" else f"a language model ({words})"
    return (
        f"The drawings on the left-hand pages were made by {author or 'a child'}, by hand. "
        "The pictures on the right-hand pages were made from those drawings by a machine, an image model. "
        f"The story was put together by a machine as well, {teller}, unless a person wrote it. "
        f"For readers of about {imprint.age} years."
    )


def _made_with(imprint: Imprint) -> str:
    parts = ", ".join(f"{part} ({maker})" for part, maker in imprint.made_with)
    return f"Made with Doodlebound{': ' if parts else ''}{parts}."


def _dedication_sheet(imprint: Imprint, look: _Look) -> Sheet:
    colour = look.colours.accent
    if imprint.dedication.strip():
        room = Box(SAFE.x_mm + 20, 0, SAFE.width_mm - 40, SAFE.height_mm - 30)
        text = set_within(imprint.dedication, _DEDICATION, room, (20, 18, 16, 14, 12, 10))
        top_mm = SAFE.y_mm + max(16.0, 0.42 * (SAFE.height_mm - text.box.height_mm))
        return _sheet(3, "Dedication", look, [heart(_MIDDLE_MM, top_mm - 8, 4.0, colour), moved(text, 0, top_mm)])
    text = set_text("This book belongs to", _DEDICATION, SAFE.x_mm, 84, SAFE.width_mm)
    return _sheet(
        3,
        "This book belongs to",
        look,
        [star(_MIDDLE_MM, 74, 6.0, colour), text, line(_MIDDLE_MM - 50, 122, 100, look.colours.ink)],
    )


def _back_matter(
    imprint: Imprint,
    look: _Look,
    pages: Sequence[PageDesign],
    loose: Sequence[LooseDrawing],
    *,
    first: int,
) -> list[Sheet]:
    count = _more_sheets(len(loose))
    back = [_more_sheet(first + at, look, chunk, is_first=at == 0) for at, chunk in enumerate(_balanced(loose, count))]
    shown = len({page.drawing.path for page in pages}) + len(loose)
    back.append(_closing_sheet(first + count, imprint, look, pages, drawings=shown))
    if (first + count) % 2:
        back.append(_last_sheet(first + count + 1, look))
    return back


def _more_sheets(drawings: int) -> int:
    """How many sheets the loose drawings take: an even number of them, where there are enough to fill it."""
    needed = -(-drawings // DRAWINGS_A_SHEET)
    return needed + 1 if needed % 2 and drawings > needed else needed


def _balanced(loose: Sequence[LooseDrawing], count: int) -> Iterable[Sequence[LooseDrawing]]:
    starts = [round(at * len(loose) / count) for at in range(count + 1)] if count else [0]
    return (loose[start:end] for start, end in pairwise(starts))


def _more_sheet(number: int, look: _Look, loose: Sequence[LooseDrawing], *, is_first: bool) -> Sheet:
    elements: list[Element] = []
    top_mm = SAFE.y_mm
    if is_first:
        heading = set_text("More drawings", _HEADING, SAFE.x_mm, SAFE.y_mm, SAFE.width_mm)
        elements.append(heading)
        top_mm = heading.box.bottom_mm + 4
    area = replace(CONTENT, y_mm=top_mm, height_mm=CONTENT.bottom_mm - top_mm)
    for drawing, cell in zip(loose, _cells(len(loose), area), strict=True):
        elements.extend(_labelled(drawing, cell, look.colours.tint))
    elements.append(folio(number))
    return _sheet(number, "More drawings", look, elements)


def _cells(count: int, area: Box) -> list[Box]:
    columns = 1 if count <= 2 else 2
    rows = -(-count // columns)
    width_mm = (area.width_mm - 8.0 * (columns - 1)) / columns
    height_mm = (area.height_mm - 6.0 * (rows - 1)) / rows
    cells = []
    for at in range(count):
        row, column = divmod(at, columns)
        is_alone = at == count - 1 and column == 0 and columns == 2
        left_mm = area.x_mm + (area.width_mm - width_mm) / 2 if is_alone else area.x_mm + column * (width_mm + 8.0)
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


def _closing_sheet(number: int, imprint: Imprint, look: _Look, pages: Sequence[PageDesign], *, drawings: int) -> Sheet:
    ending = set_text("The end", _ENDING, SAFE.x_mm, 62, SAFE.width_mm)
    waved_mm = ending.box.bottom_mm + 4
    elements: list[Element] = [wave(_MIDDLE_MM - 17, waved_mm, 34, look.colours.accent, line_mm=0.9), ending]
    strip = [page.drawing for page in pages]
    elements.extend(_strip(strip[:: -(-len(strip) // _GALLERY) or 1], waved_mm + 14, look.colours.tint))
    if author := wording.one_line(imprint.author, 80):
        elements.extend(_about_the_artist(author, drawings))
    elements.append(folio(number))
    return _sheet(number, "The end", look, elements)


def _strip(drawings: Sequence[PlacedPicture], top_mm: float, tint: str) -> list[PlacedPicture]:
    """Some of the drawings once more, small and of one height, in a row."""
    if not drawings:
        return []
    aspects = [_aspect(drawing) for drawing in drawings]
    gaps_mm = 3.0 * (len(drawings) - 1)
    height_mm = min(36.0, (SAFE.width_mm - gaps_mm) / sum(aspects))
    left_mm = _MIDDLE_MM - (height_mm * sum(aspects) + gaps_mm) / 2
    placed = []
    for drawing, aspect_ratio in zip(drawings, aspects, strict=True):
        placed.append(edged(drawing, Box(left_mm, top_mm, height_mm * aspect_ratio, height_mm), tint))
        left_mm += height_mm * aspect_ratio + 3.0
    return placed


def _about_the_artist(author: str, drawings: int) -> list[TextBlock]:
    are = "The drawing in this book is" if drawings == 1 else f"All {drawings} drawings in this book are"
    blocks = _stacked(
        [
            ("About the artist", replace(_SMALL_HEADING, align="center"), 1.0),
            (f"{are} by {author}.", replace(_SMALL, align="center", size_pt=12), 0),
        ],
        width_mm=SAFE.width_mm,
    )
    lift_mm = CONTENT.bottom_mm - 8 - blocks[-1].box.bottom_mm
    return [moved(block, SAFE.x_mm, lift_mm) for block in blocks]


def _last_sheet(number: int, look: _Look) -> Sheet:
    return _sheet(number, "Last page", look, [star(_MIDDLE_MM, _MIDDLE_MM, 7.0, look.colours.accent)])


def _stacked(parts: Sequence[tuple[str, Style, float]], *, width_mm: float) -> list[TextBlock]:
    """Texts one under the other from 0, 0, each with the gap in mm that follows it."""
    blocks: list[TextBlock] = []
    top_mm = 0.0
    for text, style, gap_mm in parts:
        blocks.append(set_text(text, style, 0, top_mm, width_mm))
        top_mm = blocks[-1].box.bottom_mm + gap_mm
    return blocks


def _aspect(picture: PlacedPicture) -> float:
    return picture.width_px / picture.height_px


def _sheet(number: int, label: str, look: _Look, elements: Sequence[Element]) -> Sheet:
    return Sheet(number, label, look.colours.tint, look.colours.ink, tuple(elements))
