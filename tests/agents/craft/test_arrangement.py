"""Arrangement finds the calmest order of colours, and always the same one."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.craft.arrangement import arrange, unrest
from agents.craft.grid import adjacency, cells_for, symmetries


def _colours(count: int, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    rng = np.random.default_rng(seed)
    return rng.uniform((0.2, -0.2, -0.2), (1.0, 0.2, 0.2), (count, 3))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 16), st.integers(0, 10_000))
def test_arrange_gives_each_picture_one_cell_and_never_more_unrest(count: int, seed: int) -> None:
    touching = adjacency(cells_for(count).cells)
    colours = _colours(count, seed)

    order = arrange(colours, touching)

    assert sorted(order) == list(range(count))
    assert unrest(colours, touching, order) <= unrest(colours, touching) + 1e-9


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("seed", range(3))
def test_arrange_finds_the_best_order_when_it_can_be_checked(count: int, seed: int) -> None:
    touching = adjacency(cells_for(count).cells)
    colours = _colours(count, seed)

    best = min(unrest(colours, touching, order) for order in permutations(range(count)))

    assert unrest(colours, touching, arrange(colours, touching)) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(4))
def test_arrange_is_near_the_best_of_many_starts_when_the_grid_is_full(seed: int) -> None:
    touching = adjacency(cells_for(16).cells)
    colours = _colours(16, seed)

    best = min(unrest(colours, touching, arrange(colours, touching, seed=other)) for other in range(100, 112))

    assert unrest(colours, touching, arrange(colours, touching)) <= 1.01 * best


@pytest.mark.parametrize("count", [4, 9, 13, 16])
def test_arrange_puts_the_lightest_corner_first_when_turned(count: int) -> None:
    shape = cells_for(count)
    colours = _colours(count, 5)

    order = arrange(colours, adjacency(shape.cells), symmetries=symmetries(shape))

    corners = [order[turn[0]] for turn in symmetries(shape)]
    assert colours[order[0], 0] == max(colours[corner, 0] for corner in corners)


def test_arrange_gives_the_same_colours_for_the_pictures_in_another_order() -> None:
    shape = cells_for(9)
    colours, touching = _colours(9, 8), adjacency(shape.cells)
    shuffled = colours[::-1]

    first = colours[list(arrange(colours, touching, symmetries=symmetries(shape)))]
    second = shuffled[list(arrange(shuffled, touching, symmetries=symmetries(shape)))]

    assert np.array_equal(first, second)


def test_arrange_holds_for_none_one_and_equal_pictures() -> None:
    assert arrange(np.zeros((0, 3)), np.zeros((0, 0))) == ()
    assert arrange(np.zeros((1, 3)), np.zeros((1, 1))) == (0,)
    assert sorted(arrange(np.zeros((16, 3)), adjacency(cells_for(16).cells))) == list(range(16))
