"""What the sheets round the story share: the picture that stands for the book, its colours, its size and its theme."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.book.design import Box, Doodle, Element, PageDesign, PageSize, PlacedPicture, Sheet, TextBlock, Theme
from agents.craft import ornaments
from agents.craft.pagedesign import PLAIN_LOOK, Look
from agents.craft.textblocks import Style, set_text
from agents.craft.tint import PageColours, page_colours


@dataclass(frozen=True, slots=True)
class Scheme:
    """The look of front and back matter; `hero` is missing in a book without pages."""

    hero: PlacedPicture | None
    colours: PageColours
    size: PageSize
    theme: Theme

    @property
    def safe(self) -> Box:
        """The safe area of a sheet."""
        return self.size.safe

    @property
    def middle_mm(self) -> float:
        """The middle of a sheet, from its left edge."""
        return self.size.width_mm / 2

    def sheet(self, number: int, label: str, elements: Sequence[Element]) -> Sheet:
        """A sheet in the colours of the book."""
        return Sheet(number, label, self.colours.tint, self.colours.ink, tuple(elements))

    def rule(self, y_mm: float) -> Doodle:
        """A line in the middle, as under a heading."""
        return ornaments.rule(self.theme, self.middle_mm - 17, y_mm, 34, self.colours.accent, line_mm=0.9)

    def mark(self, y_mm: float, radius_mm: float) -> Doodle:
        """A small drawing in the middle."""
        return ornaments.mark(self.theme, self.middle_mm, y_mm, radius_mm, self.colours.accent)


def scheme(pages: Sequence[PageDesign], look: Look = PLAIN_LOOK) -> Scheme:
    """The drawing that most renderings were made from stands for the book, if its shape suits; the first of those."""
    if not pages:
        return Scheme(None, page_colours((), theme=look.theme), look.size, look.theme)
    best = max(pages, key=lambda page: (_is_squarish(page.drawing), len(page.renderings), -page.number))
    colours = PageColours(best.tint, best.ink, best.accent, best.contrast_ratio)
    return Scheme(best.drawing, colours, best.size, look.theme)


def stacked(parts: Sequence[tuple[str, Style, float]], *, width_mm: float) -> list[TextBlock]:
    """Texts one under the other from 0, 0, each with the gap in mm that follows it."""
    blocks: list[TextBlock] = []
    top_mm = 0.0
    for text, style, gap_mm in parts:
        blocks.append(set_text(text, style, 0, top_mm, width_mm))
        top_mm = blocks[-1].box.bottom_mm + gap_mm
    return blocks


def _is_squarish(drawing: PlacedPicture) -> bool:
    return 0.6 <= drawing.width_px / drawing.height_px <= 1.7
