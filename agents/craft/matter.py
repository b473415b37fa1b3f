"""The whole book in order: cover, front matter, the pages' spreads, back matter; and filled up for a printer."""

from collections.abc import Sequence
from dataclasses import replace

from agents.book.contents import Contents, Imprint, LooseDrawing
from agents.book.design import PageDesign, Sheet
from agents.craft.backmatter import back_matter, drawing_sheet, gallery_sheets
from agents.craft.coversheet import cover_sheet
from agents.craft.frontmatter import OWNER, dedication_sheet, imprint_sheet, owner_sheet, title_sheet
from agents.craft.pagedesign import PLAIN_LOOK, Look, page_sheets
from agents.craft.scheme import scheme
from agents.craft.typesetting import clean

UNTITLED = "My Picture Book"


def lay_out_book(
    imprint: Imprint,
    pages: Sequence[PageDesign],
    more_drawings: Sequence[LooseDrawing] = (),
    look: Look = PLAIN_LOOK,
) -> Contents:
    """The whole book on an even number of sheets.

    Sheet 1 is the title page, 2 the colophon, 3 the dedication; page n takes the sheets 2n+2 and 2n+3.
    """
    imprint = replace(imprint, title=clean(imprint.title) or UNTITLED)
    dress = scheme(pages, look)
    front = (title_sheet(imprint, dress), imprint_sheet(imprint, dress), dedication_sheet(imprint, dress))
    spreads = [sheet for page in pages for sheet in page_sheets(page)]
    back = back_matter(imprint.author, dress, pages, more_drawings, first=4 + len(spreads))
    drawings = tuple(picture for sheet in back.sheets[: back.more_sheets] for picture in sheet.pictures)
    return Contents(
        imprint=imprint,
        cover=cover_sheet(
            imprint.title, imprint.author, dress.hero, dress.colours.accent, size=dress.size, theme=dress.theme
        ),
        sheets=(*front, *spreads, *back.sheets),
        pages=tuple(pages),
        more_drawings=drawings,
        hero=front[0].pictures[0] if dress.hero else None,
        size=dress.size,
        theme=dress.theme,
    )


def filled_up(contents: Contents, least: int) -> Contents:
    """The same book with at least so many sheets, as printers want it: an owner's page, all the drawings, and frames
    to draw in are added at the back, never blank sheets. The number of sheets stays even."""
    missing = least - len(contents.sheets)
    if missing <= 0:
        return contents
    missing += missing % 2
    dress = scheme(contents.pages, Look(contents.size, contents.theme))
    number = len(contents.sheets) + 1
    added: list[Sheet] = []
    if all(sheet.label != OWNER for sheet in contents.sheets):
        added.append(owner_sheet(number, dress))
    drawings = {page.drawing.path: page.drawing for page in contents.pages}
    drawings |= {drawing.path: drawing for drawing in contents.more_drawings}
    added.extend(gallery_sheets(number + len(added), dress, list(drawings.values()))[: missing - len(added)])
    start = number + len(added)
    frames = range(missing - len(added))
    added.extend(drawing_sheet(start + nth, dress, nth + 1) for nth in frames)
    return replace(contents, sheets=(*contents.sheets, *added))
