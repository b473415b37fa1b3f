"""What is asked of a coordinator, how it is stopped, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from swarm.agent import StepId

INTERRUPTED = "interrupted"
"""The code of a run that was stopped in good order."""
CAPPED = "capped"
"""The code of a run that was stopped because it may not spend more."""


class Brief(Protocol):
    """What an item is about: any journalled value that knows its item's name."""

    @property
    def item(self) -> str: ...


class Opens(Protocol):
    """The result of a role that opens a scope."""

    @property
    def briefs(self) -> Sequence[Brief]: ...


class Port(Protocol):
    """Anything that an agent works through; the identity says which implementation it is. A port whose `is_paid` is
    true costs money (`costs_money`)."""

    @property
    def identity(self) -> str: ...


def costs_money(port: Port) -> bool:
    """Whether what is done through this port is paid for; free unless the port says so."""
    return bool(getattr(port, "is_paid", False))


class Brake:
    """Stops a run from outside, on its loop: nothing new is started, what is in hand may end within `drain_s`."""

    def __init__(self) -> None:
        self.cause = ""
        self.code = ""
        self.drain_s = 0.0
        self.wake: Callable[[], None] = _nobody

    @property
    def is_pulled(self) -> bool:
        """Whether the run is to stop."""
        return bool(self.cause)

    def pull(self, cause: str, *, code: str = INTERRUPTED, drain_s: float = 0.0) -> None:
        """Stop the run for this cause; the first one counts, and a later one only makes it end sooner."""
        if not self.cause:
            self.cause, self.code, self.drain_s = cause, code, drain_s
        self.drain_s = min(self.drain_s, drain_s)
        self.wake()


def _nobody() -> None:
    """Nobody waits yet."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run. `listed` holds the briefs of the scopes that the source opens; `fallback_ports` are what a step
    gets instead of `ports` when it is tried once more without the service that failed it.

    `max_in_flight` steps are in hand at the same time; a step whose worker died is sent at most `max_attempts` times,
    one that was in hand at `max_deaths` deaths of the process not again. When the run fails, paid steps in hand may
    end within `drain_s` seconds.
    """

    run: str
    listed: Mapping[str, Sequence[Brief]]
    settings: Mapping[str, object] = field(default_factory=dict)
    ports: Mapping[str, Port] = field(default_factory=dict)
    fallback_ports: Mapping[str, Port] = field(default_factory=dict)
    code_digest: str = ""
    max_in_flight: int = 64
    max_attempts: int = 3
    max_deaths: int = 3
    max_reworks: int = 2
    strict: bool = False
    may_fall_back: bool = True
    drain_s: float = 5.0
    brake: Brake = field(default_factory=Brake)


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. `value` is the goal's result, None if the run failed for `failure` at `failed_step`, where
    `code` is that of the StepError or of the brake. `lost` gives the reason for each lost item by scope and item."""

    value: object
    failure: str
    code: str
    failed_step: StepId | None
    lost: Mapping[tuple[str, str], str]

    @property
    def state(self) -> str:
        """`complete`, `partial` when items were lost, `interrupted`, or `failed`."""
        if self.failure:
            return "interrupted" if self.code in (INTERRUPTED, CAPPED) else "failed"
        return "partial" if self.lost else "complete"
