"""Which step is being done: bound where a worker takes an order, read by every log line written inside."""

from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, TypeAlias

from swarm.messages import Order

if TYPE_CHECKING:
    from loguru import Record


_Place: TypeAlias = tuple[Order, int]

_current: ContextVar[_Place | None] = ContextVar("doodlebound_step", default=None)


class step_context:  # noqa: N801  (reads as a verb in a with statement)
    """While this is open, log lines of this task carry run, role, item, attempt, agent and incarnation.

    Costs about a microsecond: the fields are made only when a line is written. Tasks started inside inherit it,
    and so do threads that are given a copy of the context.
    """

    __slots__ = ("_place", "_token")

    def __init__(self, order: Order, incarnation: int) -> None:
        self._place = order, incarnation

    def __enter__(self) -> None:
        self._token: Token[_Place | None] = _current.set(self._place)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def add_context(record: "Record") -> None:
    """Put the current step's fields into a log record; those that the line brings itself win."""
    place = _current.get()
    if place is not None:
        order, incarnation = place
        record["extra"] |= {
            "run": order.step.run,
            "role": order.step.id.role,
            "item": order.step.id.item,
            "attempt": order.attempt,
            "agent": f"{order.step.id.role}-{incarnation}",
            "incarnation": incarnation,
            **record["extra"],
        }
