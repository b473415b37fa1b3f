"""Grid: the cells in which the renderings of one page stand, for 1 to 16 of them, so that no hole shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_CELLS: Final = 16


@dataclass(frozen=True, slots=True)
class Cell:
    """A place for one picture, in units of cells from the top left; halves where a row is centred."""

    row: float
    column: float
    row_span: int = 1
    column_span: int = 1

    @property
    def bottom(self) -> float:
        """Where the cell ends below."""
        return self.row + self.row_span

    @property
    def right(self) -> float:
        """Where the cell ends on the right."""
        return self.column + self.column_span


@dataclass(frozen=True, slots=True)
class GridShape:
    """A grid by its name (`3x4`: three rows of four columns) and its cells in reading order, one for each picture."""

    name: str
    rows: int
    columns: int
    cells: tuple[Cell, ...]


def cells_for(count: int) -> GridShape:
    """The grid for `count` pictures: 2x2 up to 4, 3x3 up to 9, 3x4 up to 12, 4x4 up to 16.

    With fewer pictures than cells every row is still there and is centred, or one picture takes 2 x 2 cells: all cells
    are square, so that no picture is cut to another shape than in a full grid. ValueError outside 1..16.
    """
    if not 1 <= count <= MOST_CELLS:
        raise ValueError(f"a grid holds 1 to {MOST_CELLS} pictures, not {count}")
    rows, columns = next(size for size in ((2, 2), (3, 3), (3, 4), (4, 4)) if count <= size[0] * size[1])
    hero = _HEROES.get(count)
    cells = _centred(_ROWS[count], columns) if hero is None else _round(hero, rows, columns)
    return GridShape(f"{rows}x{columns}", rows, columns, cells)


def adjacency(cells: Sequence[Cell]) -> NDArray[np.float64]:
    """How long an edge, in cells, each two of n cells share: shape (n, n), symmetric, 0 on the diagonal."""
    return np.array([[_shared_edge(one, other) for other in cells] for one in cells], dtype=np.float64)


def symmetries(shape: GridShape) -> tuple[tuple[int, ...], ...]:
    """The turns and mirrorings that map the cells onto themselves, the identity first.

    Each is a permutation: the k-th number is the cell that comes to lie on the k-th.
    """
    index = {cell: number for number, cell in enumerate(shape.cells)}
    turns = product((False, True), (False, True), (False, True) if shape.rows == shape.columns else (False,))
    images = [[_turned(cell, shape, *turn) for cell in shape.cells] for turn in turns]
    found = [tuple(index[cell] for cell in image) for image in images if all(cell in index for cell in image)]
    return tuple(dict.fromkeys(found))


_ROWS: Final = MappingProxyType(
    {
        2: (1, 1),
        3: (1, 2),
        4: (2, 2),
        5: (2, 1, 2),
        7: (2, 3, 2),
        8: (3, 2, 3),
        9: (3, 3, 3),
        10: (3, 4, 3),
        11: (4, 3, 4),
        12: (4, 4, 4),
        14: (3, 4, 4, 3),
        15: (4, 4, 4, 3),
        16: (4, 4, 4, 4),
    }
)
_HEROES: Final = MappingProxyType({1: Cell(0.0, 0.0, 2, 2), 6: Cell(0.0, 0.0, 2, 2), 13: Cell(1.0, 1.0, 2, 2)})


def _centred(counts: Sequence[int], columns: int) -> tuple[Cell, ...]:
    return tuple(
        Cell(float(row), (columns - count) / 2 + column) for row, count in enumerate(counts) for column in range(count)
    )


def _round(hero: Cell, rows: int, columns: int) -> tuple[Cell, ...]:
    """One large cell, and single ones wherever it does not lie."""
    singles = (Cell(float(row), float(column)) for row in range(rows) for column in range(columns))
    around = [cell for cell in singles if not _overlap(cell, hero)]
    return tuple(sorted((hero, *around), key=lambda cell: (cell.row, cell.column)))


def _overlap(one: Cell, other: Cell) -> bool:
    return one.row < other.bottom and other.row < one.bottom and one.column < other.right and other.column < one.right


def _shared_edge(one: Cell, other: Cell) -> float:
    across = min(one.right, other.right) - max(one.column, other.column)
    down = min(one.bottom, other.bottom) - max(one.row, other.row)
    if down == 0:
        return max(0.0, across)
    return max(0.0, down) if across == 0 else 0.0


def _turned(cell: Cell, shape: GridShape, is_flipped: bool, is_mirrored: bool, is_transposed: bool) -> Cell:
    row = shape.rows - cell.bottom if is_flipped else cell.row
    column = shape.columns - cell.right if is_mirrored else cell.column
    if is_transposed:
        return Cell(column, row, cell.column_span, cell.row_span)
    return Cell(row, column, cell.row_span, cell.column_span)
