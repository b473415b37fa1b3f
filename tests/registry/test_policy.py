"""When a dead agent is restarted: the log of its deaths under any times and steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import RestartPolicy
from registry.policy import RestartLog
from swarm import StepId

steps = st.none() | st.builds(StepId, st.just("work"), st.sampled_from("abc"))
deaths = st.lists(st.tuples(st.floats(0, 20), steps), max_size=40)
policies = st.builds(
    RestartPolicy,
    intensity=st.integers(0, 4),
    period_s=st.floats(0.5, 60),
    backoff_s=st.floats(0, 2),
    most_backoff_s=st.floats(0, 5),
    healthy_s=st.floats(0, 30),
)


@given(policies, deaths)
def test_restarts_are_never_more_than_the_intensity_within_any_period(
    policy: RestartPolicy, deaths: list[tuple[float, StepId | None]]
) -> None:
    log, now_s = RestartLog(policy), 0.0
    restarts: list[tuple[float, StepId | None]] = []

    for later_s, step in deaths:
        now_s += later_s
        log.note(now_s, step)
        if not log.is_exceeded(now_s):
            restarts.append((now_s, step))

    for end_s, _ in restarts:
        within = [step for at_s, step in restarts if 0 <= end_s - at_s <= policy.period_s]
        assert len({step for step in within if step}) + within.count(None) <= policy.intensity


@given(policies, deaths)
def test_deaths_within_the_period_are_counted_each_step_once(
    policy: RestartPolicy, deaths: list[tuple[float, StepId | None]]
) -> None:
    log, now_s = RestartLog(policy), 0.0
    times: list[tuple[float, StepId | None]] = []

    for later_s, step in deaths:
        now_s += later_s
        log.note(now_s, step)
        times.append((now_s, step))
        within = [step for at_s, step in times if now_s - at_s <= policy.period_s]
        assert log.recent(now_s) == len(set(within) - {None}) + within.count(None)


@given(policies, deaths, st.floats(0, 1))
def test_pause_lies_between_half_and_all_of_its_backoff(
    policy: RestartPolicy, deaths: list[tuple[float, StepId | None]], jitter: float
) -> None:
    log, now_s = RestartLog(policy), 0.0

    for later_s, step in deaths:
        now_s += later_s
        log.note(now_s, step)
        assert 0 <= log.pause_s(0) <= log.pause_s(jitter) <= log.pause_s(1) <= policy.most_backoff_s
        assert log.pause_s(1) <= 2 * log.pause_s(0) + 1e-300
        assert log.pause_s(1) >= min(policy.backoff_s, policy.most_backoff_s)


def noted(policy: RestartPolicy, *times_s: float) -> RestartLog:
    log = RestartLog(policy)
    for number, at_s in enumerate(times_s):
        log.note(at_s, StepId("work", str(number)))
    return log


def test_pause_doubles_with_each_death_in_a_row_up_to_the_most() -> None:
    policy = RestartPolicy(backoff_s=0.1, most_backoff_s=0.5)

    pauses_s = [noted(policy, *range(deaths)).pause_s(1.0) for deaths in range(6)]

    assert pauses_s == pytest.approx([0, 0.1, 0.2, 0.4, 0.5, 0.5])


def test_pause_stays_finite_when_deaths_never_end() -> None:
    policy = RestartPolicy(backoff_s=1, most_backoff_s=float("inf"))

    assert noted(policy, *range(2000)).pause_s(1.0) == 2.0**30


def test_row_begins_anew_when_the_agent_was_healthy_for_long_enough() -> None:
    policy = RestartPolicy(backoff_s=0.1, healthy_s=10)

    assert noted(policy, 0, 1, 11).pause_s(1.0) == pytest.approx(0.1)
    assert noted(policy, 0, 1, 10.9).pause_s(1.0) == pytest.approx(0.4)


def test_deaths_are_forgotten_when_their_period_is_over() -> None:
    log = noted(RestartPolicy(intensity=1, period_s=60), 0, 1)

    assert [log.is_exceeded(now_s) for now_s in (1, 60, 60.5, 62)] == [True, True, False, False]
    assert log.recent(62) == 0


def test_log_starts_afresh_when_a_person_has_mended_the_agent() -> None:
    log = noted(RestartPolicy(intensity=0), 0, 1)

    log.forget()

    assert (log.recent(1), log.is_exceeded(1), log.pause_s(1.0)) == (0, False, 0.0)


def test_one_step_counts_once_however_often_it_kills() -> None:
    log = RestartLog(RestartPolicy(intensity=1))

    for now_s in range(9):
        log.note(now_s, StepId("work", "a"))

    assert not log.is_exceeded(9)
    log.note(9, None)
    assert log.is_exceeded(9)
