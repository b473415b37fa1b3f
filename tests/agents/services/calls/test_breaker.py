"""The breaker opens after failures in a row and closes only after a request that succeeded."""

from hypothesis import given
from hypothesis import strategies as st

from agents.services.breaker import Breaker, State


class Watched:
    """A breaker with a clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.told: list[State] = []
        self.breaker = Breaker(failures=3, open_s=10, clock=lambda: self.now_s, tell=self.told.append)

    def fail(self) -> None:
        self.breaker.enter()
        self.breaker.failed()


def test_breaker_stays_closed_when_failures_do_not_come_in_a_row() -> None:
    watched = Watched()
    for _ in range(5):
        watched.fail()
        watched.fail()
        watched.breaker.enter()
        watched.breaker.succeeded()

    assert watched.told == []


def test_breaker_lets_one_request_through_when_its_time_has_come() -> None:
    watched = Watched()
    for _ in range(3):
        watched.fail()
    assert watched.breaker.wait_s() == 10
    watched.now_s = 10
    assert watched.breaker.wait_s() == 0
    watched.breaker.enter()

    assert watched.breaker.state is State.HALF_OPEN
    assert watched.breaker.wait_s() > 0


def test_breaker_lets_the_next_try_when_a_trial_was_broken_off() -> None:
    watched = Watched()
    for _ in range(3):
        watched.fail()
    watched.now_s = 10
    watched.breaker.enter()
    watched.breaker.left()

    assert watched.breaker.wait_s() == 0


@given(st.lists(st.tuples(st.sampled_from(["ok", "fail", "leave"]), st.floats(0, 20)), max_size=60))
def test_breaker_is_never_open_for_longer_than_its_time(history: list[tuple[str, float]]) -> None:
    watched = Watched()
    for what, pause_s in history:
        watched.now_s += pause_s
        assert watched.breaker.wait_s() <= 10
        if watched.breaker.wait_s() > 0:
            continue
        watched.breaker.enter()
        {"ok": watched.breaker.succeeded, "fail": watched.breaker.failed, "leave": watched.breaker.left}[what]()
        if what == "ok":
            assert watched.breaker.state is State.CLOSED

    assert all(one is not other for one, other in zip(watched.told, watched.told[1:], strict=False))
