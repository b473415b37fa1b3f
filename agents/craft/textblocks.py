"""Text blocks: text set in a style at a place, and styles that shrink until a text finds room."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agents.book.design import Box, TextBlock, TextRole
from agents.craft.typesetting import (
    Face,
    Measure,
    break_lines,
    can_draw,
    clean,
    face,
    text_height_mm,
)


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set; sizes in points, the leading as a multiple of the size."""

    size_pt: float
    leading_ratio: float
    face: str = "regular"
    align: str = "left"
    role: TextRole = TextRole.BODY
    max_chars: int = 10_000

    @property
    def font(self) -> Face:
        """The face with its widths."""
        return face(self.face)

    def sized(self, size_pt: float) -> "Style":
        """The same style in another size."""
        return replace(self, size_pt=size_pt)


def set_text(text: str, style: Style, x_mm: float, y_mm: float, width_mm: float) -> TextBlock:
    """The text broken into lines; its box is as wide as given and as high as its lines.

    What the display face cannot draw is set in bold.
    """
    if style.face == "display" and not can_draw(clean(text), style.font):
        style = replace(style, face="bold")
    lines = break_lines(text, style.font, style.size_pt, Measure(width_mm, style.max_chars))
    height_mm = text_height_mm(len(lines), style.size_pt, style.leading_ratio)
    return TextBlock(
        text=clean(text),
        lines=lines,
        box=Box(x_mm, y_mm, width_mm, height_mm),
        size_pt=style.size_pt,
        leading_ratio=style.leading_ratio,
        baseline_ratio=style.font.baseline_em(style.leading_ratio),
        face=style.face,
        align=style.align,
        role=style.role,
    )


def set_within(text: str, style: Style, box: Box, sizes_pt: Iterable[float]) -> TextBlock:
    """The text at the first of the falling sizes at which it fits the box; at the last one if it fits at none."""
    block = None
    for size_pt in sizes_pt:
        block = set_text(text, style.sized(size_pt), box.x_mm, box.y_mm, box.width_mm)
        if block.box.height_mm <= box.height_mm:
            break
    if block is None:
        raise ValueError("no size to set the text in")
    return block


def moved(block: TextBlock, dx_mm: float, dy_mm: float) -> TextBlock:
    """The same block elsewhere."""
    box = replace(block.box, x_mm=block.box.x_mm + dx_mm, y_mm=block.box.y_mm + dy_mm)
    return replace(block, box=box)


def widest_mm(block: TextBlock) -> float:
    """The width of its widest line."""
    font = face(block.face)
    return max((font.width_mm(line, block.size_pt) for line in block.lines), default=0.0)
