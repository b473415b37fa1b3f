import random

import pytest

from monitor.metrics import BOUNDS_S, Distribution, Metrics


def test_as_nested_nests_by_labels_in_their_order() -> None:
    metrics = Metrics()
    steps = metrics.counter("steps_total", "role", "outcome")
    steps.add(("read", "done"))
    steps.add(("read", "done"), 2)
    steps.add(("read", "failed"))
    steps.add(("bind", "done"))

    assert metrics.as_nested() == {"steps_total": {"read": {"done": 3, "failed": 1}, "bind": {"done": 1}}}


def test_as_nested_leaves_out_what_has_not_occurred() -> None:
    metrics = Metrics()
    metrics.counter("steps_total", "role")
    metrics.gauge("queue_depth", "role").set(("read",), 4)
    metrics.gauge("queue_depth", "role").set(("read",), 3)

    assert metrics.as_nested() == {"queue_depth": {"read": 3}}


def test_as_nested_gives_a_bare_number_for_a_family_without_labels() -> None:
    metrics = Metrics()
    metrics.counter("commits_total").add((), 5)

    assert metrics.as_nested() == {"commits_total": 5}


def test_as_nested_gives_a_histogram_as_count_sum_quantiles_and_max() -> None:
    metrics = Metrics()
    for seconds in (0.2, 0.2, 0.2, 4.0):
        metrics.histogram("step_duration_seconds", "role").observe(("read",), seconds)

    figures = metrics.as_nested()["step_duration_seconds"]

    assert isinstance(figures, dict)
    spread = figures["read"]
    assert isinstance(spread, dict)
    assert list(spread) == ["count", "sum", "p50", "p95", "max"]
    assert (spread["count"], spread["sum"], spread["max"]) == (4, 4.6, 4.0)


def test_quantile_is_within_the_bucket_of_the_true_one() -> None:
    numbers = random.Random(1)
    durations = sorted(numbers.lognormvariate(-2, 1.5) for _ in range(2_000))
    histogram = Metrics().histogram("seconds")
    for duration in durations:
        histogram.observe((), duration)

    for share in (0.05, 0.5, 0.95, 1.0):
        true = durations[max(0, round(share * 2_000) - 1)]
        upper = next(bound for bound in BOUNDS_S if bound >= true)
        lower = max((bound for bound in BOUNDS_S if bound < true), default=0.0)
        assert lower <= histogram.series[()].quantile_s(share) <= upper


def test_quantile_never_exceeds_the_longest() -> None:
    histogram = Metrics().histogram("seconds")
    for duration in (900.0, 1000.0):
        histogram.observe((), duration)

    assert histogram.series[()].quantile_s(0.5) == pytest.approx(650.0)  # the bucket begins at 300 s
    assert histogram.series[()].quantile_s(1.0) == 1000.0
    assert Distribution().quantile_s(0.5) == 0.0


@pytest.mark.parametrize("labels", [("role",), ("role", "outcome", "more")])
def test_family_refuses_other_labels(labels: tuple[str, ...]) -> None:
    metrics = Metrics()
    metrics.counter("steps_total", "role", "outcome")

    with pytest.raises(ValueError, match="steps_total is already a Counter"):
        metrics.counter("steps_total", *labels)


def test_family_refuses_another_kind() -> None:
    metrics = Metrics()
    metrics.counter("steps_total", "role")

    with pytest.raises(ValueError, match="already"):
        metrics.gauge("steps_total", "role")
    assert list(metrics.families) == ["steps_total"]
