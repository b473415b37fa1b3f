"""A circuit breaker: a service that failed again and again is left alone for a while, then tried with one request."""

from collections.abc import Callable
from enum import StrEnum


class State(StrEnum):
    """What the breaker lets through: all requests, none, or one at a time to see whether the service is back."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """Opens after `failures` in a row; `open_s` seconds later one request may try, which closes it or opens it anew.

    `clock` gives monotonic seconds, `tell` is told of each change. Belongs to one event loop.
    Source: Nygard, Release It!, chapter "Circuit Breaker".
    """

    def __init__(
        self, *, failures: int, open_s: float, clock: Callable[[], float], tell: Callable[[State], None]
    ) -> None:
        self.state = State.CLOSED
        self._most = failures
        self._open_s = open_s
        self._clock = clock
        self._tell = tell
        self._in_a_row = 0
        self._opened_at = 0.0
        self._is_tried = False

    def wait_s(self) -> float:
        """For how many seconds no request should be made; 0 when one may be made now."""
        match self.state:
            case State.CLOSED:
                return 0.0
            case State.OPEN:
                return max(0.0, self._opened_at + self._open_s - self._clock())
            case State.HALF_OPEN:
                return self._open_s / 10 if self._is_tried else 0.0

    def enter(self) -> None:
        """A request is made, which `wait_s` allows; `succeeded`, `failed` or `left` follows."""
        if self.state is State.OPEN:
            self._change(State.HALF_OPEN)
        self._is_tried = self.state is State.HALF_OPEN

    def succeeded(self) -> None:
        """The service answered, be it with a refusal: it is well."""
        self._in_a_row = 0
        self._is_tried = False
        if self.state is not State.CLOSED:
            self._change(State.CLOSED)

    def failed(self) -> None:
        """The service did not answer, or failed at it."""
        self._in_a_row += 1
        self._is_tried = False
        if self.state is State.HALF_OPEN or (self.state is State.CLOSED and self._in_a_row >= self._most):
            self._opened_at = self._clock()
            self._change(State.OPEN)

    def left(self) -> None:
        """The request was broken off by who made it: that tells nothing of the service."""
        self._is_tried = False

    def _change(self, state: State) -> None:
        self.state = state
        self._tell(state)
