"""The design of one spread: the drawing and its story on the left sheet, the grid of its renderings on the right."""

from dataclasses import dataclass, replace

from agents.book.design import (
    SQUARE,
    Box,
    Doodle,
    PageDesign,
    PageSize,
    Panel,
    PlacedPicture,
    Sheet,
    TextBlock,
    TextRole,
    Theme,
)
from agents.book.layout import Grid
from agents.book.picture import Picture
from agents.book.story import PageBrief, PageText
from agents.craft import wording
from agents.craft.gridboxes import grid_frames, grown, whole_within
from agents.craft.ornaments import rule
from agents.craft.storyplan import StoryWords
from agents.craft.storysheet import StorySheet, lay_out_story
from agents.craft.textblocks import Style, set_text
from agents.craft.tint import PageColours, edge_colour, matte_colour, page_colours, plainest

DRAWING_CORNER_MM = 1.5
_EDGE_MM = 0.3
RENDERING_CORNER_MM = 2.0
_FOLIO = Style(10.5, 1.2, role=TextRole.FOLIO)


@dataclass(frozen=True, slots=True)
class Look:
    """How the pages of a book look: their size and theme, and black or white text where `is_plain`."""

    size: PageSize = SQUARE
    theme: Theme = Theme.CALM
    is_plain: bool = False


PLAIN_LOOK = Look()


def design_page(
    brief: PageBrief, grid: Grid, text: PageText, *, author: str = "", look: Look = PLAIN_LOOK
) -> PageDesign:
    """The spread of a page; where the story does not fit at 16 pt, `overflow_ratio` is above 1 and nothing is cut."""
    size = look.size
    colours = page_colours(brief.drawing.palette, *(picture.palette for picture in grid.pictures), theme=look.theme)
    colours = plainest(colours) if look.is_plain else colours
    words = StoryWords(story=text.text, caption=heading(brief), credit=wording.credit(author))
    left = lay_out_story(brief.drawing.aspect_ratio, words, size)
    sheets = (2 * brief.number + 2, 2 * brief.number + 3)
    drawing = place_drawing(brief.drawing, left.drawing, _drawing_alt(brief), colours.tint)
    return PageDesign(
        number=brief.number,
        sheets=sheets,
        tint=colours.tint,
        ink=colours.ink,
        accent=colours.accent,
        contrast_ratio=colours.contrast_ratio,
        overflow_ratio=left.overflow_ratio,
        drawing_ratio=drawing.box.area_mm2 / size.safe.area_mm2,
        drawing=drawing,
        story=left.story,
        caption=left.label.caption,
        renderings=_renderings(brief, grid, colours, size.content),
        credit=left.label.credit,
        folios=tuple(folio(number, size) for number in sheets),
        doodles=_doodles(left, colours, look.theme),
        ease_ratio=left.ease_ratio,
        size=size,
    )


def page_sheets(page: PageDesign) -> tuple[Sheet, Sheet]:
    """The two sheets of a spread, each with its elements in reading order."""
    left, right = page.sheets
    name = page.caption.text if page.caption else f"Page {page.number}"
    texts = [block for block in (page.credit, page.story, *page.folios[:1]) if block is not None]
    heads = [page.caption] if page.caption else []
    return (
        Sheet(left, name, page.tint, page.ink, (*page.doodles, *heads, page.drawing, *texts)),
        Sheet(
            right,
            f"Renderings of {name}" if page.caption else f"Renderings, page {page.number}",
            page.tint,
            page.ink,
            (*page.renderings, *page.folios[1:]),
        ),
    )


def heading(brief: PageBrief) -> str:
    """What stands in bold under a page's drawing: what it is called, else its number in the book."""
    scene = brief.scene
    return wording.label(scene.caption, scene.name_words) or f"Drawing {brief.number}"


def folio(number: int, size: PageSize = SQUARE) -> TextBlock:
    """The printed number of a sheet, at the foot of its outer edge."""
    style = replace(_FOLIO, align="right" if number % 2 else "left")
    block = set_text(str(number), style, size.safe.x_mm, 0, size.safe.width_mm)
    return replace(block, box=replace(block.box, y_mm=size.safe.bottom_mm - block.box.height_mm))


def place_drawing(picture: Picture, room: Box, alt: str, tint: str) -> PlacedPicture:
    """A child's drawing, always whole, with a hairline round it; both stand within the room given."""
    placed = PlacedPicture(
        path=picture.path,
        master=picture.master,
        width_px=picture.width_px,
        height_px=picture.height_px,
        box=room,
        alt=alt,
        corner_mm=DRAWING_CORNER_MM,
    )
    return edged(placed, room, tint)


def edged(picture: PlacedPicture, room: Box, tint: str) -> PlacedPicture:
    """The picture whole within the room, with a hairline round it that sets it off from the page."""
    inner = whole_within(picture.width_px / picture.height_px, grown(room, -_EDGE_MM))
    edge = Panel(grown(inner, _EDGE_MM), edge_colour(tint), DRAWING_CORNER_MM + _EDGE_MM)
    return replace(picture, box=inner, matte=edge)


def _drawing_alt(brief: PageBrief) -> str:
    scene = brief.scene
    return wording.drawing_alt(scene.caption, scene.name_words, brief.drawing.palette)


def _renderings(brief: PageBrief, grid: Grid, colours: PageColours, area: Box) -> tuple[PlacedPicture, ...]:
    count = len(grid.pictures)
    return tuple(
        PlacedPicture(
            path=picture.path,
            master=picture.master,
            width_px=picture.width_px,
            height_px=picture.height_px,
            box=frame.picture,
            alt=wording.rendering_alt(brief.scene, picture.palette, nth=nth, count=count),
            corner_mm=RENDERING_CORNER_MM if frame.is_filled else 0.0,
            matte=None
            if frame.is_filled
            else Panel(frame.cell, matte_colour(picture.mean, colours.tint), RENDERING_CORNER_MM),
        )
        for nth, (picture, frame) in enumerate(zip(grid.pictures, grid_frames(grid, area), strict=True), start=1)
    )


def _doodles(left: StorySheet, colours: PageColours, theme: Theme) -> tuple[Doodle, ...]:
    if left.ornament is None:
        return ()
    place = left.ornament
    middle_mm = place.y_mm + place.height_mm / 2
    return (rule(theme, place.x_mm, middle_mm, place.width_mm, colours.accent),)
