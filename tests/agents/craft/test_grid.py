"""Every page of 1 to 16 renderings gets cells that lie inside, never overlap, and leave no hole."""

from collections import defaultdict
from itertools import combinations, pairwise

import numpy as np
import pytest

from agents.craft.grid import Cell, GridShape, adjacency, cells_for, symmetries

COUNTS = range(1, 17)


def _area(one: Cell, other: Cell) -> float:
    across = min(one.right, other.right) - max(one.column, other.column)
    down = min(one.bottom, other.bottom) - max(one.row, other.row)
    return max(0.0, across) * max(0.0, down)


@pytest.mark.parametrize("count", COUNTS)
def test_cells_for_names_the_smallest_grid_that_holds_them(count: int) -> None:
    shape = cells_for(count)

    name = "2x2" if count <= 4 else "3x3" if count <= 9 else "3x4" if count <= 12 else "4x4"
    assert shape.name == name == f"{shape.rows}x{shape.columns}"
    assert len(shape.cells) == count


@pytest.mark.parametrize("count", COUNTS)
def test_cells_for_gives_cells_that_lie_inside_and_apart(count: int) -> None:
    shape = cells_for(count)

    assert all(cell.row >= 0 and cell.column >= 0 for cell in shape.cells)
    assert all(cell.bottom <= shape.rows and cell.right <= shape.columns for cell in shape.cells)
    assert all(_area(one, other) == 0 for one, other in combinations(shape.cells, 2))
    assert all((2 * cell.row).is_integer() and (2 * cell.column).is_integer() for cell in shape.cells)
    assert list(shape.cells) == sorted(shape.cells, key=lambda cell: (cell.row, cell.column))


@pytest.mark.parametrize("count", COUNTS)
def test_cells_for_leaves_no_hole(count: int) -> None:
    shape = cells_for(count)

    assert _is_full(shape) or _has_centred_rows(shape)


@pytest.mark.parametrize("count", COUNTS)
def test_cells_for_gives_square_cells_so_that_pictures_keep_their_shape(count: int) -> None:
    assert all(cell.row_span == cell.column_span for cell in cells_for(count).cells)


@pytest.mark.parametrize("count", [-1, 0, 17])
def test_cells_for_refuses_other_counts(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 16"):
        cells_for(count)


def test_adjacency_is_the_length_of_the_shared_edges() -> None:
    touching = adjacency((Cell(0, 0, 2, 2), Cell(0, 2), Cell(1, 2), Cell(2, 0.5)))

    assert touching.tolist() == [[0, 1, 1, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("count", COUNTS)
def test_adjacency_is_symmetric_and_joins_all_cells(count: int) -> None:
    touching = adjacency(cells_for(count).cells)

    assert np.array_equal(touching, touching.T)
    assert not touching.diagonal().any()
    assert (np.linalg.matrix_power(np.eye(count) + touching, count) > 0).all()


@pytest.mark.parametrize("count", COUNTS)
def test_symmetries_keep_every_neighbour(count: int) -> None:
    shape = cells_for(count)
    touching = adjacency(shape.cells)

    turns = symmetries(shape)

    assert turns[0] == tuple(range(count))
    assert len(set(turns)) == len(turns)
    assert all(np.array_equal(touching[np.ix_(turn, turn)], touching) for turn in turns)


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (4, 8), (6, 2), (9, 8), (10, 4), (12, 4), (13, 8), (15, 2)])
def test_symmetries_are_all_that_the_grid_has(count: int, expected: int) -> None:
    assert len(symmetries(cells_for(count))) == expected


def _is_full(shape: GridShape) -> bool:
    return sum(cell.row_span * cell.column_span for cell in shape.cells) == shape.rows * shape.columns


def _has_centred_rows(shape: GridShape) -> bool:
    rows: defaultdict[float, list[Cell]] = defaultdict(list)
    for cell in shape.cells:
        rows[cell.row].append(cell)
    return sorted(rows) == list(range(shape.rows)) and all(_is_centred(row, shape.columns) for row in rows.values())


def _is_centred(row: list[Cell], columns: int) -> bool:
    has_no_gap = all(one.right == other.column for one, other in pairwise(row))
    return has_no_gap and row[0].column == columns - row[-1].right
