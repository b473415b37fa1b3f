"""What travels between the coordinator and the agents: orders, and exactly one reply to each."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from swarm.agent import AgentSpec, Rework, Step, StepId
from swarm.codec import Sealed, seal, type_name
from swarm.errors import StepError


class Order(NamedTuple):
    """One step for one worker. `arguments` are what the handler takes by keyword, `reply_to` gets the one reply.

    `number` is unique in the run: a step that is sent again gets a new one.
    """

    number: int
    run: str
    step: StepId
    attempt: int
    round: int
    is_fallback: bool
    notes: str
    rejected: object
    arguments: Mapping[str, object]
    deadline_s: float
    reply_to: Callable[["Reply"], None]


class Gave(NamedTuple):
    """The handler gave a result; `rework` tells which role is asked to do better, with which notes."""

    sealed: Sealed
    rework: tuple[str, str] | None = None


class Refused(NamedTuple):
    """The step cannot be done (`StepError`, or a result of the wrong type): the agent is fine."""

    reason: str
    code: str = "failed"


class Died(NamedTuple):
    """The worker crashed or hung with the step in hand."""

    cause: str
    is_hang: bool


class Unavailable(NamedTuple):
    """The agent is down and takes no steps."""

    cause: str


Outcome: TypeAlias = Gave | Refused | Died | Unavailable


class Reply(NamedTuple):
    """The one answer to an order, from this incarnation of the worker, after so many seconds."""

    number: int
    step: StepId
    incarnation: int
    outcome: Outcome
    duration_s: float


class Crew(Protocol):
    """Those who do the steps, as the coordinator sees them."""

    def capacity(self, role: str) -> int:
        """How many steps of this role can be in hand at the same time."""
        ...

    def send(self, order: Order) -> None:
        """Hand over an order; its `reply_to` is called exactly once, later, on the loop.

        Never blocks. Raises asyncio.QueueFull when more orders than the capacity are out.
        """
        ...

    async def cancel(self, run: str) -> None:
        """Stop all steps of a run; returns when none is in hand. Their replies are not sent."""
        ...


async def perform(spec: AgentSpec, step: Step, order: Order) -> Gave | Refused:
    """Run a handler on an order. Whatever it raises but StepError goes through: it is a crash of the worker."""
    try:
        result = await spec.handler(step, **order.arguments)
    except StepError as error:
        return Refused(str(error) or f"agent {spec.role} gave no reason", error.code)
    except SystemExit as error:
        raise RuntimeError("the handler wanted to end the process") from error
    rework = None
    if isinstance(result, Rework):
        if result.role not in spec.may_rework:
            return Refused(f"agent {spec.role} asked {result.role} for rework, which it may not")
        rework, result = (result.role, result.notes), result.result
    try:
        sealed = seal(result, spec.gives)
    except (TypeError, ValueError) as cause:
        given = type_name(type(result))
        return Refused(f"agent {spec.role} gave {given}, which is no {type_name(spec.gives)}: {cause}")
    if spec.opens and (twice := _opened_twice(sealed.value)):
        return Refused(f"agent {spec.role} opened {spec.opens} {', '.join(twice)} twice")
    return Gave(sealed, rework)


def _opened_twice(result: Any) -> list[str]:
    """The items that a result which opens a scope lists more than once."""
    return [item for item, times in Counter(brief.item for brief in result.briefs).items() if times > 1]
