"""Pairing measured on labelled pictures: right, calibrated, and fooled neither by names nor by strangers."""

import io

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image

from agents.book.picture import Heap
from agents.craft.likeness import feature_vector, mirrored
from agents.craft.names import name_likeness
from agents.craft.pairing import Match, pair
from agents.craft.preparing import prepare
from agents.craft.similarity import similarity
from tests.agents.craft.labelled import (
    Labelled,
    calibration_error,
    labelled,
    misleading_names,
    of_sample,
    pixels,
    realistic_names,
)
from tests.agents.craft.photographs import photograph

_LYING = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.fixture(scope="module")
def known() -> Labelled:
    return labelled()


@pytest.fixture(scope="module")
def alone(known: Labelled) -> tuple[Match, ...]:
    return pair(known.likeness().astype(np.float64))


def _right(known: Labelled, matches: tuple[Match, ...]) -> list[bool]:
    return [match.input == own for match, own in zip(matches, known.truth, strict=True)]


def test_pairing_is_right_by_the_pictures_alone(known: Labelled, alone: tuple[Match, ...]) -> None:
    assert np.mean(_right(known, alone)) >= 0.95


def test_pairing_flags_its_mistakes_and_little_else(known: Labelled, alone: tuple[Match, ...]) -> None:
    sure = [right for match, right in zip(alone, _right(known, alone), strict=True) if not match.is_flagged]

    assert np.mean(sure) >= 0.97
    assert len(sure) >= 0.85 * len(alone)


def test_confidence_is_calibrated_with_and_without_strangers(known: Labelled, alone: tuple[Match, ...]) -> None:
    assert calibration_error(alone, _right(known, alone)) <= 0.05
    assert known.calibration_with_strangers() <= 0.05


def test_confidence_is_calibrated_on_pictures_that_it_was_not_fitted_on() -> None:
    sample = of_sample()
    matches = pair(sample.likeness().astype(np.float64))

    assert len(matches) > 60
    assert calibration_error(matches, _right(sample, matches)) <= 0.05
    assert sample.calibration_with_strangers() <= 0.05


@pytest.mark.parametrize("scheme", ["numbered", "camera", "words", "folders"])
def test_pairing_is_right_with_realistic_names(known: Labelled, scheme: str) -> None:
    inputs, outputs = realistic_names(known.truth.tolist(), len(known.inputs))[scheme]

    matches = pair(known.likeness().astype(np.float64), name_likeness(inputs, outputs))

    assert np.mean(_right(known, matches)) >= 0.98


@pytest.mark.parametrize("scheme", ["download", "image_12", "output_012"])
def test_pairing_is_not_fooled_by_misleading_names(known: Labelled, alone: tuple[Match, ...], scheme: str) -> None:
    inputs, outputs = misleading_names(len(known.renderings), len(known.inputs))[scheme]

    matches = pair(known.likeness().astype(np.float64), name_likeness(inputs, outputs))

    assert np.mean(_right(known, matches)) >= np.mean(_right(known, alone)) - 0.01


def test_strangers_end_unpaired_or_flagged(known: Labelled) -> None:
    strangers = [match for match, is_stranger in known.strangers() if is_stranger]

    assert np.mean([match.is_flagged for match in strangers]) >= 0.8
    assert np.mean([match.input is not None and match.confidence > 0.9 for match in strangers]) <= 0.02


@pytest.mark.timeout(300)
def test_photographs_of_the_drawings_find_their_renderings(known: Labelled) -> None:
    drawn = np.array([_photographed(path, number) for number, path in enumerate(known.inputs)])

    matches = pair(similarity(known.renderings, drawn, mirrored(drawn)))

    assert np.mean(_right(known, matches)) >= 0.80


def _photographed(path: str, number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The vector of a drawing that was photographed lying on a table, turned by EXIF, some of them as HEIC (which takes
    seconds to write)."""
    size_px = (3000, 2000) if number % 10 == 0 else (1200, 800)
    shot = photograph(Image.fromarray(pixels(path)), number, size_px=size_px).image
    orientation = number % 8 + 1
    lying = shot if (turn := _LYING[orientation]) is None else shot.transpose(turn)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = io.BytesIO()
    if number in (1, 6, 13):
        pillow_heif.register_heif_opener()
        lying.save(data, "HEIF", quality=80, exif=exif)
    else:
        lying.save(data, "JPEG", quality=92, exif=exif)
    made = prepare(data.getvalue(), Heap.INPUT, max_pixels=10**8, may_straighten=True)
    return feature_vector(made.pixels)
