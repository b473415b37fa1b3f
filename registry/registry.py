"""The registry: which agents there are, and that they are alive."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Self

from registry.errors import UnknownAgent
from registry.policy import RestartPolicy
from registry.threads import ThreadPool
from registry.workers import AgentCrew, AgentHealth, AroundStep, Recovery, Surroundings
from swarm import AgentSpec
from swarm.agent import RunsBlocking
from swarm.events import Observe
from swarm.messages import Order

_LOOK_EVERY_S = 0.05
"""How often deadlines are looked at; a hang is noticed at most so much late."""


class AgentRegistry:
    """The agents of a swarm with their workers, as an async context: inside it they take orders.

    `around_step` binds log context where the step is done. On leaving, agents stop in the reverse of their order, each
    within `stop_s` seconds; a worker that will not end is left behind.
    """

    def __init__(
        self,
        specs: Iterable[AgentSpec],
        *,
        threads: ThreadPool,
        observe: Observe = lambda _event: None,
        around_step: AroundStep | None = None,
        policy: RestartPolicy | None = None,
        clock: Callable[[], float] = time.perf_counter,
        jitter: Callable[[], float] = random.random,
        stop_s: float = 2.0,
    ) -> None:
        self._threads = threads
        self._crews = {}
        for spec in specs:
            run_blocking = threads.share().run
            around = Surroundings(observe, around_step or _nothing_around, run_blocking, clock, jitter)
            self._crews[spec.role] = AgentCrew(spec, policy or RestartPolicy(), around)
        self._stop_s = stop_s
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        for crew in self._crews.values():
            crew.start()
        self._watch = asyncio.create_task(self._watch_deadlines(), name="deadlines")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.cancel()
        for crew in reversed(self._crews.values()):
            await crew.stop(self._stop_s)
        self._threads.close()

    def capacity(self, role: str) -> int:
        """How many steps of this role can be in hand at the same time."""
        return self._crew(role).spec.workers

    def run_blocking(self, role: str) -> RunsBlocking:
        """What takes the blocking work of this role to a thread: its share of the pool."""
        return self._crew(role).run_blocking

    def send(self, order: Order) -> None:
        """Hand an order to its agent, which answers exactly once. Raises asyncio.QueueFull over the capacity."""
        self._crew(order.step.id.role).send(order)

    async def cancel(self, run: str) -> None:
        """Stop all steps of a run; their orders are not answered."""
        for crew in self._crews.values():
            await crew.cancel(run, self._stop_s)

    async def recover_agent(self, agent_id: str, error: str) -> Recovery:
        """Bring an agent back, by its role: what supervision itself does after a death, and the door for people.

        An agent that is down begins anew with a clean slate; one that runs is left alone; one that is being restarted
        is waited for. Safe to call at the same time from several places. Raises UnknownAgent.
        """
        return await self._crew(agent_id).recover(error)

    def health(self) -> tuple[AgentHealth, ...]:
        """How each agent is, in the order of their registration."""
        return tuple(crew.health() for crew in self._crews.values())

    def _crew(self, role: str) -> AgentCrew:
        try:
            return self._crews[role]
        except KeyError:
            raise UnknownAgent(f"there is no agent {role}; there are {', '.join(self._crews)}") from None

    async def _watch_deadlines(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            for crew in self._crews.values():
                crew.give_up_overdue()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _nothing_around(_order: Order, _incarnation: int) -> AbstractContextManager[None]:
    return _nothing()
