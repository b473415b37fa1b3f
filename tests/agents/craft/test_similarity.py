"""Similarity finds each rendering's drawing in batches of any make-up."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.craft.likeness import feature_vector, mirrored
from agents.craft.similarity import centre, cosine, diffuse, similarity, with_descriptions
from tests.agents.craft.sketches import drawing, rendering

Vectors = NDArray[np.float32]


@pytest.fixture(scope="module")
def drawings() -> Vectors:
    return np.array([feature_vector(drawing(number)) for number in range(10)])


@pytest.fixture(scope="module")
def flipped_drawings() -> Vectors:
    return mirrored(np.array([feature_vector(drawing(number)) for number in range(10)]))


@pytest.fixture(scope="module")
def renderings() -> Vectors:
    return np.array([feature_vector(rendering(number, variant)) for number in range(10) for variant in range(3)])


def test_similarity_finds_every_drawing(renderings: Vectors, drawings: Vectors, flipped_drawings: Vectors) -> None:
    likeness = similarity(renderings, drawings, flipped_drawings)

    assert likeness.shape == (30, 10)
    assert likeness.argmax(axis=1).tolist() == [number for number in range(10) for _ in range(3)]
    assert likeness.min() >= 0
    assert likeness.max() <= 1.1


def test_similarity_holds_when_all_renderings_are_of_one_drawing(drawings: Vectors) -> None:
    renderings = np.array([feature_vector(rendering(4, variant)) for variant in range(12)])

    assert set(similarity(renderings, drawings).argmax(axis=1).tolist()) == {4}


def test_similarity_finds_a_mirrored_rendering(drawings: Vectors, flipped_drawings: Vectors) -> None:
    renderings = np.array([feature_vector(rendering(number, 0)[:, ::-1]) for number in range(10)])

    likeness = similarity(renderings, drawings, flipped_drawings)

    assert likeness.argmax(axis=1).tolist() == list(range(10))
    assert likeness.diagonal().mean() > similarity(renderings, drawings).diagonal().mean() + 0.2


@pytest.mark.parametrize(("outputs", "inputs"), [(0, 3), (3, 0), (0, 0), (1, 1), (2, 5), (3, 1)])
def test_similarity_has_the_batch_s_shape_when_it_is_small(outputs: int, inputs: int) -> None:
    vectors = np.eye(8, 1536, dtype=np.float32)

    assert similarity(vectors[:outputs], vectors[:inputs]).shape == (outputs, inputs)


def test_similarity_is_finite_for_a_heap_of_one_picture(drawings: Vectors) -> None:
    same = np.repeat(drawings[:1], 12, axis=0)

    assert np.isfinite(similarity(same, same, same)).all()


def test_centre_leaves_few_pictures_as_they_are(drawings: Vectors) -> None:
    assert centre(drawings, 7) == pytest.approx(drawings, abs=1e-6)
    assert np.linalg.norm(centre(drawings, 10), axis=1) == pytest.approx(1)


def test_diffuse_lends_evidence_to_a_sister() -> None:
    outputs = np.eye(6)
    outputs[1] = np.array([0.9, np.sqrt(1 - 0.81), 0, 0, 0, 0])
    likeness = np.zeros((6, 2))
    likeness[0, 0] = 0.8

    spread = diffuse(likeness, outputs)

    assert spread[1, 0] > 0.3
    assert spread[1, 1] == 0


def test_cosine_is_that_of_the_angle() -> None:
    assert cosine(np.array([1.0, 0.0]), np.array([2.0, 2.0])) == pytest.approx(np.sqrt(0.5))
    assert cosine(np.zeros(2), np.ones(2)) == 0


def test_descriptions_are_half_of_the_likeness_where_both_pictures_have_one() -> None:
    likeness = np.array([[0.8, 0.2], [0.4, 0.6]])
    fox, owl = np.eye(4)[0], np.eye(4)[1]

    mixed = with_descriptions(likeness, [owl, None], [fox, owl])

    assert mixed[0] == pytest.approx([0.4, 0.6])
    assert mixed[1] == pytest.approx([0.4, 0.6])
    assert likeness[0] == pytest.approx([0.8, 0.2])


@pytest.mark.parametrize("described", [([None, None], [None, None]), ([np.eye(4)[0], None], [None, None])])
def test_likeness_stays_where_no_pair_is_described(described: tuple[list[Any], list[Any]]) -> None:
    likeness = np.array([[0.8, 0.2], [0.4, 0.6]])

    assert np.array_equal(with_descriptions(likeness, *described), likeness)
