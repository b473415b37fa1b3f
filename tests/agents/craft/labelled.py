"""The labelled drawings and renderings beside the checkout, for measuring; and what pairing makes of them."""

import csv
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.craft.decoding import decode
from agents.craft.likeness import feature_vector, mirrored
from agents.craft.pairing import Match, pair
from agents.craft.similarity import similarity
from tests.conftest import ROOT

DATA = Path(__file__).parents[4] / "shared" / "data" / "pairs"

Vectors = NDArray[np.float32]
Names = tuple[Sequence[str], Sequence[str]]


@dataclass(frozen=True)
class Labelled:
    """Vectors of drawings (m, 1536) and renderings (n, 1536), and for each rendering its drawing's index and how hard
    it is to find."""

    inputs: tuple[str, ...]
    drawings: Vectors
    renderings: Vectors
    truth: NDArray[np.intp]
    difficulty: tuple[str, ...]

    def likeness(self, drawings: Iterable[int] | None = None, renderings: Iterable[int] | None = None) -> Vectors:
        """The likeness of some renderings to some drawings, all by default."""
        rows = list(range(len(self.renderings)) if renderings is None else renderings)
        drawn = self.drawings[list(range(len(self.drawings)) if drawings is None else drawings)]
        return similarity(self.renderings[rows], drawn, mirrored(drawn)).astype(np.float32)

    def strangers(self) -> list[tuple[Match, bool]]:
        """Pairing with each drawing taken away in turn: every match, and whether its own drawing was gone."""
        found = []
        for gone in range(len(self.inputs)):
            kept = [index for index in range(len(self.inputs)) if index != gone]
            matches = pair(self.likeness(kept).astype(np.float64))
            found += [(match, bool(own == gone)) for match, own in zip(matches, self.truth, strict=True)]
        return found

    def calibration_with_strangers(self) -> float:
        """The calibration error with each drawing taken away in turn."""
        matches, right = [], []
        for index, (match, is_stranger) in enumerate(self.strangers()):
            gone, row = divmod(index, len(self.truth))
            own = int(self.truth[row])
            matches.append(match)
            right.append(match.input is not None and not is_stranger and match.input == own - (own > gone))
        return calibration_error(matches, right)


def is_there() -> bool:
    """Whether the labelled pictures lie beside the checkout."""
    return DATA.is_dir()


def labelled() -> Labelled:
    """Read and look at all labelled pictures; some 3 s. Skips the test where they are not there, and fails it in CI."""
    if not is_there():
        message = f"the labelled pictures are not at {DATA}"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    with (DATA / "labels.csv").open(newline="") as labels:
        rows = list(csv.DictReader(labels))
    inputs = tuple(sorted({row["input_path"] for row in rows}))
    return Labelled(
        inputs,
        np.array([feature_vector(pixels(path)) for path in inputs]),
        np.array([feature_vector(pixels(row["output_path"])) for row in rows]),
        np.array([inputs.index(row["input_path"]) for row in rows]),
        tuple(row["difficulty"] for row in rows),
    )


def of_sample() -> Labelled:
    """The pictures of the sample book whose names tell their drawing, 10 and 64 of them; nothing was fitted on them."""
    drawings, renderings = (sorted((ROOT / "sample" / heap).iterdir()) for heap in ("inputs", "outputs"))
    names = [path.stem for path in drawings]
    told = [(path, next((name for name in names if _plain(path).startswith(name)), "")) for path in renderings]
    both = [(path, names.index(name)) for path, name in told if name]
    return Labelled(
        tuple(names),
        np.array([feature_vector(_seen(path)) for path in drawings]),
        np.array([feature_vector(_seen(path)) for path, _ in both]),
        np.array([own for _, own in both]),
        ("made",) * len(both),
    )


def _plain(path: Path) -> str:
    return re.sub("[ _]", "-", path.name.lower())


def _seen(path: Path) -> NDArray[np.uint8]:
    return np.asarray(decode(path.read_bytes(), longest_side_px=512).image)


def pixels(path: str) -> NDArray[np.uint8]:
    """One labelled picture."""
    return _seen(DATA / path)


def calibration_error(matches: Sequence[Match], is_right: Sequence[bool], bins: int = 10) -> float:
    """The expected calibration error over those that are paired: the mean gap of confidence and truth over ten bins."""
    both = zip(matches, is_right, strict=True)
    paired = [(match.confidence, right) for match, right in both if match.input is not None]
    confidence, right = (np.array(each, dtype=np.float64) for each in zip(*paired, strict=True))
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (place == each).mean() * abs(confidence[place == each].mean() - right[place == each].mean())
        for each in range(bins)
        if (place == each).any()
    ]
    return float(sum(gaps))


def realistic_names(truth: Sequence[int], count: int) -> dict[str, Names]:
    """Names as people and programs give them, that tell the drawing: by scheme, those of drawings and of renderings."""
    words = [
        *("dragon", "fox", "house", "owl", "cake", "rainbow", "robot", "rocket", "snail", "whale"),
        *("cat", "dog", "tree", "sun", "boat", "castle", "flower", "fish", "horse", "bird"),
    ]
    nth = [list(truth[: row + 1]).count(own) for row, own in enumerate(truth)]
    both = list(zip(truth, nth, strict=True))
    return {
        "numbered": (
            [f"inputs/input_{index:03}.png" for index in range(count)],
            [f"outputs/output_{own:03}_{each}.png" for own, each in both],
        ),
        "camera": (
            [f"inputs/IMG_{2031 + index}.jpg" for index in range(count)],
            [f"outputs/img_{2031 + own} ({each})_edited.png" for own, each in both],
        ),
        "words": (
            [f"inputs/max {words[index]}.jpg" for index in range(count)],
            [f"outputs/Max{words[own].title()}_final_v{each}.png" for own, each in both],
        ),
        "folders": (
            [f"inputs/{words[index]}/1.jpg" for index in range(count)],
            [f"outputs/{words[own]}/{each}.png" for own, each in both],
        ),
    }


def misleading_names(outputs: int, count: int, seed: int = 1) -> dict[str, Names]:
    """Names with numberings of their own, that tell nothing: by scheme, those of drawings and of renderings."""
    order = np.random.default_rng(seed).permutation(outputs)
    return {
        "download": (
            [f"inputs/IMG_{2031 + index}.jpg" for index in range(count)],
            [f"outputs/download ({row}).png" for row in range(outputs)],
        ),
        "image_12": (
            [f"inputs/{index + 1}.jpg" for index in range(count)],
            [f"outputs/image_{row + 1}.png" for row in order],
        ),
        "output_012": (
            [f"inputs/input_{index + 1:03}.jpg" for index in range(count)],
            [f"outputs/output_{row % count + 1:03}_{row % 6}.png" for row in order],
        ),
    }
