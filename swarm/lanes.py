"""The way of a step from ready to started: a lane for each role, and how much may be in hand."""

from collections import deque
from collections.abc import Iterable, Mapping

from swarm.agent import AgentSpec, Kind, RunsBlocking
from swarm.journal import Claim
from swarm.keys import KeyMaker, effective_kind
from swarm.request import RunRequest, costs_money
from swarm.scheduler import Inputs, Send

_AHEAD = 64
"""Steps of a role that may wait for a permit after the journal was asked for them."""


class Resources:
    """What all steps of a role are given alike: settings and ports, once as configured and once for the fallback."""

    def __init__(self, spec: AgentSpec, request: RunRequest, run_blocking: RunsBlocking) -> None:
        self.spec = spec
        self.run_blocking = run_blocking
        settings = {name: request.settings[name] for name in spec.settings}
        fallback = {**request.ports, **request.fallback_ports}
        self._arguments, self._makers, self._kinds = [], [], []
        for ports in (request.ports, fallback):
            chosen = {name: ports[name] for name in spec.ports}
            self._arguments.append({**settings, **chosen})
            identities = {name: port.identity for name, port in chosen.items()}
            is_paid = any(costs_money(port) for port in chosen.values())
            maker = KeyMaker(
                spec, code_digest=request.code_digest, settings=settings, ports=identities, is_paid=is_paid
            )
            self._makers.append(maker)
            self._kinds.append(effective_kind(spec.kind, is_paid=is_paid))

    def arguments(self, send: Send) -> dict[str, object]:
        """The settings and ports that the handler takes."""
        return self._arguments[send.is_fallback]

    def kind(self, send: Send) -> Kind:
        """What it means to run a step again, with the ports that it gets."""
        return self._kinds[send.is_fallback]

    @property
    def parts(self) -> bytes:
        """What the keys of all steps of the role have in common."""
        return self._makers[0].parts

    def key(self, send: Send, inputs: Inputs) -> tuple[str, bytes]:
        """The key of a step, and what is its own of it."""
        return self._makers[send.is_fallback].key(send, inputs)


class Flight(Claim, kw_only=True):
    """A step under way, from its send to its answer. `arrival` orders the steps by when they became ready."""

    arrival: int
    send: Send
    resources: Resources
    inputs: Inputs
    setbacks: int = 0
    deaths: int = 0
    number: int = 0


class _Lane:
    """The steps of one role that have not been started: `ready` ones, and those the journal has been asked for."""

    __slots__ = ("asked", "free", "ready", "waiting", "window")

    def __init__(self, workers: int) -> None:
        self.ready: deque[tuple[int, Send]] = deque()
        self.waiting: deque[Flight] = deque()
        self.asked = 0
        self.free = workers
        self.window = _AHEAD + workers


class Lanes:
    """All lanes, with so many steps `ready` and `in_flight`.

    A step takes a permit of its role and one of all `most` when it is started.

    Steps with deaths on their record are suspects: they go one at a time, so that the one at fault is found out.
    """

    def __init__(self, capacities: Mapping[str, int], most: int) -> None:
        self._lanes = {role: _Lane(workers) for role, workers in capacities.items()}
        self._suspects: deque[Flight] = deque()
        self._suspect: Flight | None = None
        self._most = most
        self._arrivals = 0
        self.ready = 0
        self._waiting = 0
        self.in_flight = 0

    def add(self, send: Send) -> None:
        """A step is ready."""
        self._lanes[send.step.role].ready.append((self._arrivals, send))
        self._arrivals += 1
        self.ready += 1

    def to_ask(self, limit: int) -> Iterable[tuple[int, Send]]:
        """Steps that the journal should be asked for now, with their arrival; each is to be put back by `wait` or
        `settle`."""
        for lane in self._lanes.values():
            room = lane.window - lane.asked - len(lane.waiting) if lane.ready else 0
            if 2 * room < lane.window:  # many at a time
                continue
            for _ in range(min(limit, room, len(lane.ready))):
                lane.asked += 1
                limit -= 1
                self.ready -= 1
                yield lane.ready.popleft()

    def settle(self, role: str) -> None:
        """A step that the journal was asked for needs no start."""
        self._lanes[role].asked -= 1

    def wait(self, flight: Flight) -> None:
        """A step that the journal was asked for waits for its permit."""
        lane = self._lanes[flight.send.step.role]
        lane.asked -= 1
        if flight.deaths:
            self._suspects.append(flight)
        else:
            lane.waiting.append(flight)
            self._waiting += 1

    def next(self) -> Flight | None:
        """The step that has been ready for longest of those that have a permit, which it takes."""
        if self.in_flight >= self._most:
            return None
        flight = self._next_suspect() if self._suspects else None
        if flight is None and self._waiting:
            flight = self._next_waiting()
        if flight is not None:
            self._lanes[flight.send.step.role].free -= 1
            self.in_flight += 1
        return flight

    def give_back(self, flight: Flight) -> None:
        """A step that was started is no longer in hand."""
        self._lanes[flight.send.step.role].free += 1
        self.in_flight -= 1
        if flight is self._suspect:
            self._suspect = None

    def _next_waiting(self) -> Flight | None:
        first: Flight | None = None
        for lane in self._lanes.values():
            if lane.waiting and lane.free and (first is None or lane.waiting[0].arrival < first.arrival):
                first = lane.waiting[0]
        if first is not None:
            self._lanes[first.send.step.role].waiting.popleft()
            self._waiting -= 1
        return first

    def _next_suspect(self) -> Flight | None:
        if self._suspect is None and self._lanes[self._suspects[0].send.step.role].free:
            self._suspect = self._suspects.popleft()
            return self._suspect
        return None
