"""Colours are converted, compared and summed up as their definitions say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.craft import colour

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
channels = st.integers(0, 255)


def _pixel(*rgb: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.array(rgb, dtype=np.uint8)


def test_oklab_gives_the_published_values_for_the_primaries() -> None:
    assert colour.oklab(_pixel(255, 255, 255)) == pytest.approx([1, 0, 0], abs=1e-3)
    assert colour.oklab(_pixel(255, 0, 0)) == pytest.approx([0.628, 0.225, 0.126], abs=1e-3)
    assert colour.oklab(_pixel(0, 255, 0)) == pytest.approx([0.866, -0.234, 0.179], abs=1e-3)
    assert colour.oklab(_pixel(0, 0, 255)) == pytest.approx([0.452, -0.032, -0.312], abs=1e-3)


@given(channels, channels, channels)
def test_srgb_gives_a_colour_back_when_it_came_from_srgb(red: int, green: int, blue: int) -> None:
    there_and_back = colour.srgb(colour.oklab(_pixel(red, green, blue)))

    assert there_and_back.tolist() == [red, green, blue]


def test_srgb_clips_a_colour_outside_of_srgb() -> None:
    assert colour.srgb(np.array([1.2, 0.0, 0.0])).tolist() == [255, 255, 255]


def test_distance_broadcasts_over_all_but_the_last_axis() -> None:
    apart = colour.distance(np.zeros((4, 1, 3)), np.ones((1, 5, 3)))

    assert apart.shape == (4, 5)
    assert apart == pytest.approx(np.sqrt(3))


def test_contrast_ratio_agrees_with_wcag() -> None:
    assert colour.contrast_ratio(WHITE, BLACK) == pytest.approx(21)
    assert colour.contrast_ratio(WHITE, WHITE) == pytest.approx(1)
    assert colour.contrast_ratio((118, 118, 118), WHITE) == pytest.approx(4.54, abs=0.01)


@given(channels, channels, channels)
def test_from_hex_undoes_to_hex(red: int, green: int, blue: int) -> None:
    assert colour.from_hex(colour.to_hex((red, green, blue))) == (red, green, blue)


@pytest.mark.parametrize("text", ["red", "#fff", "#12345g", "#1234567", "123456", ""])
def test_from_hex_refuses_other_texts(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        colour.from_hex(text)


def test_mean_oklab_of_one_colour_is_that_colour() -> None:
    image = np.full((9, 7, 3), (12, 200, 90), dtype=np.uint8)

    assert colour.mean_oklab(image) == pytest.approx(colour.oklab(_pixel(12, 200, 90)), abs=1e-5)


def test_palette_finds_the_colours_and_their_shares_in_order() -> None:
    image = np.full((40, 40, 3), 255, dtype=np.uint8)
    image[:10] = (220, 20, 20)
    image[10:15] = (20, 20, 220)

    found = colour.palette(image)

    assert [swatch.share_ratio for swatch in found] == pytest.approx([0.625, 0.25, 0.125])
    expected = colour.oklab(np.array([[255, 255, 255], [220, 20, 20], [20, 20, 220]], dtype=np.uint8))
    assert np.array([(s.lightness, s.a, s.b) for s in found]) == pytest.approx(expected, abs=1e-4)


def test_palette_of_noise_is_full_and_always_the_same() -> None:
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    found = colour.palette(image)

    assert found == colour.palette(image.copy())
    assert len(found) == 5
    assert sum(swatch.share_ratio for swatch in found) == pytest.approx(1)


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_palette_holds_for_any_picture(side_px: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (side_px, side_px, 3), dtype=np.uint8)

    shares = [swatch.share_ratio for swatch in colour.palette(image)]

    assert 1 <= len(shares) <= 5
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
