"""Pairing weighs only what speaks, assigns all at once, and says how sure it is."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agents.craft.pairing import REVIEW_BELOW, Word, pair

LIKELY = np.array([[0.6, 0.1], [0.1, 0.6], [0.5, 0.0]])


def test_pair_takes_the_best_input_when_none_is_crowded() -> None:
    matches = pair(LIKELY)

    assert [match.input for match in matches] == [0, 1, 0]
    assert [match.output for match in matches] == [0, 1, 2]
    assert [match.runner_up for match in matches] == [1, 0, 1]
    assert not any(match.is_flagged for match in matches)


def test_pair_leaves_out_parts_that_say_nothing() -> None:
    level_names = np.full((3, 2), 0.9)

    matches = pair(LIKELY, level_names, np.zeros((3, 2)))

    assert [match.confidence for match in matches] == [match.confidence for match in pair(LIKELY)]
    assert all(match.name is None and match.metadata is None for match in matches)
    assert [match.picture for match in matches] == [0.6, 0.6, 0.5]


def test_pair_lets_names_decide_when_pictures_are_alike() -> None:
    picture = np.full((2, 2), 0.4)

    matches = pair(picture, np.eye(2))

    assert [match.input for match in matches] == [0, 1]
    assert [match.name for match in matches] == [1, 1]
    assert [match.picture for match in matches] == [None, None]
    assert not any(match.is_flagged for match in matches)


def test_pair_lets_metadata_outweigh_a_weak_picture() -> None:
    picture = np.array([[0.30, 0.25]])

    assert pair(picture)[0].input == 0
    assert pair(picture, None, np.array([[0.0, 1.0]]))[0].input == 1


def test_pair_is_unsure_between_two_equal_drawings() -> None:
    match = pair(np.array([[0.5, 0.5, 0.0]]))[0]

    assert match.confidence == pytest.approx(0.5, abs=0.01)
    assert match.is_flagged
    assert {match.input, match.runner_up} == {0, 1}


@pytest.mark.parametrize(("likeness", "is_flagged"), [(0.6, False), (0.28, False), (0.25, True), (0.16, True)])
def test_pair_asks_of_a_lone_drawing_that_it_resembles_its_rendering(likeness: float, is_flagged: bool) -> None:
    match = pair(np.array([[likeness]]))[0]

    assert match.input == 0
    assert match.is_flagged == is_flagged
    assert match.runner_up is None


def test_pair_leaves_a_stranger_unpaired() -> None:
    match = pair(np.array([[0.05, 0.1, 0.02]]))[0]

    assert match.input is None
    assert match.is_flagged
    assert match.confidence == 0
    assert match.runner_up == 1


def test_pair_gives_nothing_to_an_input_that_nobody_resembles() -> None:
    picture = np.array([[0.5, 0.1, 0.0], [0.1, 0.5, 0.0]])

    assert {match.input for match in pair(picture)} == {0, 1}


@pytest.mark.parametrize(("outputs", "inputs"), [(0, 0), (0, 3), (3, 0), (1, 5)])
def test_pair_answers_for_each_output_when_a_heap_is_empty_or_small(outputs: int, inputs: int) -> None:
    matches = pair(np.full((outputs, inputs), 0.5))

    assert len(matches) == outputs
    assert all((match.input is None) == (inputs == 0) for match in matches)


def test_pair_moves_the_least_sure_when_an_input_is_crowded() -> None:
    picture = np.tile([0.6, 0.2], (20, 1))
    picture[7] = [0.5, 0.45]

    owners = [match.input for match in pair(picture, cap=19)]

    assert owners == [1 if row == 7 else 0 for row in range(20)]


def test_pair_keeps_clear_matches_when_an_input_is_crowded() -> None:
    picture = np.tile([0.9, 0.2], (20, 1))

    assert {match.input for match in pair(picture, cap=3)} == {0}


def test_pair_takes_2000_pictures_within_seconds() -> None:
    rng = np.random.default_rng(0)
    picture = rng.random((1900, 100)) * 0.3
    picture[:, 0] += 0.25
    began = time.perf_counter()

    matches = pair(picture)

    assert len(matches) == 1900
    assert time.perf_counter() - began < 10


@settings(max_examples=80, deadline=None)
@given(
    st.tuples(st.integers(1, 12), st.integers(1, 5)).flatmap(
        lambda shape: arrays(np.float64, (3, *shape), elements=st.floats(-0.2, 1.0))
    ),
    st.integers(1, 4),
)
def test_pair_holds_its_promises_for_any_likeness(
    parts: np.ndarray[tuple[int, ...], np.dtype[np.float64]], cap: int
) -> None:
    matches = pair(parts[0], np.maximum(parts[1], 0), np.maximum(parts[2], 0), cap=cap)

    assert [match.output for match in matches] == list(range(parts.shape[1]))
    assert matches == pair(parts[0], np.maximum(parts[1], 0), np.maximum(parts[2], 0), cap=cap)
    for match in matches:
        assert 0 <= match.confidence <= 1
        assert match.runner_up is None or match.runner_up != match.input
        assert match.is_flagged == (match.input is None or match.confidence < REVIEW_BELOW)
        assert all(part is None or 0 <= part <= 1 for part in (match.picture, match.name, match.metadata))


def test_pair_lets_a_person_decide_against_all_else() -> None:
    matches = pair(LIKELY, word=Word({0: 1}, frozenset({(2, 0)})))

    assert [match.input for match in matches] == [1, 1, None]
    assert matches[0].confidence == 1
    assert matches[2].runner_up is not None


def test_pair_leaves_out_names_that_contradict_clear_pictures() -> None:
    picture = np.eye(6) * 0.7
    misleading = np.roll(np.eye(6), 1, axis=1)

    assert pair(picture, misleading) == pair(picture)
    assert [match.name for match in pair(picture, np.eye(6))] == [1.0] * 6
