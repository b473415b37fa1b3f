"""The coordinator: the asyncio shell round the scheduler, one for each run.

It turns the scheduler's sends into orders for the crew, as far as there are permits, and the crew's replies into
happenings for the scheduler. Everything reaches it through one bounded inbox and is handled one at a time.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Protocol, TypeAlias, assert_never, cast

from swarm.agent import ROOT_SCOPE, AgentSpec, Kind, StepId
from swarm.arguments import Held, ValueCache, assemble, wanted
from swarm.codec import decode, digest_of, encode
from swarm.errors import PlanError
from swarm.events import (
    Observe,
    RunEnded,
    RunStarted,
    StepEnded,
    StepRetried,
    StepSent,
    StepsOpened,
)
from swarm.journal import Entry, Journal
from swarm.keys import KeyMaker
from swarm.mailbox import Mailbox
from swarm.messages import Crew, Died, Gave, Order, Refused, Reply, Unavailable
from swarm.plan import Plan
from swarm.scheduler import (
    Asked,
    Began,
    Done,
    Failed,
    Happening,
    Inputs,
    ItemRef,
    RunState,
    Send,
)

_MOST_STARTS = 200
"""Steps started in a row before the loop gets a turn: reused ones take no permit for long."""

Call: TypeAlias = tuple[Callable[..., None], tuple[Any, ...]]
"""What lies in the inbox: a call to make, so that all that happens to a run happens one after the other."""


class Brief(Protocol):
    """What an item is about: any journalled value that knows its item's name."""

    @property
    def item(self) -> str: ...


class Opens(Protocol):
    """The result of a role that opens a scope."""

    @property
    def briefs(self) -> Sequence[Brief]: ...


class Port(Protocol):
    """Anything that an agent works through; the identity says which implementation it is."""

    @property
    def identity(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run. `listed` holds the briefs of the scopes that the source opens; `fallback_ports` are what a step
    gets instead of `ports` when it is tried once more without the service that failed it.

    `max_in_flight` steps are in hand at the same time; a step whose worker died is sent at most `max_attempts` times.
    """

    run: str
    listed: Mapping[str, Sequence[Brief]]
    settings: Mapping[str, object] = field(default_factory=dict)
    ports: Mapping[str, Port] = field(default_factory=dict)
    fallback_ports: Mapping[str, Port] = field(default_factory=dict)
    code_digest: str = ""
    max_in_flight: int = 64
    max_attempts: int = 3
    max_reworks: int = 2
    strict: bool = False
    may_fall_back: bool = True


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. `value` is the goal's result, None if the run failed for `failure` at `failed_step`, where
    `code` is that of the StepError. `lost` gives the reason for each lost item by scope and item."""

    value: object
    failure: str
    code: str
    failed_step: StepId | None
    lost: Mapping[tuple[str, str], str]

    @property
    def state(self) -> str:
        """`complete`, `partial` when items were lost, or `failed`."""
        return "failed" if self.failure else "partial" if self.lost else "complete"


@dataclass(slots=True)
class _Flight:
    """A step under way, from its send to its answer."""

    send: Send
    spec: AgentSpec
    inputs: Inputs
    key: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Coordinator:
    """Runs plans with a crew and a journal. `clock` gives monotonic seconds."""

    plan: Plan
    crew: Crew
    journal: Journal
    observe: Observe
    clock: Callable[[], float] = time.perf_counter

    async def run(self, request: RunRequest) -> RunResult:
        """Run to the end. When cancelled, every step in hand is stopped before the cancellation goes on.

        Raises PlanError when the request does not list a scope that the source opens.
        """
        unlisted = set(self.plan.scopes) - {ROOT_SCOPE, *self.plan.openers, *request.listed}
        if unlisted:
            raise PlanError(f"the run lists no items for {', '.join(sorted(unlisted))}, which the plan works on")
        started = self.clock()
        self.observe(RunStarted(request.run, self.plan.order))
        try:
            result = await _Run(self, request).finish()
        except BaseException as cause:
            self.observe(RunEnded(request.run, "interrupted", self.clock() - started, type(cause).__name__))
            raise
        finally:
            await self.crew.cancel(request.run)
        self.observe(RunEnded(request.run, result.state, self.clock() - started, result.failure))
        return result


class _Run:
    """One run in the coordinator's hands."""

    def __init__(self, coordinator: Coordinator, request: RunRequest) -> None:
        plan = coordinator.plan
        self._plan = plan
        self._crew = coordinator.crew
        self._journal = coordinator.journal
        self._observe = coordinator.observe
        self._request = request
        self._state = RunState(plan, request.max_reworks, request.strict, request.may_fall_back)
        self._inbox: Mailbox[Call] = Mailbox(8 * request.max_in_flight + 64)
        self._then = partial if self._journal.answers_at_once else self._post
        self._ready: dict[str, deque[tuple[int, Send]]] = {role: deque() for role in plan.order}
        self._free = {role: self._crew.capacity(role) for role in plan.order}
        self._waiting = 0
        self._in_flight = 0
        self._unrecorded = 0
        self._out: dict[int, _Flight] = {}
        self._overdue: dict[int, _Flight] = {}
        self._order_numbers = count(1)
        self._arrivals = count()
        self._resources = {role: _Resources(plan.specs[role], request) for role in plan.order}
        self._values = ValueCache()
        self._code = ""

    async def finish(self) -> RunResult:
        """Drive the run until it is over."""
        listed = {scope: self._keep(briefs) for scope, briefs in self._request.listed.items()}
        self._apply(Began(listed))
        while not self._state.is_over:
            self._fill()
            if not self._inbox and not self._state.is_over:
                await self._rest()
            while self._inbox:
                call, arguments = self._inbox.take()
                call(*arguments)
        state = self._state
        value = None if state.failure else await self._goal_value()
        return RunResult(value, state.failure, self._code, state.failed_step, dict(state.lost))

    async def _rest(self) -> None:
        """Let the loop turn; where nothing can be started, until something happens to the run."""
        if self._next_role() is None:
            call, arguments = await self._inbox.get()
            call(*arguments)
        else:
            await asyncio.sleep(0)

    def _post(self, call: Callable[..., None], *arguments: Any) -> Callable[..., None]:
        """What a journal that answers later calls: its answer comes by way of the inbox."""
        return lambda *answer: self._inbox.put((call, (*arguments, *answer)))

    async def _goal_value(self) -> object:
        loaded: asyncio.Future[Sequence[bytes]] = asyncio.get_running_loop().create_future()
        self._journal.load([self._state.digest(StepId(self._plan.goal))], loaded.set_result)
        (data,) = await loaded
        return decode(data, self._plan.specs[self._plan.goal].gives)

    def _keep(self, briefs: Sequence[Brief]) -> tuple[ItemRef, ...]:
        refs = []
        for brief in briefs:
            data = encode(brief)
            digest = digest_of(data)
            self._journal.keep(data, digest)
            refs.append(ItemRef(brief.item, digest))
        return tuple(refs)

    def _apply(self, happening: Happening) -> None:
        for send in self._state.on(happening):
            self._ready[send.step.role].append((next(self._arrivals), send))
            self._waiting += 1
            if send.is_fallback:
                self._observe(StepRetried(self._request.run, send.step, "fallback"))
        if isinstance(happening, Began):
            self._tell_opened((ROOT_SCOPE, *happening.listed))
        elif isinstance(happening, Done) and (scope := self._plan.specs[happening.step.role].opens) is not None:
            self._tell_opened((scope,))

    def _tell_opened(self, scopes: Sequence[str]) -> None:
        for scope in scopes:
            for role in self._plan.scopes[scope]:
                self._observe(StepsOpened(self._request.run, role, self._state.count(role)))

    def _fill(self) -> None:
        """Start what is ready, first come first served, as far as there are permits for the role and overall."""
        for _ in range(_MOST_STARTS):
            role = self._next_role()
            if role is None:
                return
            _, send = self._ready[role].popleft()
            self._waiting -= 1
            if not self._state.rounds or self._state.is_awaited(send):  # a rework may have called it back
                self._start(send)

    def _next_role(self) -> str | None:
        """The role of the step that has been ready for longest, of those that have a permit."""
        most = self._request.max_in_flight
        if not self._waiting or self._in_flight >= most or self._unrecorded >= 2 * most:
            return None
        longest, first = None, -1
        for role, queue in self._ready.items():
            if queue and self._free[role] and (longest is None or queue[0][0] < first):
                longest, first = role, queue[0][0]
        return longest

    def _start(self, send: Send) -> None:
        self._free[send.step.role] -= 1
        self._in_flight += 1
        inputs = self._state.inputs(send.step)
        resources = self._resources[send.step.role]
        key = resources.key_maker(send).key(send, inputs)
        self._journal.find(key, self._then(self._find, _Flight(send, resources.spec, inputs, key)))

    def _find(self, flight: _Flight, entry: Entry | None) -> None:
        kind = flight.spec.kind
        if entry is not None:
            self._reuse(flight, entry)
        elif kind is Kind.PURE:
            self._load(flight)
        else:
            self._journal.begin(self._request.run, flight.send.step, kind, self._then(self._load, flight))

    def _load(self, flight: _Flight) -> None:
        held, missing = self._values.held(wanted(flight.inputs, flight.send))
        if missing:
            self._journal.load(missing, self._then(self._order, flight, held, missing))
        else:
            self._order(flight, held, (), ())

    def _order(self, flight: _Flight, held: dict[str, Held], digests: Sequence[str], data: Sequence[bytes]) -> None:
        send, number = flight.send, next(self._order_numbers)
        values = held | self._values.hold(zip(digests, data, strict=True)) if digests else held
        spec = flight.spec
        arguments = assemble(self._plan, send, flight.inputs, values)
        arguments |= self._resources[send.step.role].arguments(send)
        order = Order(
            number,
            self._request.run,
            send.step,
            flight.attempt,
            send.round,
            send.is_fallback,
            send.notes,
            values[send.rejected].value(spec.gives) if send.rejected else None,
            arguments,
            spec.deadline_s,
            self._receive,
        )
        self._out[number] = flight
        self._observe(StepSent(self._request.run, send.step, flight.attempt, send.round))
        self._crew.send(order)

    def _receive(self, reply: Reply) -> None:
        self._inbox.put((self._take, (reply,)))

    def _take(self, reply: Reply) -> None:
        flight = self._out.pop(reply.number, None)
        if flight is None:
            self._take_late(reply)
            return
        match reply.outcome:
            case Gave() as gave:
                self._record(flight, gave, reply.duration_s)
            case Died(cause, is_hang):
                self._send_again(flight, reply, cause, is_hang)
            case Refused(reason, code):
                self._record_failure(flight, reason, code, reply.duration_s)
            case Unavailable(cause):
                self._record_failure(flight, cause, "agent-down", reply.duration_s)
            case _:
                assert_never(reply.outcome)

    def _take_late(self, reply: Reply) -> None:
        """A dead worker's reply changes nothing in the run, but what was paid for is kept."""
        flight = self._overdue.pop(reply.number, None)
        if flight is not None and isinstance(reply.outcome, Gave):
            self._journal.record(self._entry(flight, reply.outcome), lambda: None)

    def _send_again(self, flight: _Flight, reply: Reply, cause: str, is_hang: bool) -> None:
        if flight.spec.kind is Kind.PAID:
            self._overdue[reply.number] = flight
        if flight.attempt < self._request.max_attempts:
            flight.attempt += 1
            self._observe(StepRetried(self._request.run, flight.send.step, cause))
            self._load(flight)
            return
        how = "hung" if is_hang else "crashed its worker"
        reason = f"set aside after it {how} {flight.attempt} times: {cause}"
        self._record_failure(flight, reason, "set-aside", reply.duration_s)

    def _record(self, flight: _Flight, gave: Gave, duration_s: float) -> None:
        outcome = "rework" if gave.rework and self._may_rework(flight) else "done"
        event = StepEnded(self._request.run, flight.send.step, outcome, duration_s, flight.send.round)
        entry = self._entry(flight, gave)
        self._write(entry, self._happening(flight, entry, gave.sealed.value), event)

    def _may_rework(self, flight: _Flight) -> bool:
        return flight.send.round < self._request.max_reworks

    def _record_failure(self, flight: _Flight, reason: str, code: str, duration_s: float) -> None:
        send = flight.send
        event = StepEnded(self._request.run, send.step, "failed", duration_s, send.round, reason)
        kind = flight.spec.kind
        entry = Entry(self._request.run, send.step, flight.key, kind, "", b"", None, reason)
        self._write(entry, Failed(send.step, send.ticket, reason), event, code)

    def _write(self, entry: Entry, happening: Happening, event: StepEnded, code: str = "") -> None:
        """Give the permits back, and go on with the step once its entry is durable."""
        self._release(entry.step.role)
        self._unrecorded += 1
        self._journal.record(entry, self._then(self._go_on, happening, event, code))

    def _go_on(self, happening: Happening, event: StepEnded, code: str) -> None:
        self._unrecorded -= 1
        self._conclude(happening, event, code)

    def _release(self, role: str) -> None:
        self._free[role] += 1
        self._in_flight -= 1

    def _entry(self, flight: _Flight, gave: Gave) -> Entry:
        step, sealed = flight.send.step, gave.sealed
        kind = flight.spec.kind
        return Entry(self._request.run, step, flight.key, kind, sealed.digest, sealed.data, gave.rework)

    def _reuse(self, flight: _Flight, entry: Entry) -> None:
        self._release(flight.send.step.role)
        spec = flight.spec
        value = decode(entry.data, spec.gives) if spec.opens else None
        event = StepEnded(self._request.run, flight.send.step, "reused", 0.0, flight.send.round)
        self._conclude(self._happening(flight, entry, value), event)

    def _happening(self, flight: _Flight, entry: Entry, value: object) -> Happening:
        send = flight.send
        if entry.rework is not None:
            role, notes = entry.rework
            return Asked(send.step, send.ticket, role, notes, entry.digest)
        opens = flight.spec.opens
        opened = self._keep(cast(Opens, value).briefs) if opens else ()
        return Done(send.step, send.ticket, entry.digest, opened)

    def _conclude(self, happening: Happening, event: StepEnded, code: str = "") -> None:
        self._observe(event)
        self._apply(happening)
        if self._state.failure and not self._code:
            self._code = code


class _Resources:
    """What all steps of a role are given alike: settings and ports, once as configured and once for the fallback."""

    def __init__(self, spec: AgentSpec, request: RunRequest) -> None:
        self.spec = spec
        settings = {name: request.settings[name] for name in spec.settings}
        fallback = {**request.ports, **request.fallback_ports}
        self._arguments, self._makers = [], []
        for ports in (request.ports, fallback):
            chosen = {name: ports[name] for name in spec.ports}
            self._arguments.append({**settings, **chosen})
            identities = {name: port.identity for name, port in chosen.items()}
            self._makers.append(KeyMaker(spec, code_digest=request.code_digest, settings=settings, ports=identities))

    def arguments(self, send: Send) -> dict[str, object]:
        return self._arguments[send.is_fallback]

    def key_maker(self, send: Send) -> KeyMaker:
        return self._makers[send.is_fallback]
