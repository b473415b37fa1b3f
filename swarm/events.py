"""What can be observed of a run. Events tell; nothing in the swarm waits for who listens."""

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from swarm.agent import StepId


class RunStarted(Struct, frozen=True, gc=False):
    """A run begins with these roles, in the order of the plan."""

    run: str
    roles: tuple[str, ...]


class StepsOpened(Struct, frozen=True, gc=False):
    """The number of steps that a role has in this run is known."""

    run: str
    role: str
    steps: int


class StepsReady(Struct, frozen=True, gc=False):
    """All that these steps need is there: they wait for their agents from now on, unless the journal has their
    results."""

    run: str
    steps: tuple[StepId, ...]


class StepSent(Struct, frozen=True, gc=False):
    """A step was handed to its agent; attempt counts from 1 within its round."""

    run: str
    step: StepId
    attempt: int
    round: int


class StepEnded(Struct, frozen=True, gc=False):
    """A step was answered: `done`, `reused`, `rework` (sent back) or `failed`, then with a reason, its code and
    whether it may go better another time."""

    run: str
    step: StepId
    outcome: str
    duration_s: float
    round: int
    reason: str = ""
    code: str = ""
    is_retryable: bool = False


class StepRetried(Struct, frozen=True, gc=False):
    """A step is sent again, because its worker died or it falls back."""

    run: str
    step: StepId
    cause: str


class AgentFailed(Struct, frozen=True, gc=False):
    """An agent failed at a step: by `kind`, `step` (it refused it, and is fine), `crash` or `hang` (the worker is
    lost). A worker that is lost between two steps has no run and no item. The incarnation is that of the worker."""

    role: str
    kind: str
    cause: str
    run: str = ""
    item: str = ""
    incarnation: int = 0


class AgentRestarted(Struct, frozen=True, gc=False):
    """After a pause of `delay_s` seconds another incarnation took the place of a worker that was lost."""

    role: str
    incarnation: int
    cause: str
    is_hang: bool
    delay_s: float


class AgentWentDown(Struct, frozen=True, gc=False):
    """An agent failed more often than its intensity allows."""

    role: str
    cause: str


class LoopBlocked(Struct, frozen=True, gc=False):
    """The loop turns again after it stood still for so many seconds. `stack` shows what held it up, by lines of code;
    role and item are those of the step at work there, and empty when it was no step."""

    role: str
    item: str
    seconds: float
    stack: str


class LoopTurned(Struct, frozen=True, gc=False):
    """About once a second: by how many seconds, at most, the loop was late since the last time."""

    lag_s: float


class JournalCommitted(Struct, frozen=True, gc=False):
    """What waited to be written is durable; beginning to end of the transaction took so many seconds."""

    seconds: float


class CallEnded(Struct, frozen=True, gc=False):
    """A request to a service was answered, or not: `outcome` is ok, refused (it will have none of it), rate-limited,
    failed (by the service), timeout, lost (no connection) or bad-answer. `tokens` counts by kind (input, output, …);
    `role` is the agent that asked, empty where none did; `operation` is what was asked (chat, embeddings, …)."""

    service: str
    outcome: str
    duration_s: float
    role: str = ""
    model: str = ""
    tokens: tuple[tuple[str, int], ...] = ()
    cost_usd: float = 0.0
    operation: str = ""


class CallRetried(Struct, frozen=True, gc=False):
    """A request is made again; `reason` is the outcome of the one before."""

    service: str
    reason: str


class CircuitChanged(Struct, frozen=True, gc=False):
    """The breaker before a service is now closed, open (requests are refused at once) or half-open."""

    service: str
    state: str


class RunEnded(Struct, frozen=True, gc=False):
    """A run ended `complete`, `partial` or `failed`, with the reason for the last."""

    run: str
    state: str
    duration_s: float
    reason: str = ""


Event: TypeAlias = (
    RunStarted
    | StepsOpened
    | StepsReady
    | StepSent
    | StepEnded
    | StepRetried
    | AgentFailed
    | AgentRestarted
    | AgentWentDown
    | LoopBlocked
    | LoopTurned
    | JournalCommitted
    | CallEnded
    | CallRetried
    | CircuitChanged
    | RunEnded
)
Observe: TypeAlias = Callable[[Event], None]
"""Takes an event, at once and without raising: an observer guards itself."""
