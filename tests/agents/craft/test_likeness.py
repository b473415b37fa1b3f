"""The feature vector is of one form and says which pictures have one layout."""

import numpy as np
import pytest

from agents.craft.likeness import DIMENSIONS, feature_vector, mirrored
from tests.agents.craft.sketches import drawing, rendering


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (128, 128), (700, 500)])
def test_feature_vector_has_unit_length_for_any_size(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)

    vector = feature_vector(image)

    assert vector.shape == (DIMENSIONS,) == (1536,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_feature_vector_is_finite_for_a_blank_picture(shade: int) -> None:
    vector = feature_vector(np.full((50, 60, 3), shade, dtype=np.uint8))

    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_feature_vector_is_the_same_for_the_same_picture() -> None:
    assert np.array_equal(feature_vector(drawing(3)), feature_vector(drawing(3).copy()))


def test_feature_vector_is_nearer_to_a_rendering_than_to_other_drawings() -> None:
    made = feature_vector(rendering(3, 0))

    own, *others = (float(made @ feature_vector(drawing(number))) for number in (3, 0, 1, 2, 4, 5))

    assert own > max(others) + 0.1


def test_feature_vector_hardly_feels_size_and_brightness() -> None:
    large = drawing(2, side_px=480)
    dim = (drawing(2) * 0.6).astype(np.uint8)

    assert float(feature_vector(dim) @ feature_vector(drawing(2))) > 0.9
    assert float(feature_vector(large) @ feature_vector(np.asarray(large[::2, ::2]))) > 0.8


@pytest.mark.parametrize("side_px", [128, 301])
def test_mirrored_is_the_vector_of_the_flipped_picture(side_px: int) -> None:
    image = rendering(2, 1, side_px=side_px)

    flipped = mirrored(feature_vector(image))

    assert float(flipped @ feature_vector(image[:, ::-1])) == pytest.approx(1, abs=1e-4)
    assert np.allclose(mirrored(flipped), feature_vector(image))
    assert not np.allclose(flipped, feature_vector(image), atol=1e-2)
