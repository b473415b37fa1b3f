"""The sample pictures: made alike each time, small enough, and of every grid size."""

import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

SAMPLE = Path(__file__).parents[2] / "sample"
DRAWINGS = sorted(SAMPLE.glob("inputs/*"))
PICTURES = [*DRAWINGS, *sorted(SAMPLE.glob("outputs/*"))]


def draw(*arguments: str | Path) -> str:
    command = [sys.executable, SAMPLE / "draw.py", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def renderings() -> list[tuple[str, str]]:
    """Input and output of every rendering, as the script lists them."""
    return [(source, made) for source, _, made in (line.partition("\t") for line in draw("--list").splitlines())]


def test_draw_gives_the_same_bytes_when_run_twice(tmp_path: Path) -> None:
    for out in ("first", "second"):
        draw(tmp_path / out, "--only", "snail-castle")

    first, second = (
        {path.relative_to(tmp_path / out): path.read_bytes() for path in (tmp_path / out).rglob("*.jpg")}
        for out in ("first", "second")
    )
    assert len(first) == 3
    assert first == second


def test_pictures_stay_within_six_megabytes() -> None:
    assert sum(path.stat().st_size for path in PICTURES) <= 6_000_000


def test_renderings_cover_every_grid_size() -> None:
    counts = Counter(source for source, _ in renderings())

    assert {counts[f"inputs/{path.name}"] for path in DRAWINGS} == {0, 1, 2, 3, 4, 7, 9, 12, 13, 17}


def test_pictures_are_those_that_the_script_lists() -> None:
    there = {path.relative_to(SAMPLE).as_posix() for path in PICTURES if path.parent.name == "outputs"}

    assert there == {made for _, made in renderings()}


def test_captions_name_exactly_the_drawings() -> None:
    book = tomllib.loads((SAMPLE / "book.toml").read_text(encoding="utf-8"))

    assert set(book["captions"]) == {path.relative_to(SAMPLE).as_posix() for path in DRAWINGS}


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_picture_opens_and_is_large_enough(path: Path) -> None:
    with Image.open(path) as picture:
        picture.load()
        assert max(picture.size) >= (1000 if path.parent.name == "inputs" else 600)
