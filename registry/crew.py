"""The crew of an agent: its workers behind one mailbox, and what happens when one is lost."""

import asyncio
from collections import Counter
from functools import partial
from typing import NamedTuple

from registry.health import AgentHealth, AgentState, Failure, Recovery
from registry.orders import Orders
from registry.policy import RestartLog, RestartPolicy
from registry.worker import Surroundings, Worker, deliver
from swarm import AgentSpec, Restart
from swarm.agent import RunsBlocking
from swarm.events import AgentFailed, AgentRestarted, AgentWentDown
from swarm.messages import Died, Order, Refused, Reply, Unavailable

_CLEAN_UP_S = 1.0
"""How long a worker that is cancelled at the end may take to clean up after its step."""


class _Vacancy(NamedTuple):
    """A place that is about to be filled, and what became of who had it."""

    cause: str
    is_hang: bool


class AgentCrew:
    """All workers of one agent, with their supervision. Each of its places has a worker, or is vacant until the next
    restart, or stays empty."""

    def __init__(self, spec: AgentSpec, policy: RestartPolicy, around: Surroundings) -> None:
        self.spec = spec
        self._around = around
        self._mailbox = Orders(spec.workers)
        self._workers: set[Worker] = set()
        self._gone: set[Worker] = set()
        self._vacant: list[_Vacancy] = []
        self._empty = 0
        self._log = RestartLog(policy)
        self._failures: Counter[Failure] = Counter()
        self._restarts = 0
        self._incarnation = 0
        self._refusal = ""
        self._is_stopping = False
        self._last_error = ""
        self._recovery: asyncio.Task[Recovery] | None = None

    def start(self) -> None:
        """Fill every place."""
        for _ in range(self.spec.workers):
            self._hire()

    @property
    def run_blocking(self) -> RunsBlocking:
        """What takes its blocking work to a thread."""
        return self._around.run_blocking

    def send(self, order: Order) -> None:
        """Take an order; one for an agent that is down is answered at once."""
        if self._refusal:
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
            restarts=self._restarts,
            failed_steps=self._failures[Failure.STEP],
            crashes=self._failures[Failure.CRASH],
            hangs=self._failures[Failure.HANG],
            blocks=self._failures[Failure.BLOCK],
            last_error=self._last_error,
        )

    def give_up_overdue(self) -> None:
        """Replace the workers whose step has passed its deadline."""
        for worker in [worker for worker in self._workers if worker.is_overdue]:
            seconds = worker.in_hand.deadline_s if worker.in_hand else 0.0
            self._bury(worker, f"the step was not done within {seconds:g} s", Failure.HANG)

    def excuse(self, seconds: float, *, but: Worker | None) -> None:
        """Let time in which the loop stood still count against no deadline but that of the worker at fault."""
        for worker in self._workers:
            if worker is not but:
                worker.excuse(seconds)

    def note_block(self, seconds: float) -> None:
        """A step of this agent held up the loop for so long."""
        self._failures[Failure.BLOCK] += 1
        self._last_error = f"a step held up the loop for {seconds:.1f} s"

    async def recover(self, error: str) -> Recovery:
        """Bring the agent back: see `AgentRegistry.recover_agent`."""
        if self._is_stopping:
            return Recovery(False, self._refusal)
        if self._refusal or self._empty:
            self._fill_all(error)
        if not self._vacant:
            return Recovery(True, f"agent {self.spec.role} is running")
        recovery = self._begin_recovery(error)
        await asyncio.wait({recovery})
        return Recovery(False, self._refusal) if recovery.cancelled() else recovery.result()

    async def cancel(self, run: str, limit_s: float) -> None:
        """Drop the orders of a run and stop the workers that have one in hand."""
        self._mailbox.drop(run)
        busy = [worker for worker in self._workers if worker.in_hand and worker.in_hand.step.run == run]
        await self._dismiss(busy, limit_s)
        if not self._refusal:
            for _ in range(self.spec.workers - len(self._workers) - len(self._vacant) - self._empty):
                self._hire()

    async def stop(self, limit_s: float) -> None:
        """End all workers: those that have a step in hand may finish it within so many seconds, then they are cancelled
        and their orders turned away."""
        self._close()
        for worker in self._workers:
            worker.ask_to_end()
        await _ended(self._workers, limit_s)
        await self._dismiss(list(self._workers), _CLEAN_UP_S)
        self.abandon()

    def abandon(self) -> None:
        """End at once, as far as that goes: nothing is waited for, and nothing late is answered any more."""
        self._close()
        self._send_away(list(self._workers))
        for worker in self._gone:
            worker.silence()

    # workers come and go

    def _hire(self) -> None:
        self._incarnation += 1
        worker = Worker(self.spec, self._incarnation, self._mailbox, self._around, self._on_refusal)
        self._workers.add(worker)
        worker.task.add_done_callback(partial(self._on_end, worker))

    def _close(self) -> None:
        self._is_stopping = True
        self._refusal = f"agent {self.spec.role} has been stopped"
        if self._recovery is not None:
            self._recovery.cancel()
        self._turn_away_waiting()

    async def _dismiss(self, workers: list[Worker], limit_s: float) -> None:
        self._send_away(workers)
        await _ended(workers, limit_s)

    def _send_away(self, workers: list[Worker]) -> None:
        for worker in workers:
            self._leave(worker)
            if self._is_stopping:
                worker.answer_for(Unavailable(self._refusal))
            worker.dismiss()

    def _leave(self, worker: Worker) -> None:
        """A worker has no place any more, but its task has not ended yet."""
        self._workers.discard(worker)
        if not worker.task.done():
            self._gone.add(worker)

    def _on_refusal(self, order: Order, refused: Refused) -> None:
        self._fail(Failure.STEP, refused.reason, order)

    def _on_end(self, worker: Worker, task: asyncio.Task[None]) -> None:
        self._gone.discard(worker)
        error = None if task.cancelled() else task.exception()
        if worker.is_given_up:
            return
        if worker.is_leaving and worker.in_hand is None:
            self._workers.discard(worker)
        elif error is not None:
            self._bury(worker, f"{type(error).__name__}: {error}", Failure.CRASH)
        else:
            kind = None if self.spec.restart is Restart.TRANSIENT else Failure.CRASH
            self._bury(worker, "the handler cancelled its own worker", kind)

    def _bury(self, worker: Worker, cause: str, kind: Failure | None) -> None:
        """A worker is lost: note it, see who follows, and answer its order. It went in good order without a kind."""
        order = worker.give_up()
        self._leave(worker)
        self._last_error = cause
        if kind is not None:
            self._fail(kind, cause, order, worker.incarnation)
        if not self._is_stopping:
            self._succeed(cause, kind, order)
        worker.answer_for(Died(cause, kind is Failure.HANG))

    def _succeed(self, cause: str, kind: Failure | None, order: Order | None) -> None:
        """Have the place of a lost worker filled again, or leave it empty, as the agent declares."""
        restart = self.spec.restart
        if restart is Restart.PERMANENT or (restart is Restart.TRANSIENT and kind is not None):
            self._log.note(self._around.clock(), (order.step.run, order.step.id) if order else None)
            self._vacant.append(_Vacancy(cause, kind is Failure.HANG))
            if not self._refusal:
                _ = self._begin_recovery(cause)
            return
        self._empty += 1
        if self._empty == self.spec.workers and not self._refusal:
            self._go_down(f"its last worker ended, and none follows because it is {restart}; the cause: {cause}")

    def _fail(self, kind: Failure, cause: str, order: Order | None, incarnation: int = 0) -> None:
        self._failures[kind] += 1
        run, item = (order.step.run, order.step.id.item) if order else ("", "")
        self._around.observe(AgentFailed(self.spec.role, kind.value, cause, run, item, incarnation))

    # recovery

    def _begin_recovery(self, cause: str) -> asyncio.Task[Recovery]:
        """The recovery that is under way, or a new one."""
        if self._recovery is None or self._recovery.done():
            self._recovery = asyncio.create_task(self._recover(cause), name=f"recover-{self.spec.role}")
        return self._recovery

    async def _recover(self, cause: str) -> Recovery:
        policy = self._log.policy
        while self._vacant:
            if self._log.is_exceeded(self._around.clock()):
                times = f"it died more than {policy.intensity} times within {policy.period_s:g} s"
                return self._go_down(f"{times}, the last time of: {self._last_error}")
            pause_s = self._log.pause_s(self._around.jitter())
            await asyncio.sleep(pause_s)
            if not self._log.is_exceeded(self._around.clock()):  # others may have died meanwhile
                self._refill(pause_s)
        return Recovery(True, f"agent {self.spec.role} was restarted after: {cause}")

    def _refill(self, pause_s: float) -> None:
        vacant, self._vacant = self._vacant, []
        for vacancy in vacant:
            self._hire()
            self._restarts += 1
            self._around.observe(AgentRestarted(self.spec.role, self._incarnation, *vacancy, pause_s))

    def _fill_all(self, error: str) -> None:
        """Somebody has mended the agent: it starts afresh, in all its places."""
        self._log.forget()
        self._refusal, self._empty = "", 0
        self._last_error = error
        self._vacant = [_Vacancy(error, False)] * (self.spec.workers - len(self._workers))

    def _go_down(self, cause: str) -> Recovery:
        self._refusal = self._last_error = f"agent {self.spec.role} is down: {cause}"
        self._around.observe(AgentWentDown(self.spec.role, self._refusal))
        self._turn_away_waiting()
        return Recovery(False, self._refusal)

    def _turn_away_waiting(self) -> None:
        while self._mailbox:
            self._turn_away(self._mailbox.take())

    def _turn_away(self, order: Order) -> None:
        deliver(order, Reply(order.number, order.step.id, 0, Unavailable(self._refusal), 0.0))

    def _state(self) -> AgentState:
        if self._refusal:
            return AgentState.DOWN
        return AgentState.RESTARTING if self._vacant else AgentState.RUNNING


async def _ended(workers: "set[Worker] | list[Worker]", limit_s: float) -> None:
    """Wait for workers to end, so many seconds at most."""
    if tasks := [worker.task for worker in workers]:
        await asyncio.wait(tasks, timeout=limit_s)
