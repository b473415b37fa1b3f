"""What an agent says of itself: the declaration, the handler, and what a handler is given and may give."""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import (
    Any,
    Generic,
    NamedTuple,
    ParamSpec,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from msgspec import Struct

from swarm.codec import check_kind
from swarm.errors import DeclarationError

ROOT_SCOPE = "book"
"""The scope of steps that run once a run."""

T = TypeVar("T")
P = ParamSpec("P")
ROLE: ContextVar[str] = ContextVar("role", default="")
"""The role whose step is in hand in this task; empty outside of steps."""

Handler = Callable[..., Awaitable[Any]]  # what a handler takes and gives is checked by `agent` from its signature


class Kind(StrEnum):
    """What it means to run a step again: pure is free, paid costs money, hazardous may kill the process, an
    effect changes the world outside and is never shared between runs."""

    PURE = "pure"
    PAID = "paid"
    HAZARDOUS = "hazardous"
    EFFECT = "effect"


class Restart(StrEnum):
    """What follows when a worker of an agent ends. It ends by a crash (the handler raises anything but StepError), by a
    hang (its deadline passes), or in good order: the handler cancels its own worker, say because its service is gone.
    A worker that is stopped with its run or its swarm is not meant.

    As in OTP: a permanent one is always followed by the next, within the intensity that is allowed; a transient one
    after a crash or a hang only; a temporary one never. Where none follows, the place stays empty until somebody
    recovers the agent, and with its last worker the agent is down.
    """

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    TEMPORARY = "temporary"


class StepId(NamedTuple):
    """A step of a run: its role and its item, which is empty for a step of the whole book."""

    role: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Rework(Generic[T]):
    """A handler's wish that `role` does this item again, with notes; `result` stands if no round is left."""

    role: str
    notes: str
    result: T


@dataclass(frozen=True, slots=True)
class Provisional(Generic[T]):
    """A result that stands for now only, for this `reason`: when the run is resumed, the step is done again."""

    result: T
    reason: str


class Gathered(Mapping[str, T]):
    """The results of one role over all items, in the items' order; `losses` gives the reason for the missing."""

    def __init__(self, values: dict[str, T], losses: dict[str, str]) -> None:
        self._values = values
        self.losses = losses

    def __getitem__(self, item: str) -> T:
        return self._values[item]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class RunsBlocking(Protocol):
    """Runs a blocking function in a bounded pool of threads."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


class Step(Struct, frozen=True):
    """The step in hand. `round` counts the reworks of its item; a role that is asked for rework gets the notes and its
    rejected result. `run_blocking` takes a function and its arguments to the pool of threads."""

    id: StepId
    run: str
    round: int
    notes: str
    rejected: object
    is_fallback: bool
    run_blocking: RunsBlocking


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """The declaration of an agent, read from its handler; `agent` makes it."""

    role: str
    version: int
    scope: str
    handler: Handler
    gives: Any
    summary: str
    needs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    kind: Kind = Kind.PURE
    opens: str | None = None
    before: str | None = None
    may_rework: tuple[str, ...] = ()
    may_fall_back: bool = False
    workers: int = 1
    deadline_s: float = 60.0
    restart: Restart = Restart.PERMANENT
    only_if: tuple[tuple[str, object], ...] = ()
    takes: Mapping[str, Any] = field(default_factory=dict)

    def is_wanted(self, settings: Mapping[str, object]) -> bool:
        """Whether the agent has anything to do with these settings; one that declares nothing of it always has."""
        return not self.only_if or any(settings.get(name) == value for name, value in self.only_if)

    @property
    def wants_brief(self) -> bool:
        """Whether the handler takes the brief of its item."""
        return "brief" in self.takes

    @property
    def wants_extras(self) -> bool:
        """Whether the handler takes what other agents put `before` it."""
        return "extras" in self.takes


def agent(
    *,
    scope: str,
    version: int = 1,
    needs: tuple[str, ...] = (),
    settings: tuple[str, ...] = (),
    ports: tuple[str, ...] = (),
    kind: Kind = Kind.PURE,
    opens: str | None = None,
    before: str | None = None,
    may_rework: tuple[str, ...] = (),
    may_fall_back: bool = False,
    workers: int = 1,
    deadline_s: float = 60.0,
    restart: Restart = Restart.PERMANENT,
    only_if: tuple[tuple[str, object], ...] = (),
) -> Callable[[Handler], AgentSpec]:
    """Declare the agent whose handler this decorates; its role is the handler's name.

    The handler is `async def role(step, *, …) -> Result`: its keyword parameters are exactly the needed roles (of a
    narrower scope as `Gathered`), settings and ports, and where wanted `brief` (of its item) and `extras` (role to
    result, from the agents with `before`). `opens` names a scope whose items the result lists as `briefs`, each with
    an `item`. `workers` steps run at the same time, each at most `deadline_s` seconds;
    `restart` says what follows when a worker ends before it is asked to. An agent that names settings with values in
    `only_if` is in the plan only where one of them has its value.

    Raises DeclarationError when signature and declaration disagree.
    """

    def declare(handler: Handler) -> AgentSpec:
        takes, gives = _signature(handler)
        spec = AgentSpec(
            role=handler.__name__,
            version=version,
            scope=scope,
            handler=handler,
            gives=gives,
            summary=(inspect.getdoc(handler) or "").partition("\n")[0],
            needs=needs,
            settings=settings,
            ports=ports,
            kind=kind,
            opens=opens,
            before=before,
            may_rework=may_rework,
            may_fall_back=may_fall_back,
            workers=workers,
            deadline_s=deadline_s,
            restart=restart,
            only_if=only_if,
            takes=takes,
        )
        _check(spec)
        return spec

    return declare


def _signature(handler: Handler) -> tuple[dict[str, Any], Any]:
    name = getattr(handler, "__name__", repr(handler))
    if not inspect.iscoroutinefunction(handler):
        raise DeclarationError(f"the handler of agent {name} is not an async function")
    hints = get_type_hints(handler)
    parameters = list(inspect.signature(handler).parameters.values())
    if not parameters or parameters[0].name != "step":
        raise DeclarationError(f"the handler of agent {name} does not take `step` first")
    if any(p.kind is not p.KEYWORD_ONLY for p in parameters[1:]):
        raise DeclarationError(f"the handler of agent {name} takes more than `step` by position")
    return {p.name: hints.get(p.name) for p in parameters[1:]}, _result_kind(name, hints)


def _result_kind(name: str, hints: dict[str, Any]) -> Any:
    """The declared result without the wrappers beside it."""
    if hints.get("return") in (None, type(None)):
        raise DeclarationError(f"the handler of agent {name} does not say what it gives")
    gives = hints["return"]
    kinds = [kind for kind in get_args(gives) if (get_origin(kind) or kind) not in (Rework, Provisional)]
    if len(kinds) < len(get_args(gives)):
        gives = Union[tuple(kinds)]  # noqa: UP007  # of as many kinds as there are
    check_kind(gives)
    return gives


def _check(spec: AgentSpec) -> None:
    declared = [*spec.needs, *spec.settings, *spec.ports]
    wanted = set(spec.takes) - {"brief", "extras"}
    twice = {name for name in declared if declared.count(name) > 1}
    faults = {
        f"names {_listed(twice)} twice": bool(twice),
        f"declares {_listed(set(declared) - wanted)} but does not take it": bool(set(declared) - wanted),
        f"takes {_listed(wanted - set(declared))} but does not declare it": bool(wanted - set(declared)),
        "has no worker": spec.workers < 1,
        "has no time: its deadline must be above 0 s": spec.deadline_s <= 0,
        "opens the scope that it works in": spec.opens == spec.scope,
        "takes a brief, which a step of the whole book does not have": spec.wants_brief and spec.scope == ROOT_SCOPE,
    }
    for fault, is_there in faults.items():
        if is_there:
            raise DeclarationError(f"agent {spec.role} {fault}")


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
