"""File names speak for a drawing where they can, and keep silent where they cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.craft.names import name_likeness, name_words, tokens

paths = st.lists(st.text(max_size=20), max_size=6)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("outputs/output_001_a.png", ("1", "a")),
        ("outputs/04-v1.png", ("4", "1")),
        ("IMG_2031 (1).JPG", ("2031",)),
        ("max monster-final_v2.png", ("max", "monster", "2")),
        ("MaxMonster copy.webp", ("max", "monster")),
        ("nick_a_cute_dragon_0f8fad5b-d9cb-469f-a165-70867728950e.png", ("nick", "a", "cute", "dragon")),
        ("434042ffd973.jpg", ()),
        ("download (7).png", ()),
        ("DALL·E 2024-05-01 10.15.32 - dragon.png", ("dragon",)),
        ("dragon_20240501.png", ("dragon",)),
        ("Straße.jpg", ("strasse",)),
        ("ｄｒａｇｏｎ　７.png", ("dragon", "7")),
        ("face01.png", ("face", "1")),
        ("000.png", ("0",)),
        ("", ()),
    ],
)
def test_tokens_are_the_telling_parts(path: str, expected: tuple[str, ...]) -> None:
    assert tokens(path) == expected


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        (["in/1.jpg", "in/2.jpg", "in/12.jpg"], ["out/01-v2.png", "out/02-v1.png", "out/12-v1.png"]),
        (["input_001.png", "input_002.png"], ["output_001_b.png", "output_002_a.png"]),
        (["IMG_2031.JPG", "IMG_2032.JPG"], ["img_2031 (1).png", "img_2032_edited.png"]),
        (["max monster.png", "mia moon.png"], ["MaxMonster_final_v2.png", "mia-moon copy.png"]),
        (["inputs/a.png", "inputs/b.png"], ["outputs/a_1.png", "outputs/b_2.png"]),
        (["in/dragon.png", "in/cat.png"], ["out/dragon/cat 1.png", "out/cat/2.png"]),
        (["in/4.png", "in/1.png"], ["out/004/1.png", "out/001/4.png"]),
        (["in/anna/1.png", "in/ben/1.png"], ["out/anna/1.png", "out/ben/1.png"]),
        (["in/Äpfel.png", "in/Birne.png"], ["out/A\u0308PFEL_1.png", "out/birne_1.png"]),
    ],
)
def test_name_likeness_finds_the_drawing(inputs: list[str], outputs: list[str]) -> None:
    likeness = name_likeness(inputs, outputs)

    for row in range(len(outputs)):
        assert likeness[row, row] > np.delete(likeness[row], row).max() + 0.1


@pytest.mark.parametrize(
    "output", ["download (7).png", "DALL·E 2024-05-01 10.15.32.png", "0a1b2c3d4e5f.png", "new.png"]
)
def test_name_likeness_is_silent_when_the_name_says_nothing(output: str) -> None:
    assert name_likeness(["in/7.png", "in/dragon.png", "in/10.png"], [output]).tolist() == [[0, 0, 0]]


def test_name_likeness_is_level_when_the_drawings_bear_one_name() -> None:
    likeness = name_likeness(["x/dragon.png", "x/dragon.jpg"], ["y/dragon.png"])

    assert likeness[0, 0] == likeness[0, 1]


def test_name_words_are_those_that_may_say_what_is_to_be_seen() -> None:
    assert name_words("inputs/IMG_12 my Purple-dragon v2.png") == ("purple", "dragon")


@given(paths, paths)
def test_name_likeness_is_within_0_and_1_for_any_names(inputs: list[str], outputs: list[str]) -> None:
    likeness = name_likeness(inputs, outputs)

    assert likeness.shape == (len(outputs), len(inputs))
    assert ((likeness >= 0) & (likeness <= 1)).all()


@given(st.lists(st.from_regex(r"[a-z]{3,8}[0-9]{1,3}", fullmatch=True), min_size=2, max_size=6, unique=True))
def test_name_likeness_is_best_on_the_same_name(names: list[str]) -> None:
    likeness = name_likeness([f"in/{name}.png" for name in names], [f"out/{name}.png" for name in names])

    assert (likeness.diagonal() >= likeness.max(axis=1) - 1e-9).all()
