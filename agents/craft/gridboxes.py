"""From the cells of a grid to boxes in mm: even gaps, cells shaped after their pictures, the block centred.

A picture is shown whole, or trimmed by at most 5 % of its width or height at each side; one of another shape stands
whole on a matte in its own colours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from agents.book.design import Box
from agents.book.layout import Grid

GAP_MM = 4.0
MAX_TRIM_RATIO = 0.05
_SHAPING_RATIO = 0.94  # cells may be stretched so far from their pictures' shape to fill the sheet
_MAX_ASPECT = 2.4  # panoramas do not shape the cells of their neighbours beyond this


@dataclass(frozen=True, slots=True)
class Frame:
    """The box of a cell and that of the picture in it: the same where the picture fills its cell."""

    cell: Box
    picture: Box

    @property
    def is_filled(self) -> bool:
        """Whether the picture fills its cell."""
        return self.cell == self.picture


def grid_frames(grid: Grid, area: Box) -> tuple[Frame, ...]:
    """The frames of the grid's pictures in the order of its cells, the whole block centred in the area."""
    if not grid.cells:
        return ()
    used = _used(grid)
    cell_aspect = _cell_aspect(grid, used, area)
    width_mm = _share_mm(area.width_mm, used.columns)
    height_mm = width_mm / cell_aspect
    if (most_mm := _share_mm(area.height_mm, used.rows)) < height_mm:
        width_mm, height_mm = most_mm * cell_aspect, most_mm
    left_mm = area.x_mm + (area.width_mm - _span_mm(width_mm, used.columns)) / 2
    top_mm = area.y_mm + (area.height_mm - _span_mm(height_mm, used.rows)) / 2
    return tuple(
        fit_picture(
            picture.aspect_ratio,
            Box(
                left_mm + (cell.column - used.column) * (width_mm + GAP_MM),
                top_mm + (cell.row - used.row) * (height_mm + GAP_MM),
                _span_mm(width_mm, cell.column_span),
                _span_mm(height_mm, cell.row_span),
            ),
        )
        for cell, picture in zip(grid.cells, grid.pictures, strict=True)
    )


def fit_picture(aspect_ratio: float, cell: Box) -> Frame:
    """The picture in its cell: filling it when that trims little enough, else whole and in its middle."""
    kept_ratio = min(aspect_ratio / cell.aspect_ratio, cell.aspect_ratio / aspect_ratio)
    if kept_ratio >= 1 - 2 * MAX_TRIM_RATIO:
        return Frame(cell, cell)
    return Frame(cell, whole_within(aspect_ratio, cell))


def whole_within(aspect_ratio: float, area: Box) -> Box:
    """The largest box of this shape in the middle of the area."""
    width_mm = min(area.width_mm, area.height_mm * aspect_ratio)
    height_mm = width_mm / aspect_ratio
    return Box(
        area.x_mm + (area.width_mm - width_mm) / 2,
        area.y_mm + (area.height_mm - height_mm) / 2,
        width_mm,
        height_mm,
    )


def grown(box: Box, by_mm: float) -> Box:
    """The box with so much more at each side; less, if negative."""
    return Box(box.x_mm - by_mm, box.y_mm - by_mm, box.width_mm + 2 * by_mm, box.height_mm + 2 * by_mm)


@dataclass(frozen=True, slots=True)
class _Used:
    """The part of a grid that has cells in it, in units of cells: all of it, but for a grid of few pictures."""

    row: float
    column: float
    rows: float
    columns: float


def _used(grid: Grid) -> _Used:
    row, column = min(cell.row for cell in grid.cells), min(cell.column for cell in grid.cells)
    return _Used(
        row=row,
        column=column,
        rows=max(cell.row + cell.row_span for cell in grid.cells) - row,
        columns=max(cell.column + cell.column_span for cell in grid.cells) - column,
    )


def _cell_aspect(grid: Grid, used: _Used, area: Box) -> float:
    """The shape of a single cell: as near to filling the area as the pictures' own shape allows."""
    filling = _share_mm(area.width_mm, used.columns) / _share_mm(area.height_mm, used.rows)
    wanted = median(_wanted_aspects(grid))
    return min(max(filling, wanted * _SHAPING_RATIO), wanted / _SHAPING_RATIO)


def _wanted_aspects(grid: Grid) -> Iterator[float]:
    for cell, picture in zip(grid.cells, grid.pictures, strict=True):
        aspect_ratio = min(max(picture.aspect_ratio, 1 / _MAX_ASPECT), _MAX_ASPECT)
        yield aspect_ratio * cell.row_span / cell.column_span


def _share_mm(length_mm: float, count: float) -> float:
    return (length_mm - (count - 1) * GAP_MM) / count


def _span_mm(cell_mm: float, count: float) -> float:
    return count * cell_mm + (count - 1) * GAP_MM
