"""Which run and which step is being done: bound where it begins, read by every log line written inside."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from swarm.agent import StepId
from swarm.messages import Order

if TYPE_CHECKING:
    from loguru import Record

_NOTHING: Mapping[str, str] = MappingProxyType({})
_Place: TypeAlias = tuple[Order, int, Mapping[str, str]]

_step: ContextVar[_Place | None] = ContextVar("doodlebound_step", default=None)
_run: ContextVar[Mapping[str, object]] = ContextVar("doodlebound_run", default=_NOTHING)


class step_context:  # noqa: N801  (reads as a verb in a with statement)
    """While this is open, log lines of this task carry run, step, role, item, attempt, agent and incarnation.

    `item_names` says by role what its items are called (`page`, `picture`). Costs about a microsecond: the fields are
    made only when a line is written. Tasks started inside inherit it, and so do threads that are given a copy of the
    context.
    """

    __slots__ = ("_place", "_token")

    def __init__(self, order: Order, incarnation: int, item_names: Mapping[str, str] = _NOTHING) -> None:
        self._place = order, incarnation, item_names

    def __enter__(self) -> None:
        self._token: Token[_Place | None] = _step.set(self._place)

    def __exit__(self, *_: object) -> None:
        _step.reset(self._token)


@contextmanager
def run_context(**fields: object) -> Iterator[None]:
    """Until the end of the block, log lines carry these fields, like the run and the operation it is."""
    token = _run.set({**_run.get(), **fields})
    try:
        yield
    finally:
        _run.reset(token)


def step_fields(run: str, role: str, item: str, item_names: Mapping[str, str] = _NOTHING) -> dict[str, object]:
    """What names a step: `{"run": …, "step": "write/p3", "role": "write", "page": "p3"}`; without what is empty."""
    fields: dict[str, object] = {"run": run} if run else {}
    if role:
        fields |= {"step": f"{role}/{item}" if item else role, "role": role}
    if item:
        fields[item_names.get(role, "item")] = item
    return fields


def current_step() -> tuple[str, StepId] | None:
    """The run and the step in whose context this is called."""
    place = _step.get()
    return (place[0].step.run, place[0].step.id) if place else None


def add_context(record: "Record") -> None:
    """Put the fields of the current run and step into a log record; those that the line brings itself win."""
    place, about = _step.get(), _run.get()
    if place is not None:
        order, incarnation, item_names = place
        role, item = order.step.id
        record["extra"] = {
            **about,
            **step_fields(order.step.run, role, item, item_names),
            "attempt": order.attempt,
            "agent": f"{role}-{incarnation}",
            "incarnation": incarnation,
            **record["extra"],
        }
    elif about:
        record["extra"] = {**about, **record["extra"]}
