"""Colours get the names that a child would give them."""

import pytest

from agents.book.picture import Oklab, Swatch
from agents.craft.colournames import clear_colours, colour_name, is_clear

RED, PINK, BROWN, PALE = (
    Oklab(0.59, 0.19, 0.10),
    Oklab(0.76, 0.16, -0.01),
    Oklab(0.46, 0.05, 0.07),
    Oklab(0.97, 0.0, 0.03),
)


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        (RED, "red"), (PINK, "pink"), (BROWN, "brown"), (Oklab(0.75, 0.10, 0.15), "orange"),
        (Oklab(0.91, -0.03, 0.19), "yellow"), (Oklab(0.62, -0.14, 0.09), "green"), (Oklab(0.51, -0.03, -0.19), "blue"),
        (Oklab(0.47, 0.12, -0.15), "purple"), (Oklab(0.1, 0.0, 0.0), "black"), (Oklab(0.6, 0.0, 0.0), "grey"),
        (Oklab(0.99, 0.0, 0.0), "white"),
    ],
)  # fmt: skip
def test_colour_gets_its_plain_name(colour: Oklab, name: str) -> None:
    assert colour_name(colour) == name


def test_only_strong_colours_are_clear() -> None:
    assert is_clear(RED)
    assert is_clear(BROWN)
    assert not is_clear(PALE)
    assert not is_clear(Oklab(0.6, 0.0, 0.0))


def test_clear_colours_keep_their_order_and_leave_crumbs_out() -> None:
    palette = (
        Swatch(PALE, 0.5),
        Swatch(RED, 0.3),
        Swatch(Oklab(0.58, 0.19, 0.1), 0.1),
        Swatch(BROWN, 0.09),
        Swatch(PINK, 0.01),
    )

    assert clear_colours(palette) == ("red", "brown")
