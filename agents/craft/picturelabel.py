"""The label of a picture, as in a museum: what it is called in bold, and who drew it."""

from dataclasses import dataclass, replace

from agents.book.design import TextBlock, TextRole
from agents.craft.textblocks import Style, moved, set_text, widest_mm

CAPTION = Style(13.0, 1.3, face="bold", role=TextRole.HEADING)
CREDIT = Style(11.5, 1.3, role=TextRole.NOTE)
_BETWEEN_MM = 8.0


@dataclass(frozen=True, slots=True)
class Label:
    """A caption and a credit, either of which may be missing, and the height of both."""

    caption: TextBlock | None
    credit: TextBlock | None
    height_mm: float

    def moved(self, dx_mm: float, dy_mm: float) -> "Label":
        """The same label elsewhere."""
        return replace(
            self,
            caption=self.caption and moved(self.caption, dx_mm, dy_mm),
            credit=self.credit and moved(self.credit, dx_mm, dy_mm),
        )


def set_label(caption: str, credit: str, width_mm: float) -> Label:
    """The label in a box of that width with its corner at 0, 0: in one row where both have room, else one above."""
    head = set_text(caption, CAPTION, 0, 0, width_mm) if caption else None
    foot = set_text(credit, CREDIT, 0, 0, width_mm) if credit else None
    if head is None or foot is None:
        block = head or foot
        return Label(head, foot, block.box.height_mm if block else 0.0)
    room_mm = width_mm - widest_mm(head) - _BETWEEN_MM
    if len(head.lines) == 1 and len(foot.lines) == 1 and widest_mm(foot) <= room_mm:
        row = set_text(credit, replace(CREDIT, align="right"), 0, 0, width_mm)
        return Label(head, moved(row, 0, _same_baseline_mm(head, row)), head.box.height_mm)
    below = moved(foot, 0, head.box.height_mm)
    return Label(head, below, below.box.bottom_mm)


def _same_baseline_mm(first: TextBlock, second: TextBlock) -> float:
    """How far to lower the second block so that its first line stands on the same baseline."""
    depths_pt = (block.baseline_ratio * block.size_pt for block in (first, second))
    first_pt, second_pt = depths_pt
    return (first_pt - second_pt) * 25.4 / 72
