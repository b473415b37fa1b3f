"""A photographed sheet is found where it lies, comes out straight and white, and nothing else is touched."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agents.craft.sheet import Sheet, find_sheet
from agents.craft.straighten import straighten, whiten
from tests.agents.craft.photographs import photograph
from tests.agents.craft.sketches import drawing

SAMPLE = Path(__file__).parents[3] / "sample" / "inputs"
SEEDS = range(16)


def _drawings() -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in sorted(SAMPLE.iterdir())]


@pytest.mark.parametrize("size_px", [(1200, 800), (800, 1200)])
def test_find_sheet_finds_most_sheets_within_a_hundredth(size_px: tuple[int, int]) -> None:
    drawings = _drawings()
    shots = [photograph(drawings[seed % len(drawings)], seed, size_px=size_px) for seed in SEEDS]

    found = [(shot, find_sheet(shot.image)) for shot in shots]

    away = [np.abs(np.array(sheet.corners) - shot.corners).max() for shot, sheet in found if sheet]
    assert len(away) >= 0.9 * len(shots)
    assert np.mean(np.array(away) < 0.01) >= 0.9


def test_find_sheet_finds_none_in_scans_and_drawings_without_a_table() -> None:
    scans = [*_drawings(), *(Image.fromarray(drawing(number, side_px=400)) for number in range(20))]

    assert [number for number, scan in enumerate(scans) if find_sheet(scan)] == []


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (60, 60), (500, 3), (300, 300)])
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_find_sheet_finds_none_where_there_is_nothing(size: tuple[int, int], shade: int) -> None:
    assert find_sheet(Image.new("RGB", size, (shade,) * 3)) is None


def test_straighten_gives_the_drawing_back() -> None:
    scan = _drawings()[1]
    shot = photograph(scan, 1, size_px=(1500, 1000))

    sheet = find_sheet(shot.image)
    assert sheet is not None
    flat = straighten(shot.image, sheet, 2250)

    assert flat.width / flat.height == pytest.approx(scan.width / scan.height, rel=0.08)
    small = (15, 20)
    one, other = (np.asarray(each.resize(small, Image.Resampling.BOX), dtype=float) for each in (flat, scan))
    assert np.abs(one - other).mean() < 20
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.93


def test_straighten_gives_no_more_pixels_than_asked_and_than_there_are() -> None:
    sheet = Sheet(((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)), 1.0)

    assert max(straighten(Image.new("RGB", (400, 300)), sheet, 200).size) == 200
    assert max(straighten(Image.new("RGB", (400, 300)), sheet, 2000).size) <= 320


def test_whiten_evens_the_light_and_keeps_colours() -> None:
    paper = np.full((200, 200, 3), 255.0)
    paper[80:120, 80:120] = (200, 40, 40)
    shaded = paper * np.linspace(0.55, 0.95, 200)[:, None, None] * (1.0, 0.97, 0.88)

    made = np.asarray(whiten(Image.fromarray(shaded.astype(np.uint8))), dtype=float)

    corners = made[[5, 5, 195, 195], [5, 195, 5, 195]]
    assert np.ptp(shaded[[5, 195], 100]) > 90
    assert corners.min() > 220
    assert np.ptp(corners) < 30
    assert made[100, 100] == pytest.approx((190, 38, 38), abs=14)


def test_whiten_leaves_a_picture_without_paper_as_it_is() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    patches = Image.fromarray(noise.repeat(15, axis=0).repeat(15, axis=1))

    assert whiten(patches) is patches
