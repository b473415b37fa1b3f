"""Lengths of a sheet in the units of a style sheet: parts of the sheet for a screen, pixels for an e-book."""

from dataclasses import dataclass
from typing import Protocol

from agents.book.design import Box, PageSize
from agents.craft.typesetting import MM_PER_PT


class Units(Protocol):
    """How lengths are written."""

    def place(self, box: Box) -> str:
        """The declarations that place a box on its sheet."""
        ...

    def across(self, length_mm: float) -> str:
        """A length that is measured by the sheet's width: corners, sizes of type."""
        ...


@dataclass(frozen=True, slots=True)
class PartsOfSheet:
    """Boxes in percent of the sheet and type in hundredths of its width, so that everything scales with it."""

    size: PageSize

    def place(self, box: Box) -> str:
        """Left and width in percent of the sheet's width, top and height of its height."""
        width_mm, height_mm = self.size.width_mm, self.size.height_mm
        parts = (
            ("left", box.x_mm / width_mm),
            ("top", box.y_mm / height_mm),
            ("width", box.width_mm / width_mm),
            ("height", box.height_mm / height_mm),
        )
        return "".join(f"{name}:{number(part * 100)}%;" for name, part in parts)

    def across(self, length_mm: float) -> str:
        """In hundredths of the width of the container."""
        return f"{number(length_mm / self.size.width_mm * 100)}cqw"


@dataclass(frozen=True, slots=True)
class Pixels:
    """Everything in pixels of a sheet of fixed size."""

    px_per_mm: float

    def place(self, box: Box) -> str:
        """Left, top, width and height in pixels."""
        sides = (("left", box.x_mm), ("top", box.y_mm), ("width", box.width_mm), ("height", box.height_mm))
        return "".join(f"{name}:{self.across(length_mm)};" for name, length_mm in sides)

    def across(self, length_mm: float) -> str:
        """In pixels."""
        return f"{number(length_mm * self.px_per_mm)}px"


def type_size(units: Units, size_pt: float) -> str:
    """A size of type."""
    return units.across(size_pt * MM_PER_PT)


def number(value: float) -> str:
    """A number as short as it can be, to four places."""
    return f"{value:.4f}".rstrip("0").rstrip(".") or "0"
