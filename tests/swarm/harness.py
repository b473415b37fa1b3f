"""A whole swarm to test with: real registry, real coordinator, a journal in memory, a clock that skips pauses."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry import AgentRegistry, RestartPolicy, ThreadPool
from swarm import (
    AgentSpec,
    Coordinator,
    Gathered,
    Kind,
    MemoryJournal,
    Plan,
    RunRequest,
    RunResult,
    Step,
    StepId,
    agent,
)
from swarm.events import Event, StepEnded
from swarm.journal import Claim, Entry, Prior, Setback
from tests.swarm.clockwork import now_s
from tests.swarm.plans import LISTED

PATIENCE_S = 600.0
"""A run that takes longer, on a clock that skips pauses, hangs."""


@dataclass(frozen=True)
class Brief:
    """An item and what is said of it."""

    item: str
    text: str = ""


@dataclass(frozen=True)
class Opening:
    """What a role gives that opens a scope."""

    briefs: tuple[Brief, ...]


@dataclass(frozen=True)
class Voice:
    """A port."""

    identity: str
    is_paid: bool = False


@dataclass
class Swarm:
    """Agents with a journal and all that was observed of them; `run` runs them once."""

    specs: Sequence[AgentSpec]
    journal: Any = field(default_factory=MemoryJournal)
    policy: RestartPolicy = field(default_factory=RestartPolicy)
    goal: str = "bind"
    listed: Sequence[str] = (LISTED,)
    events: list[Event] = field(default_factory=list)

    def registry(self) -> AgentRegistry:
        return AgentRegistry(
            self.specs,
            threads=ThreadPool(2),
            observe=self.events.append,
            policy=self.policy,
            clock=now_s,
            jitter=lambda: 1.0,
        )

    def coordinator(self, crew: Any) -> Coordinator:
        plan = Plan.of(self.specs, goal=self.goal, listed=self.listed)
        return Coordinator(plan, crew, self.journal, self.events.append, now_s)

    async def run(self, *items: str | Brief, run: str = "run", **options: Any) -> RunResult:
        """Run to the end with these items of the listed scope."""
        async with self.registry() as crew:
            return await self.run_with(crew, *items, run=run, **options)

    async def run_with(self, crew: Any, *items: str | Brief, run: str = "run", **options: Any) -> RunResult:
        """The same with a crew that is there already."""
        listed = {scope: briefs_of(items) for scope in self.listed}
        request = RunRequest(run, listed, **options)
        return await asyncio.wait_for(self.coordinator(crew).run(request), PATIENCE_S)

    def ended(self, role: str | None = None) -> list[tuple[str, str, str]]:
        """Role, item and outcome of each step that ended."""
        ends = [event for event in self.events if isinstance(event, StepEnded)]
        return [(*end.step, end.outcome) for end in ends if role in (None, end.step.role)]

    def reasons(self) -> dict[StepId, str]:
        """Why steps failed."""
        return {event.step: event.reason for event in self.events if isinstance(event, StepEnded) if event.reason}


def briefs_of(items: Iterable[str | Brief]) -> tuple[Brief, ...]:
    return tuple(item if isinstance(item, Brief) else Brief(item, f"text of {item}") for item in items)


def story(calls: list[StepId], *others: AgentSpec) -> list[AgentSpec]:
    """look -> write -> bind: each text is written as it was read, and all are bound. Of `others`, those with one of
    these roles take its place."""

    @agent(scope=LISTED, workers=8)
    async def look(step: Step, *, brief: Brief) -> str:
        calls.append(step.id)
        return brief.text

    @agent(scope=LISTED, needs=("look",), workers=8)
    async def write(step: Step, *, look: str) -> str:
        calls.append(step.id)
        return look.upper()

    @agent(scope="book", needs=("write",))
    async def bind(step: Step, *, write: Gathered[str]) -> dict[str, str]:
        calls.append(step.id)
        return dict(write) | {f"no {item}": reason for item, reason in write.losses.items()}

    by_role = {spec.role: spec for spec in (look, write, bind, *others)}
    return list(by_role.values())


class LaterJournal:
    """A journal in memory that answers each call only some turns of the loop later, later ones perhaps earlier."""

    answers_at_once = False

    def __init__(self) -> None:
        self._inner = MemoryJournal()
        self._asked = 0
        self.waiting = 0
        self.most_waiting = 0
        self.recorded: list[Entry] = []
        self.setbacks: list[Setback] = []
        self.begun: list[tuple[str, StepId, Kind]] = []

    def opened(self, run: str, role: str, steps: int, parts: bytes) -> None:
        self._inner.opened(run, role, steps, parts)

    def find(self, run: str, claims: Sequence[Claim], then: Callable[[Sequence[Prior]], None]) -> None:
        self._inner.find(run, claims, lambda priors: self._later(then, priors))

    def begin(self, run: str, claims: Sequence[Claim], then: Callable[[], None]) -> None:
        self.begun += [(run, claim.step, claim.kind) for claim in claims]
        self._later(lambda _: then(), None)

    def load(self, run: str, digests: Sequence[str], then: Callable[[Sequence[bytes]], None]) -> None:
        self._inner.load(run, digests, lambda data: self._later(then, data))

    def record(self, run: str, entries: Sequence[Entry], then: Callable[[], None]) -> None:
        self.recorded += entries
        self._inner.record(run, entries, lambda: self._later(lambda _: then(), None))

    def note(self, run: str, setback: Setback) -> None:
        self.setbacks.append(setback)

    def _later(self, then: Callable[[Any], None], answer: object) -> None:
        self._asked += 1
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        asyncio.get_running_loop().call_later(0.001 * (self._asked * 7 % 5), self._answer, then, answer)

    def _answer(self, then: Callable[[Any], None], answer: object) -> None:
        self.waiting -= 1
        then(answer)


def voices(*, is_paid: bool = False, **identities: str) -> Mapping[str, Voice]:
    return {name: Voice(identity, is_paid) for name, identity in identities.items()}
