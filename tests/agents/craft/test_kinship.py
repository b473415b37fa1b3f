"""Palettes that look alike are near, and copies of one picture are noticed."""

import numpy as np
import pytest

from agents.book.picture import Oklab, Swatch
from agents.craft.kinship import near_duplicates, palette_distance, palette_distances, sketch
from agents.craft.likeness import feature_vector
from tests.agents.craft.sketches import drawing, rendering
from tests.agents.volumes import Shelf

WHITE, RED, NAVY = Oklab(1, 0, 0), Oklab(0.6, 0.2, 0.1), Oklab(0.25, 0, -0.12)
PALETTES = (
    (Swatch(WHITE, 0.9), Swatch(RED, 0.1)),
    (Swatch(WHITE, 0.8), Swatch(RED, 0.2)),
    (Swatch(NAVY, 1.0),),
)


def test_palette_distance_is_nothing_for_the_same_colours_and_large_for_others() -> None:
    assert palette_distance(PALETTES[0], PALETTES[1]) == 0
    assert palette_distance(PALETTES[0], PALETTES[2]) > 0.3


def test_palette_distances_are_those_of_each_pair() -> None:
    expected = [[palette_distance(one, other) for other in PALETTES] for one in PALETTES]

    assert palette_distances(PALETTES) == pytest.approx(np.array(expected))


def test_sketch_keeps_who_is_like_whom() -> None:
    whole = np.array([feature_vector(drawing(number)) for number in range(8)])
    small = np.array([sketch(vector) for vector in whole])
    small /= np.linalg.norm(small, axis=1, keepdims=True)

    assert np.abs(small @ small.T - whole @ whole.T).max() < 0.6
    assert sketch(whole[0]) == sketch(whole[0].copy())


def test_near_duplicates_names_the_first_of_each_kind() -> None:
    shelf = Shelf()
    looks = [rendering(1, 0), rendering(2, 0), rendering(1, 0)[:-1, :-1], rendering(1, 0, side_px=150)]
    pictures = [shelf.picture(f"outputs/{number}.png") for number in range(4)]

    found = near_duplicates(pictures, np.array([feature_vector(np.ascontiguousarray(look)) for look in looks]))

    assert found[:2] == [None, None]
    assert found[2] == 0


def test_near_duplicates_keeps_the_same_layout_in_other_colours() -> None:
    shelf = Shelf()
    pictures = [shelf.picture("outputs/a.png"), shelf.picture("outputs/b.png", palette=PALETTES[2])]

    assert near_duplicates(pictures, np.array([feature_vector(rendering(1, 0))] * 2)) == [None, None]
