"""The grid agent."""

import pytest

from agents.arrange import arrange
from agents.grid import grid
from tests.agents.hands import brief_of, hand


@pytest.mark.parametrize(
    ("count", "name"),
    [(1, "2x2"), (4, "2x2"), (5, "3x3"), (9, "3x3"), (10, "3x4"), (12, "3x4"), (13, "4x4"), (16, "4x4")],
)
async def test_grid_gives_each_rendering_a_cell_of_the_smallest_grid(count: int, name: str) -> None:
    arrangement = await hand(arrange, brief=brief_of(count), order={})

    laid = await hand(grid, arrange=arrangement)

    assert laid.name == name
    assert [cell.image for cell in laid.cells] == [picture.path for picture in arrangement.pictures]
    assert 0 <= laid.harmony <= 1
    assert 0 <= laid.balance <= 1
