"""Harmony falls as hues scatter, balance as weight leaves the middle; both stay within 0 and 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.craft.harmony import balance, harmony, picture_balance


def _hues(*degrees: float, chroma: float = 0.15) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    angles = np.radians(degrees)
    return np.stack([np.full(len(degrees), 0.6), chroma * np.cos(angles), chroma * np.sin(angles)], axis=1)


def test_harmony_is_1_without_colour() -> None:
    assert harmony(np.zeros((5, 3))) == 1
    assert harmony(_hues(10, 90, 200, chroma=0.01)) == 1
    assert harmony(np.zeros((0, 3))) == 1


def test_harmony_falls_as_hues_scatter() -> None:
    kindred, opposite = harmony(_hues(30, 35, 40)), harmony(_hues(30, 210))
    scattered = harmony(_hues(*range(0, 360, 5)))

    assert kindred > 0.95
    assert opposite > 0.9
    assert scattered < 0.5


@pytest.mark.parametrize("turn", [0, 45, 90, 180, 300])
def test_harmony_is_the_same_when_all_hues_turn(turn: int) -> None:
    hues = np.array([12.5, 47.5, 142.5, 232.5])

    assert harmony(_hues(*(hues + turn))) == pytest.approx(harmony(_hues(*hues)))


def test_harmony_counts_a_colour_by_its_weight() -> None:
    colours = _hues(0, 5, 130, 240)

    assert harmony(colours, np.array([10, 10, 0.1, 0.1])) > harmony(colours) + 0.1
    assert harmony(colours, np.zeros(4)) == 1


def test_balance_is_1_in_the_middle_and_0_in_a_corner() -> None:
    places = np.array([[-0.5, -0.5], [0, 0], [0, 0.0], [0.2, 0.2], [0.5, 0.5]])
    white, black = [1.0, 0, 0], [0.0, 0, 0]

    assert balance(np.array([white, black, white, white, white]), places) == pytest.approx(1)
    assert balance(np.array([black, white, white, white, white]), places) == pytest.approx(0)
    assert balance(np.array([white] * 5), places) == 1


def test_balance_counts_a_part_by_its_area() -> None:
    colours = np.array([[0.0, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]])
    places = np.array([[-0.4, 0], [0, 0], [0, 0], [0, 0], [0.4, 0]])

    assert balance(colours, places) == pytest.approx(1)
    assert balance(colours, places, np.array([4, 1, 1, 1, 1])) < 0.8


def test_picture_balance_falls_as_a_dot_leaves_the_middle() -> None:
    def dotted(row: int, column: int) -> float:
        image = np.full((64, 48, 3), 255, dtype=np.uint8)
        image[row : row + 8, column : column + 8] = 0
        return picture_balance(image)

    assert dotted(28, 20) == pytest.approx(1, abs=0.01)
    assert dotted(28, 20) > dotted(14, 10) > dotted(0, 0)


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_both_measures_stay_within_0_and_1(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    colours, places = rng.uniform((0, -0.4, -0.4), (1, 0.4, 0.4), (count, 3)), rng.uniform(-0.5, 0.5, (count, 2))

    assert 0 <= harmony(colours, rng.random(count)) <= 1
    assert 0 <= balance(colours, places, rng.random(count)) <= 1
