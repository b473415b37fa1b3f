"""Pairing by the pictures alone, measured on labelled drawings and renderings with neutral names."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from agents.craft.decoding import decode
from agents.craft.likeness import feature_vector, mirrored
from agents.craft.pairing import Match, pair
from agents.craft.similarity import similarity

DATA = Path(__file__).parents[4] / "shared" / "data" / "pairs"


@pytest.fixture(scope="module")
def judged() -> list[tuple[Match, bool]]:
    """Every match of the set, with whether it is right."""
    if not DATA.is_dir():
        message = f"the labelled pictures are not at {DATA}"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    with (DATA / "labels.csv").open(newline="") as labels:
        rows = list(csv.DictReader(labels))
    inputs = sorted({row["input_path"] for row in rows})
    drawn = np.array([feature_vector(_pixels(path)) for path in inputs])
    likeness = similarity(
        np.array([feature_vector(_pixels(row["output_path"])) for row in rows]),
        drawn,
        mirrored(drawn),
    )
    truth = [inputs.index(row["input_path"]) for row in rows]
    return [(match, match.input == true) for match, true in zip(pair(likeness), truth, strict=True)]


def _pixels(path: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(decode((DATA / path).read_bytes(), longest_side_px=512).image)


def test_pairing_is_right_for_nine_of_ten_renderings(judged: list[tuple[Match, bool]]) -> None:
    assert np.mean([is_right for _, is_right in judged]) >= 0.90


def test_pairing_flags_its_mistakes_and_little_else(judged: list[tuple[Match, bool]]) -> None:
    sure = [is_right for match, is_right in judged if not match.is_flagged]

    assert np.mean(sure) >= 0.97
    assert len(sure) >= 0.75 * len(judged)
