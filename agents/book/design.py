"""The design of a page: boxes in mm from the trim's top left corner, type, colours, alternative texts.

One design serves every renderer: HTML, PDF and EPUB set these boxes and these lines, and measure nothing themselves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from swarm import Blob

SAFE_MM = 12.7
FOLIO_MM = 6.0
"""What the printed page number takes of the foot of the safe area."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def checked_colour(colour: str) -> str:
    """The colour itself. Raises ValueError unless it is written `#rrggbb` in small letters."""
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"a colour is written #rrggbb, not {colour!r}")
    return colour


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in mm; x and y from the top left corner of its sheet's trim."""

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float

    @property
    def right_mm(self) -> float:
        """Where it ends on the right."""
        return self.x_mm + self.width_mm

    @property
    def bottom_mm(self) -> float:
        """Where it ends below."""
        return self.y_mm + self.height_mm

    @property
    def area_mm2(self) -> float:
        """Its area in square millimetres."""
        return self.width_mm * self.height_mm

    @property
    def aspect_ratio(self) -> float:
        """Width over height."""
        return self.width_mm / self.height_mm


class Trim(StrEnum):
    """The sizes that a book may be cut to."""

    SQUARE = "square"
    PORTRAIT = "8x10"
    LANDSCAPE = "a4-landscape"


@dataclass(frozen=True, slots=True)
class PageSize:
    """The size of a sheet after cutting; within it the safe area, 12.7 mm from each edge."""

    width_mm: float
    height_mm: float

    @property
    def safe(self) -> Box:
        """Where text and pictures may stand."""
        return Box(SAFE_MM, SAFE_MM, self.width_mm - 2 * SAFE_MM, self.height_mm - 2 * SAFE_MM)

    @property
    def content(self) -> Box:
        """The safe area above the printed page number."""
        safe = self.safe
        return Box(safe.x_mm, safe.y_mm, safe.width_mm, safe.height_mm - FOLIO_MM)

    @property
    def aspect_ratio(self) -> float:
        """Width over height."""
        return self.width_mm / self.height_mm


SQUARE = PageSize(215.9, 215.9)
PAGE_SIZES: Mapping[Trim, PageSize] = MappingProxyType(
    {Trim.SQUARE: SQUARE, Trim.PORTRAIT: PageSize(203.2, 254.0), Trim.LANDSCAPE: PageSize(297.0, 210.0)}
)


class Theme(StrEnum):
    """The moods of a book: each has its own papers, inks, rules and ornaments."""

    CALM = "calm"
    BRIGHT = "bright"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Panel:
    """A box filled with one colour, with round corners; decoration, never read out."""

    box: Box
    colour: str
    corner_mm: float = 0.0

    def __post_init__(self) -> None:
        checked_colour(self.colour)


@dataclass(frozen=True, slots=True)
class Doodle:
    """A drawn line as a smooth run of points in mm, with round ends; decoration, never read out."""

    points_mm: tuple[tuple[float, float], ...]
    width_mm: float
    colour: str

    def __post_init__(self) -> None:
        checked_colour(self.colour)
        if len(self.points_mm) < 2:
            raise ValueError("a line has at least two points")


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """A picture in its box, whole or trimmed evenly to the box's shape; `alt` says what is known of it.

    `width_px` and `height_px` are those of the upright original. A picture whose shape does not suit its cell stands
    whole on a `matte`, which is drawn first.
    """

    path: str
    master: Blob
    width_px: int
    height_px: int
    box: Box
    alt: str
    corner_mm: float = 0.0
    matte: Panel | None = None

    def __post_init__(self) -> None:
        if not any(character.isprintable() and not character.isspace() for character in self.alt):
            raise ValueError(f"the picture {self.path!r} has no alternative text")

    @property
    def outer_box(self) -> Box:
        """The box of all that is drawn: the matte's where there is one."""
        return self.matte.box if self.matte else self.box


class TextRole(StrEnum):
    """What a text is on its sheet; `folio` (the printed page number) is not read out."""

    TITLE = "title"
    HEADING = "heading"
    BODY = "body"
    NOTE = "note"
    FOLIO = "folio"


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Text in its box, already broken into lines; `leading_ratio` is the line height over the size.

    `face` is `regular`, `bold` or `display`, `align` is `left`, `center` or `right`. `baseline_ratio` is the depth of a
    line's baseline under the top of the line, over the size.
    """

    text: str
    lines: tuple[str, ...]
    box: Box
    size_pt: float
    leading_ratio: float
    baseline_ratio: float
    face: str = "regular"
    align: str = "left"
    role: TextRole = TextRole.BODY


Element = PlacedPicture | TextBlock | Doodle | Panel


@dataclass(frozen=True, slots=True)
class Sheet:
    """One physical side, ready to be drawn: its colours and its elements in reading order.

    `number` counts from 1 (odd: right-hand side), 0 is the cover; `label` names the sheet for those who cannot see
    it. Text is drawn in `ink`, the paper is filled with `tint`.
    """

    number: int
    label: str
    tint: str
    ink: str
    elements: tuple[Element, ...]

    def __post_init__(self) -> None:
        checked_colour(self.tint)
        checked_colour(self.ink)

    @property
    def pictures(self) -> tuple[PlacedPicture, ...]:
        """Its pictures in reading order."""
        return tuple(element for element in self.elements if isinstance(element, PlacedPicture))

    @property
    def texts(self) -> tuple[TextBlock, ...]:
        """Its texts in reading order."""
        return tuple(element for element in self.elements if isinstance(element, TextBlock))


@dataclass(frozen=True, slots=True)
class PageDesign:
    """One spread: the drawing, story and caption on the left sheet, the grid of renderings on the right one.

    Colours are `#rrggbb`; `contrast_ratio` is that of ink on tint by WCAG 2.2. `overflow_ratio` is the needed over
    the given height of the story text at 16 pt beside a drawing of due size: above 1 the text cannot stay as it is.
    `ease_ratio` is the same at 18 pt: above 1 it is set smaller than one likes. `drawing_ratio` is the drawing's share
    of the left sheet's safe area. `caption` heads the page; `credit` says who drew; `folios` are the printed numbers
    of the two sheets; `doodles` decorate the left one.
    """

    number: int
    sheets: tuple[int, int]
    tint: str
    ink: str
    accent: str
    contrast_ratio: float
    overflow_ratio: float
    drawing_ratio: float
    drawing: PlacedPicture
    story: TextBlock
    caption: TextBlock | None
    renderings: tuple[PlacedPicture, ...]
    credit: TextBlock | None = None
    folios: tuple[TextBlock, ...] = ()
    doodles: tuple[Doodle, ...] = ()
    ease_ratio: float = 0.0
    size: PageSize = SQUARE

    def __post_init__(self) -> None:
        for colour in (self.tint, self.ink, self.accent):
            checked_colour(colour)
