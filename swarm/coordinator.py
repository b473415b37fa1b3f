"""The coordinator: the asyncio shell round the scheduler, one for each run.

It turns the scheduler's sends into orders for the crew, as far as there are permits, and the crew's replies into
happenings for the scheduler. Everything reaches it through one bounded inbox and is handled one at a time; what
arrives together is journalled together.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, assert_never, cast

from msgspec import Struct

from swarm.agent import ROOT_SCOPE, Kind, Step, StepId
from swarm.arguments import ValueCache, Values, Want, assemble, wanted
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
    StepsReady,
)
from swarm.failpoints import ARMED, failpoint
from swarm.journal import Entry, Journal, Prior, Setback
from swarm.lanes import Flight, Lanes, Resources
from swarm.mailbox import Mailbox
from swarm.messages import Broken, Crew, Died, Gave, Order, Refused, Reply, Unavailable
from swarm.plan import Plan
from swarm.request import Brief, Opens, RunRequest, RunResult
from swarm.scheduler import Asked, Began, Done, Failed, Happening, ItemRef, RunState

_MOST_ASKED = 200
"""Steps looked up in a row before the loop gets a turn: those that are found there are done at once."""

Call: TypeAlias = tuple[Callable[..., None], tuple[Any, ...]]
"""What lies in the inbox beside replies: a call to make, so that all that happens to a run happens in a row."""


class _Ended(Struct):
    """An answered step: what is journalled of it, and what happens then."""

    entry: Entry
    happening: Happening
    event: StepEnded
    code: str = ""


@dataclass(frozen=True, slots=True)
class Coordinator:
    """Runs plans with a crew and a journal. `clock` gives monotonic seconds."""

    plan: Plan
    crew: Crew
    journal: Journal
    observe: Observe
    clock: Callable[[], float] = time.perf_counter

    async def run(self, request: RunRequest) -> RunResult:
        """Run to the end, or until the request's brake is pulled. When cancelled, every step in hand is stopped before
        the cancellation goes on.

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
        plan, crew = coordinator.plan, coordinator.crew
        self._plan = plan
        self._crew = crew
        self._journal = coordinator.journal
        self._observe = coordinator.observe
        self._request = request
        self._id = request.run
        self._state = RunState(plan, request.max_reworks, request.strict, request.may_fall_back)
        self._inbox: Mailbox[Reply | Call] = Mailbox(8 * request.max_in_flight + 64)
        self._then = partial if self._journal.answers_at_once else self._post
        self._lanes = Lanes({role: crew.capacity(role) for role in plan.order}, request.max_in_flight)
        self._resources = {role: Resources(plan.specs[role], request, crew.run_blocking(role)) for role in plan.order}
        self._out: dict[int, Flight] = {}
        self._overdue: dict[int, Flight] = {}
        self._orders = 0
        self._ended: list[_Ended] = []
        self._unrecorded = 0
        self._values = ValueCache()
        self._code = ""
        self._is_over = False

    async def finish(self) -> RunResult:
        """Drive the run until it is over."""
        try:
            return await self._finish()
        finally:
            self._is_over = True

    async def _finish(self) -> RunResult:
        brake, state = self._request.brake, self._state
        brake.wake = self._wake
        self._apply(Began({scope: self._keep(briefs) for scope, briefs in self._request.listed.items()}))
        while not state.is_over and not brake.is_pulled:
            is_more = self._fill()
            if is_more:
                await asyncio.sleep(0)
            elif not self._inbox and not state.is_over:
                self._handle(await self._inbox.get())
            self._handle_all()
        if brake.is_pulled and not state.failure:
            state.failure, self._code = brake.cause, brake.code
        if state.failure:
            await self._drain()
        value = None if state.failure else await self._goal_value()
        return RunResult(value, state.failure, self._code, state.failed_step, dict(state.lost))

    def _wake(self) -> None:
        with suppress(asyncio.QueueFull):  # then it is awake
            self._inbox.put((_nothing, ()))

    async def _drain(self) -> None:
        """Take what is in hand and what is not yet durable when the run is stopped, as far as there is time for it:
        all of it after a brake, only what was paid for after a failure."""
        brake = self._request.brake
        loop = asyncio.get_running_loop()
        until = loop.time() + (brake.drain_s if brake.is_pulled else self._request.drain_s)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until) as limit:
                while self._unrecorded or self._awaits_in_hand():
                    self._handle(await self._inbox.get())
                    self._handle_all()
                    if brake.is_pulled:
                        limit.reschedule(min(until, loop.time() + brake.drain_s))

    def _awaits_in_hand(self) -> bool:
        if self._request.brake.is_pulled:
            return bool(self._out)
        return any(flight.kind is Kind.PAID for flight in self._out.values())

    def _handle_all(self) -> None:
        while self._inbox:
            self._handle(self._inbox.take())
        if self._ended:
            self._write()

    def _handle(self, letter: Reply | Call) -> None:
        if isinstance(letter, Reply):
            self._take(letter)
        else:
            call, arguments = letter
            call(*arguments)

    def _post(self, call: Callable[..., None], *arguments: Any) -> Callable[..., None]:
        """What a journal that answers later calls: its answer comes by way of the inbox."""
        return lambda *answer: self._inbox.put((call, (*arguments, *answer)))

    # from happening to send

    def _keep(self, briefs: Sequence[Brief]) -> tuple[ItemRef, ...]:
        refs = []
        for brief in briefs:
            data = encode(brief)
            digest = digest_of(data)
            self._values.hold_brief(digest, data)
            refs.append(ItemRef(brief.item, digest))
        return tuple(refs)

    def _apply(self, happening: Happening) -> None:
        sends = self._state.on(happening)
        if isinstance(happening, Began):
            self._tell_opened((ROOT_SCOPE, *happening.listed))
        elif isinstance(happening, Done) and (scope := self._plan.specs[happening.step.role].opens) is not None:
            self._tell_opened((scope,))
        if sends:
            self._observe(StepsReady(self._id, tuple([send.step for send in sends])))
        for send in sends:
            self._lanes.add(send)
            if send.is_fallback:
                self._observe(StepRetried(self._id, send.step, "fallback"))

    def _tell_opened(self, scopes: Sequence[str]) -> None:
        for scope in scopes:
            for role in self._plan.scopes[scope]:
                steps = self._state.count(role)
                self._journal.opened(self._id, role, steps, self._resources[role].parts)
                self._observe(StepsOpened(self._id, role, steps))

    # from send to order

    def _fill(self) -> bool:
        """Ask the journal for what is ready, and start, first come first served, what was not found there, as far as
        there are permits. Gives whether there may be more to do at once."""
        limit = _MOST_ASKED
        while self._lanes.ready and limit > 0 and (flights := self._to_ask(limit)):
            limit -= len(flights)
            self._journal.find(self._id, flights, self._then(self._found, flights))
        starts = []
        while self._unrecorded < 2 * self._request.max_in_flight and (flight := self._lanes.next()) is not None:
            if self._state.rounds and not self._state.is_awaited(flight.send):  # a rework has called it back
                self._lanes.give_back(flight)
            elif flight.kind is Kind.PURE:
                self._load(flight)
            else:
                starts.append(flight)
        if starts:
            self._journal.begin(self._id, starts, self._then(self._begun, starts))
        return limit <= 0

    def _to_ask(self, limit: int) -> list[Flight]:
        flights = []
        for arrival, send in self._lanes.to_ask(limit):
            if self._state.rounds and not self._state.is_awaited(send):
                self._lanes.settle(send.step.role)
                continue
            inputs = self._state.inputs(send.step)
            resources = self._resources[send.step.role]
            key, parts = resources.key(send, inputs)
            kind = resources.kind(send)
            claim = (send.step, key, kind, send.round, parts)
            flights.append(Flight(*claim, arrival=arrival, send=send, resources=resources, inputs=inputs))
        return flights

    def _found(self, flights: Sequence[Flight], priors: Sequence[Prior]) -> None:
        for flight, prior in zip(flights, priors, strict=True):
            if prior.entry is not None:
                self._lanes.settle(flight.step.role)
                self._reuse(flight, prior.entry)
                continue
            flight.setbacks, flight.deaths = prior.setbacks, prior.deaths
            self._lanes.wait(flight)

    def _begun(self, flights: Sequence[Flight]) -> None:
        for flight in flights:
            self._load(flight)

    def _load(self, flight: Flight) -> None:
        if (flight.deaths or flight.setbacks) and (cause := self._set_aside(flight)):
            self._fail(flight, cause, "set-aside", 0.0)
            return
        try:
            given = self._given(flight, self._values)
        except KeyError:
            values, missing = self._values.held(wanted(self._plan, flight.send, flight.inputs))
            digests = [digest for digest, _ in missing]
            self._journal.load(self._id, digests, self._then(self._loaded, flight, values, missing))
        else:
            self._order(flight, *given)

    def _loaded(self, flight: Flight, values: dict[Want, object], wants: list[Want], data: Sequence[bytes]) -> None:
        for want, sealed in zip(wants, data, strict=True):
            values[want] = decode(sealed, want[1])
            self._values.hold(want, values[want])
        self._order(flight, *self._given(flight, values))

    def _given(self, flight: Flight, values: Values) -> tuple[dict[str, object], object]:
        """The arguments of a step, and the result that was rejected. Raises KeyError when a value is not at hand."""
        send, resources = flight.send, flight.resources
        arguments = assemble(self._plan, send, flight.inputs, values)
        arguments |= resources.arguments(send)
        return arguments, values[send.rejected, resources.spec.gives] if send.rejected else None

    def _order(self, flight: Flight, arguments: Mapping[str, object], rejected: object) -> None:
        send, resources = flight.send, flight.resources
        step = Step(send.step, self._id, send.round, send.notes, rejected, send.is_fallback, resources.run_blocking)
        number = self._orders = flight.number = self._orders + 1
        self._out[number] = flight
        attempt = flight.setbacks + 1
        self._observe(StepSent(self._id, send.step, attempt, send.round))
        if ARMED:
            failpoint(f"sent.{step.id.role}", step.id.item)
        is_paid = flight.kind is Kind.PAID
        self._crew.send(Order(number, step, attempt, arguments, resources.spec.deadline_s, self._receive, is_paid))

    # from reply to happening

    def _receive(self, reply: Reply) -> None:
        if self._is_over:
            self._take_late(reply)
        else:
            self._inbox.put(reply)

    def _take(self, reply: Reply) -> None:
        flight = self._out.pop(reply.number, None)
        if flight is None:
            self._take_late(reply)
            return
        outcome, duration_s = reply.outcome, reply.duration_s
        match outcome:
            case Gave():
                self._succeed(flight, outcome, duration_s)
            case Died():
                self._send_again(flight, reply, outcome)
            case Refused():
                self._fail(flight, outcome.reason, outcome.code, duration_s, is_retryable=outcome.is_retryable)
            case Unavailable():
                self._fail(flight, outcome.cause, "agent-down", duration_s, is_retryable=True)
            case Broken():
                self._give_up(flight, outcome)
            case _:
                assert_never(outcome)

    def _take_late(self, reply: Reply) -> None:
        """The reply of a dead worker, or after the run: it changes nothing, but what was paid for is kept."""
        flight = self._overdue.pop(reply.number, None) or self._out.pop(reply.number, None)
        if flight is not None and flight.kind is Kind.PAID and isinstance(reply.outcome, Gave):
            self._journal.record(self._id, [_entry(flight, reply.outcome)], _nothing)

    def _send_again(self, flight: Flight, reply: Reply, death: Died) -> None:
        if flight.kind is Kind.PAID:
            self._overdue[reply.number] = flight
        self._journal.note(self._id, Setback(flight.step, flight.key, death.cause, death.is_hang))
        flight.setbacks += 1
        if flight.setbacks < self._request.max_attempts:
            self._observe(StepRetried(self._id, flight.step, death.cause))
            self._load(flight)
            return
        how = "hung" if death.is_hang else "crashed its worker"
        reason = f"set aside after it {how} {flight.setbacks} times: {death.cause}"
        self._fail(flight, reason, "set-aside", reply.duration_s)

    def _set_aside(self, flight: Flight) -> str:
        """Why a step must not be tried once more, if so."""
        if flight.deaths >= self._request.max_deaths:
            return f"set aside: the program died {flight.deaths} times while it was at this"
        if flight.setbacks >= self._request.max_attempts:
            return f"set aside: it took its worker down {flight.setbacks} times"
        return ""

    def _give_up(self, flight: Flight, broken: Broken) -> None:
        """What the step met would meet every other one too: the run stops with that one cause."""
        self._lanes.give_back(flight)
        if not self._state.failure:
            self._state.failure, self._state.failed_step = broken.cause, flight.step
            self._code = broken.code

    def _succeed(self, flight: Flight, gave: Gave, duration_s: float) -> None:
        send = flight.send
        if ARMED:
            failpoint(f"done.{send.step.role}", send.step.item)
        entry = _entry(flight, gave)
        is_rework = gave.rework is not None and send.round < self._request.max_reworks
        event = StepEnded(self._id, send.step, "rework" if is_rework else "done", duration_s, send.round)
        self._values.hold((entry.digest, flight.resources.spec.gives), gave.sealed.value)
        self._end(flight, entry, self._happening(flight, entry, gave.sealed.value), event)

    def _fail(self, flight: Flight, reason: str, code: str, duration_s: float, *, is_retryable: bool = False) -> None:
        send = flight.send
        entry = Entry(
            send.step,
            flight.key,
            flight.kind,
            reason=reason,
            code=code,
            is_retryable=is_retryable,
            round=send.round,
            parts=flight.parts,
        )
        event = StepEnded(self._id, send.step, "failed", duration_s, send.round, reason, code, is_retryable)
        self._end(flight, entry, Failed(send.step, send.ticket, reason), event, code)

    def _end(self, flight: Flight, entry: Entry, happening: Happening, event: StepEnded, code: str = "") -> None:
        """Give the permits back; the step goes on once its entry is durable."""
        self._lanes.give_back(flight)
        self._ended.append(_Ended(entry, happening, event, code))

    def _write(self) -> None:
        ended, self._ended = self._ended, []
        self._unrecorded += len(ended)
        self._journal.record(self._id, [end.entry for end in ended], self._then(self._go_on, ended))

    def _go_on(self, ended: Sequence[_Ended]) -> None:
        self._unrecorded -= len(ended)
        for end in ended:
            if ARMED:
                failpoint(f"recorded.{end.entry.step.role}", end.entry.step.item)
            self._conclude(end.happening, end.event, end.code)

    def _reuse(self, flight: Flight, entry: Entry) -> None:
        send = flight.send
        if entry.reason:
            event = StepEnded(self._id, send.step, "failed", 0.0, send.round, entry.reason, entry.code)
            self._conclude(Failed(send.step, send.ticket, entry.reason), event, entry.code)
            return
        if flight.resources.spec.opens:
            self._journal.load(self._id, [entry.digest], self._then(self._reopen, flight, entry))
            return
        event = StepEnded(self._id, send.step, "reused", 0.0, send.round)
        self._conclude(self._happening(flight, entry, None), event, "")

    def _reopen(self, flight: Flight, entry: Entry, data: Sequence[bytes]) -> None:
        value = decode(data[0], flight.resources.spec.gives)
        event = StepEnded(self._id, flight.step, "reused", 0.0, flight.round)
        self._conclude(self._happening(flight, entry, value), event, "")

    def _happening(self, flight: Flight, entry: Entry, value: object) -> Happening:
        send = flight.send
        if entry.rework is not None:
            role, notes = entry.rework
            return Asked(send.step, send.ticket, role, notes, entry.digest)
        opens = flight.resources.spec.opens
        opened = self._keep(cast(Opens, value).briefs) if opens else ()
        return Done(send.step, send.ticket, entry.digest, opened)

    def _conclude(self, happening: Happening, event: StepEnded, code: str) -> None:
        self._observe(event)
        self._apply(happening)
        if self._state.failure and not self._code:
            self._code = code

    async def _goal_value(self) -> object:
        kind = self._plan.specs[self._plan.goal].gives
        loaded: asyncio.Future[Sequence[bytes]] = asyncio.get_running_loop().create_future()
        self._journal.load(self._id, [self._state.digest(StepId(self._plan.goal))], loaded.set_result)
        (data,) = await loaded
        return decode(data, kind)


def _entry(flight: Flight, gave: Gave) -> Entry:
    sealed = gave.sealed
    return Entry(
        flight.step,
        flight.key,
        flight.kind,
        sealed.digest,
        sealed.data,
        gave.rework,
        provisional=gave.provisional,
        round=flight.round,
        parts=flight.parts,
    )


def _nothing() -> None:
    """Only to wake the run, or to be told what nobody waits for."""
