"""How an agent is: its state, its failures by kind, and the answer to who wants it back."""

from dataclasses import dataclass
from enum import StrEnum


class AgentState(StrEnum):
    """Whether an agent takes steps; a restarting one has at least one place that is about to be filled."""

    RUNNING = "running"
    RESTARTING = "restarting"
    DOWN = "down"


class Failure(StrEnum):
    """How an agent fails, and what follows. `step`: the step is refused, the agent is fine. `crash`: the worker is
    lost and replaced. `hang`: so it is when the deadline passed, and its thread is replaced too. `block`: a step holds
    up the loop for all; the time counts against nobody else's deadline."""

    STEP = "step"
    CRASH = "crash"
    HANG = "hang"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class AgentHealth:
    """How one agent is: places filled, orders in hand and waiting, deaths that count in the policy's period, restarts
    in all, failures by their kind, the last error. Numbers count from the start of the registry."""

    role: str
    version: int
    state: AgentState
    workers: int
    in_hand: int
    waiting: int
    restarts_in_period: int
    restarts: int
    failed_steps: int
    crashes: int
    hangs: int
    blocks: int
    last_error: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """Whether an agent is back, and why or why not."""

    is_back: bool
    reason: str
