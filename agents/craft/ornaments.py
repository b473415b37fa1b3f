"""The ornaments of each theme: its rule, its mark, and what is scattered over its cover."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from agents.book.design import Doodle, PageSize, Theme
from agents.craft.doodles import burst, heart, moon, spiral, star, wave, zigzag

_EDGE_MM = 14.0

_Mark = Callable[[float, float, float, str], Doodle]


def _slight_star(x_mm: float, y_mm: float, radius_mm: float, colour: str) -> Doodle:
    return star(x_mm, y_mm, radius_mm, colour, turn=0.2)


_MARKS: Mapping[Theme, Sequence[_Mark]] = MappingProxyType(
    {
        Theme.CALM: (heart, _slight_star, spiral),
        Theme.BRIGHT: (burst, spiral, _slight_star),
        Theme.NIGHT: (moon, star, _slight_star),
    }
)


def rule(theme: Theme, x_mm: float, y_mm: float, width_mm: float, colour: str, *, line_mm: float = 0.7) -> Doodle:
    """A line under a heading, or beside a text."""
    match theme:
        case Theme.CALM | Theme.NIGHT:
            return wave(x_mm, y_mm, width_mm, colour, line_mm=line_mm)
        case Theme.BRIGHT:
            return zigzag(x_mm, y_mm, width_mm, colour, line_mm=line_mm)


def mark(theme: Theme, x_mm: float, y_mm: float, radius_mm: float, colour: str) -> Doodle:
    """A small drawing to stand alone: a heart, a flower, a moon."""
    return _MARKS[theme][0](x_mm, y_mm, radius_mm, colour)


def scattered(theme: Theme, size: PageSize, colour: str) -> Sequence[Doodle]:
    """Marks along both sides of a cover, from the top to the foot, not in rank and file."""
    marks = _MARKS[theme]
    rows = max(5, round(size.height_mm / 30))
    doodles = []
    for row in range(rows):
        y_mm = _EDGE_MM + (size.height_mm - 2 * _EDGE_MM) * row / (rows - 1)
        sway_mm = 2.4 if row % 2 else -1.2
        radius_mm = (5.4, 4.0, 4.8)[row % 3]
        doodles.append(marks[row % 3](_EDGE_MM + sway_mm, y_mm, radius_mm, colour))
        doodles.append(marks[(row + 1) % 3](size.width_mm - _EDGE_MM + sway_mm, y_mm, radius_mm * 0.92, colour))
    return doodles
