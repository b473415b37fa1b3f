"""The registry: which agents there are, and that they are alive."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Self

from registry.crew import AgentCrew
from registry.errors import UnknownAgent
from registry.health import AgentHealth, Recovery
from registry.policy import RestartPolicy
from registry.threads import ThreadPool
from registry.watchdog import Block, Watchdog, log_block
from registry.worker import AroundStep, Surroundings
from swarm import AgentSpec
from swarm.agent import RunsBlocking
from swarm.events import LoopBlocked, LoopTurned, Observe
from swarm.messages import Order

_LOOK_EVERY_S = 0.05
"""How often deadlines are looked at; a hang is noticed at most so much late."""
_TELL_EVERY_S = 1.0
"""How often it is told how late the loop is."""


class AgentRegistry:
    """The agents of a swarm with their workers, as an async context: inside it they take orders.

    `around_step` binds log context where the step is done. `tell_block` is called from another thread as soon as the
    loop has stood still for `block_s` seconds; LoopBlocked is observed when it turns again.

    On leaving, agents stop in the reverse of their order: each one's workers may finish the steps in hand within
    `stop_s` seconds, then they are cancelled; one that will not end is left behind.
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
        block_s: float = 5.0,
        tell_block: Callable[[Block], None] = log_block,
    ) -> None:
        self._threads = threads
        self._observe = observe
        self._clock = clock
        self._crews = {}
        for spec in specs:
            run_blocking = threads.share().run
            around = Surroundings(observe, around_step or _nothing_around, run_blocking, clock, jitter)
            self._crews[spec.role] = AgentCrew(spec, policy or RestartPolicy(), around)
        self._stop_s = stop_s
        self._watchdog = Watchdog(block_s, tell_block)
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        for crew in self._crews.values():
            crew.start()
        self._watch = asyncio.create_task(self._keep_watch(self._clock()), name="watch")
        self._watchdog.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for crew in reversed(self._crews.values()):
                await crew.stop(self._stop_s)
        finally:  # when it is cancelled meanwhile, nothing more is waited for
            for crew in self._crews.values():
                crew.abandon()
            if self._watch is not None:
                self._watch.cancel()
            self._watchdog.stop()
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

        An agent that is down, or has places that stay empty, begins anew with a clean slate; one that runs is left
        alone; one that is being restarted is waited for. Safe to call at the same time from several places, and however
        often. Answers whether the agent is back, and why not. Raises UnknownAgent.
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

    async def _keep_watch(self, began_at: float) -> None:
        """The heartbeat of the loop, by which deadlines are looked at."""
        most_late_s, told_at, looked_at = 0.0, began_at, began_at
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            now_s = self._clock()
            late_s = max(0.0, now_s - looked_at - _LOOK_EVERY_S)
            most_late_s = max(most_late_s, late_s)
            self._turn(late_s)
            for crew in self._crews.values():
                crew.give_up_overdue()
            if now_s - told_at >= _TELL_EVERY_S:
                self._observe(LoopTurned(most_late_s))
                most_late_s, told_at = 0.0, now_s
            looked_at = self._clock()

    def _turn(self, late_s: float) -> None:
        """The loop turns, so much later than it should: that is held against the step at fault, and no other."""
        block = self._watchdog.beat()
        if late_s > _LOOK_EVERY_S:
            for crew in self._crews.values():
                crew.excuse(late_s, but=block.worker if block else None)
        if block is not None:
            if block.role:
                self._crews[block.role].note_block(late_s)
            self._observe(LoopBlocked(block.role, block.item, late_s, block.stack))


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _nothing_around(_order: Order, _incarnation: int) -> AbstractContextManager[None]:
    return _nothing()
