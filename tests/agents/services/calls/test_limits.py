"""Buckets fill evenly, hold ten seconds' worth, and believe the service."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.services.limits import Bucket, Left


def test_bucket_gives_ten_seconds_worth_at_once_and_then_evenly() -> None:
    bucket = Bucket(60, 0)
    for _ in range(10):
        assert bucket.wait_s(1, 0) == 0
        bucket.take(1, 0)

    assert bucket.wait_s(1, 0) == pytest.approx(1)
    assert bucket.wait_s(1, 1) == 0


def test_bucket_lets_what_is_larger_than_itself_through_when_it_is_full() -> None:
    bucket = Bucket(60, 0)
    bucket.take(1000, 0)

    assert bucket.wait_s(1, 0) == pytest.approx(991)
    assert bucket.wait_s(1000, 1000) == 0


def test_bucket_without_a_limit_gives_all_unless_it_is_closed() -> None:
    bucket = Bucket(0, 0)
    bucket.take(10**9, 0)
    bucket.close(5, 0)

    assert bucket.wait_s(10**9, 1) == 4
    assert bucket.wait_s(10**9, 5) == 0


def test_bucket_believes_that_less_is_left_and_never_that_more_is() -> None:
    bucket = Bucket(600, 0)
    bucket.heard(Left(10_000, 0), 0)
    bucket.take(100, 0)
    assert bucket.wait_s(1, 0) > 0
    bucket.heard(Left(0, 60), 0)

    assert bucket.wait_s(1, 0) == 60


@given(per_minute=st.floats(1, 1e6), takes=st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1000)), max_size=50))
def test_bucket_never_gives_more_than_its_rate_and_one_burst(
    per_minute: float, takes: list[tuple[float, float]]
) -> None:
    bucket, now_s, taken, last = Bucket(per_minute, 0), 0.0, 0.0, 0.0
    for pause_s, units in takes:
        now_s += pause_s
        now_s += bucket.wait_s(units, now_s)
        bucket.take(units, now_s)
        taken += units
        last = max(last, units)

    assert taken <= (per_minute / 60 * now_s + max(1.0, per_minute / 6) + last) * (1 + 1e-6) + 1e-3
