"""What travels between the coordinator and the agents: orders, and exactly one reply to each."""

import errno
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from swarm.agent import AgentSpec, Provisional, Rework, RunsBlocking, Step, StepId
from swarm.codec import Sealed, seal, type_name
from swarm.errors import RunBroken, StepError
from swarm.failpoints import ARMED, async_failpoint


class Order(Struct, frozen=True):
    """One step for one worker. `arguments` are what the handler takes by keyword, `reply_to` gets the one reply; where
    `is_paid`, a result is wanted also when it comes late.

    `number` is unique in the run: a step that is sent again gets a new one.
    """

    number: int
    step: Step
    attempt: int
    arguments: Mapping[str, object]
    deadline_s: float
    reply_to: Callable[["Reply"], None]
    is_paid: bool = False


class Gave(Struct, frozen=True):
    """The handler gave a result; `rework` tells which role is asked to do better, with which notes, `provisional`
    why it stands for now only."""

    sealed: Sealed
    rework: tuple[str, str] | None = None
    provisional: str = ""


class Refused(Struct, frozen=True, gc=False):
    """The step cannot be done (`StepError`, or a result of the wrong type): the agent is fine."""

    reason: str
    code: str = "failed"
    is_retryable: bool = False


class Died(Struct, frozen=True, gc=False):
    """The worker crashed or hung with the step in hand."""

    cause: str
    is_hang: bool


class Unavailable(Struct, frozen=True, gc=False):
    """The agent is down and takes no steps."""

    cause: str


class Broken(Struct, frozen=True, gc=False):
    """The step met what every step would meet, like a full disk: the agent is fine, and the run cannot go on."""

    cause: str
    code: str = "broken"


Outcome: TypeAlias = Gave | Refused | Died | Unavailable | Broken


class Reply(Struct, frozen=True):
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

    def run_blocking(self, role: str) -> RunsBlocking:
        """What takes the blocking work of this role to a thread."""
        ...

    def send(self, order: Order) -> None:
        """Hand over an order; its `reply_to` is called exactly once, later, on the loop.

        Never blocks. Raises asyncio.QueueFull when more orders than the capacity are out.
        """
        ...

    async def cancel(self, run: str) -> None:
        """Stop all steps of a run; returns when none is in hand. Their replies are not sent, but for
        what was paid for and comes late."""
        ...


_FOR_ALL = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENODEV}
)
"""What the operating system says when it has no more of something, to whoever asks."""


def broken_by(error: OSError) -> str:
    """What is wrong with the machine, and what to do."""
    where = f" at {error.filename}" if error.filename else ""
    return f"the work stopped{where}: {error.strerror}; mend that and resume the run"


async def perform(spec: AgentSpec, order: Order) -> Gave | Refused | Broken:
    """Run a handler on an order. Whatever it raises but StepError goes through: it is a crash of the worker.

    What the operating system refuses for want of room, files or memory is nobody's crash, but the end of the run.
    """
    try:
        if ARMED:
            await async_failpoint(f"work.{spec.role}", order.step.id.item, order.step.run_blocking)
        result = await spec.handler(order.step, **order.arguments)
    except StepError as error:
        return Refused(str(error) or f"agent {spec.role} gave no reason", error.code, error.retryable)
    except RunBroken as error:
        return Broken(str(error), error.code)
    except OSError as error:
        if error.errno not in _FOR_ALL:
            raise
        return Broken(broken_by(error))
    except SystemExit as error:
        raise RuntimeError("the handler wanted to end the process") from error
    return _given(spec, result)


def _given(spec: AgentSpec, result: Any) -> Gave | Refused:
    rework, provisional = None, ""
    if isinstance(result, Provisional):
        provisional, result = result.reason, result.result
    elif isinstance(result, Rework):
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
    return Gave(sealed, rework, provisional)


def _opened_twice(result: Any) -> list[str]:
    """The items that a result which opens a scope lists more than once."""
    return [item for item, times in Counter(brief.item for brief in result.briefs).items() if times > 1]
