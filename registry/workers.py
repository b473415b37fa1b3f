"""The workers of one agent: its mailbox, who is at work, and what happens when one dies."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from registry.policy import RestartLog, RestartPolicy
from swarm import AgentSpec
from swarm.agent import RunsBlocking
from swarm.events import AgentRestarted, AgentWentDown, Observe
from swarm.mailbox import Mailbox
from swarm.messages import Died, Order, Outcome, Reply, Unavailable, perform

AroundStep = Callable[[Order, int], AbstractContextManager[None]]
"""Binds the context of an order, done by this incarnation, for as long as the step is in hand."""


class AgentState(StrEnum):
    """Whether an agent takes steps; a restarting one has at least one vacant place."""

    RUNNING = "running"
    RESTARTING = "restarting"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class AgentHealth:
    """How one agent is: restarts in the policy's period and in all, orders waiting and in hand, the last error."""

    role: str
    version: int
    state: AgentState
    workers: int
    in_hand: int
    waiting: int
    restarts_in_period: int
    restarts: int
    last_error: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """Whether an agent is back, and why or why not."""

    is_back: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all workers of an agent share. `clock` gives monotonic seconds, `jitter` numbers 0..1."""

    observe: Observe
    around_step: AroundStep
    run_blocking: RunsBlocking
    clock: Callable[[], float]
    jitter: Callable[[], float]


class Worker:
    """One incarnation of a worker: a task that takes one order after the other until it dies."""

    def __init__(self, spec: AgentSpec, incarnation: int, mailbox: Mailbox[Order], around: Surroundings) -> None:
        self.incarnation = incarnation
        self.in_hand: Order | None = None
        self.is_given_up = False
        self.is_dismissed = False
        self._spec = spec
        self._mailbox = mailbox
        self._around = around
        self._began_at = 0.0
        self.task = asyncio.create_task(self._serve(), name=f"{spec.role}-{incarnation}")

    @property
    def is_overdue(self) -> bool:
        """Whether the order in hand has passed its deadline."""
        order = self.in_hand
        return order is not None and self._around.clock() - self._began_at > order.deadline_s

    def answer(self, outcome: Outcome) -> None:
        """Answer the order in hand, if there is one; after this there is none."""
        order, self.in_hand = self.in_hand, None
        if order is not None:
            order.reply_to(self._reply(order, outcome))

    def give_up(self) -> Order | None:
        """Stop this incarnation: what it brings from now on is late. Gives the order that it had in hand."""
        self.is_given_up = True
        self.task.cancel()
        return self.in_hand

    def dismiss(self) -> None:
        """Stop this incarnation for good: nobody wants what it may still bring."""
        self.is_dismissed = True
        self.in_hand = None
        self.give_up()

    async def _serve(self) -> None:
        around = self._around
        while not self.is_given_up:
            order = await self._mailbox.get()
            self.in_hand = order
            self._began_at = around.clock()
            with around.around_step(order, self.incarnation):
                outcome = await perform(self._spec, order)
            if not self.is_given_up:
                self.answer(outcome)
            elif not self.is_dismissed:
                order.reply_to(self._reply(order, outcome))

    def _reply(self, order: Order, outcome: Outcome) -> Reply:
        return Reply(order.number, order.step.id, self.incarnation, outcome, self._around.clock() - self._began_at)


class AgentCrew:
    """All workers of one agent behind one bounded mailbox, with their supervision."""

    def __init__(self, spec: AgentSpec, policy: RestartPolicy, around: Surroundings) -> None:
        self.spec = spec
        self._around = around
        self._mailbox: Mailbox[Order] = Mailbox(spec.workers)
        self._workers: set[Worker] = set()
        self._log = RestartLog(policy)
        self._incarnation = 0
        self._is_down = False
        self._is_stopping = False
        self._last_error = ""
        self._recovery: asyncio.Task[Recovery] | None = None

    def start(self) -> None:
        """Fill every vacant place with a new incarnation."""
        while len(self._workers) < self.spec.workers:
            self._incarnation += 1
            worker = Worker(self.spec, self._incarnation, self._mailbox, self._around)
            self._workers.add(worker)
            worker.task.add_done_callback(partial(self._on_end, worker))

    @property
    def run_blocking(self) -> RunsBlocking:
        """What takes its blocking work to a thread."""
        return self._around.run_blocking

    def send(self, order: Order) -> None:
        """Take an order; one for an agent that is down is answered at once."""
        if self._is_down:
            self._turn_away(order)
        else:
            self._mailbox.put(order)

    def health(self) -> AgentHealth:
        """How the agent is now."""
        return AgentHealth(
            role=self.spec.role,
            version=self.spec.version,
            state=self._state(),
            workers=len(self._workers),
            in_hand=sum(worker.in_hand is not None for worker in self._workers),
            waiting=len(self._mailbox),
            restarts_in_period=self._log.recent(self._around.clock()),
            restarts=self._log.total,
            last_error=self._last_error,
        )

    def give_up_overdue(self) -> None:
        """Replace the workers whose step has passed its deadline."""
        for worker in [worker for worker in self._workers if worker.is_overdue]:
            order = worker.in_hand
            seconds = order.deadline_s if order else 0.0
            self._bury(worker, f"the step was not done within {seconds:g} s", is_hang=True)

    async def recover(self, error: str) -> Recovery:
        """Bring the agent back: see `AgentRegistry.recover_agent`."""
        if self._is_stopping:
            return Recovery(False, f"agent {self.spec.role} has been stopped")
        if self._is_down:
            self._log.forget()
            self._is_down = False
        if self._recovery is None or self._recovery.done():
            if len(self._workers) == self.spec.workers:
                return Recovery(True, f"agent {self.spec.role} is running")
            self._last_error = error
            self._begin_recovery(error, is_hang=False)
        assert self._recovery is not None  # noqa: S101
        return await asyncio.shield(self._recovery)

    async def cancel(self, run: str, limit_s: float) -> None:
        """Drop the orders of a run and stop the workers that have one in hand."""
        waiting = [self._mailbox.take() for _ in range(len(self._mailbox))]
        for order in waiting:
            if order.step.run != run:
                self._mailbox.put(order)
        busy = [worker for worker in self._workers if worker.in_hand and worker.in_hand.step.run == run]
        await self._stop(busy, limit_s)
        if not self._is_down and not self._is_stopping:
            self.start()

    async def stop(self, limit_s: float) -> None:
        """End all workers, waiting at most so many seconds."""
        self._is_stopping = True
        if self._recovery is not None:
            self._recovery.cancel()
        await self._stop(list(self._workers), limit_s)

    async def _stop(self, workers: list[Worker], limit_s: float) -> None:
        for worker in workers:
            self._workers.discard(worker)
            worker.dismiss()
        tasks = [worker.task for worker in workers]
        if tasks:
            await asyncio.wait(tasks, timeout=limit_s)

    def _state(self) -> AgentState:
        if self._is_down:
            return AgentState.DOWN
        is_whole = len(self._workers) == self.spec.workers
        return AgentState.RUNNING if is_whole else AgentState.RESTARTING

    def _on_end(self, worker: Worker, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if worker.is_given_up or self._is_stopping:
            return
        cause = f"{type(error).__name__}: {error}" if error else "the handler cancelled its own worker"
        self._bury(worker, cause, is_hang=False)

    def _bury(self, worker: Worker, cause: str, *, is_hang: bool) -> None:
        """A worker is dead: answer its order, note the death, and have its place filled again."""
        self._workers.discard(worker)
        order = worker.give_up()
        self._log.note(self._around.clock(), order.step.id if order else None)
        self._last_error = cause
        worker.answer(Died(cause, is_hang))
        if not self._is_down and (self._recovery is None or self._recovery.done()):
            self._begin_recovery(cause, is_hang=is_hang)

    def _begin_recovery(self, cause: str, *, is_hang: bool) -> None:
        self._recovery = asyncio.create_task(self._recover(cause, is_hang=is_hang), name=f"recover-{self.spec.role}")

    async def _recover(self, cause: str, *, is_hang: bool) -> Recovery:
        while len(self._workers) < self.spec.workers:
            if self._log.is_exceeded(self._around.clock()):
                return self._go_down(self._last_error)
            pause_s = self._log.pause_s(self._around.jitter())
            following = self._incarnation + 1
            self._around.observe(AgentRestarted(self.spec.role, following, cause, is_hang, pause_s))
            await asyncio.sleep(pause_s)
            if not self._log.is_exceeded(self._around.clock()):  # others may have died meanwhile
                self.start()
        return Recovery(True, f"agent {self.spec.role} was restarted after: {cause}")

    def _go_down(self, cause: str) -> Recovery:
        self._is_down = True
        policy = self._log.policy
        reason = (
            f"agent {self.spec.role} is down: it died more than {policy.intensity} times "
            f"within {policy.period_s:g} s, the last time of: {cause}"
        )
        self._last_error = reason
        self._around.observe(AgentWentDown(self.spec.role, reason))
        while self._mailbox:
            self._turn_away(self._mailbox.take())
        return Recovery(False, reason)

    def _turn_away(self, order: Order) -> None:
        order.reply_to(Reply(order.number, order.step.id, 0, Unavailable(self._last_error), 0.0))
