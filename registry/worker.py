"""One worker of an agent: takes one order after the other until it dies or is asked to end."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass

from loguru import logger

from swarm import AgentSpec
from swarm.agent import ROLE, RunsBlocking
from swarm.events import Observe
from swarm.mailbox import Mailbox
from swarm.messages import Gave, Order, Outcome, Refused, Reply, perform

AroundStep = Callable[[Order, int], AbstractContextManager[None]]
"""Binds the context of an order, done by this incarnation, for as long as the step is in hand."""

AT_WORK: ContextVar["Worker | None"] = ContextVar("worker", default=None)
"""The worker in whose task, or in a task started from there, code runs."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all workers of an agent share. `clock` gives monotonic seconds, `jitter` numbers 0..1."""

    observe: Observe
    around_step: AroundStep
    run_blocking: RunsBlocking
    clock: Callable[[], float]
    jitter: Callable[[], float]


class Worker:
    """One incarnation of a worker. `on_refusal` is told of each order that it refused."""

    def __init__(
        self,
        spec: AgentSpec,
        incarnation: int,
        mailbox: Mailbox[Order],
        around: Surroundings,
        on_refusal: Callable[[Order, Refused], None],
    ) -> None:
        self.incarnation = incarnation
        self.in_hand: Order | None = None
        self.is_given_up = False
        self.is_leaving = False
        self._spec = spec
        self._mailbox = mailbox
        self._around = around
        self._on_refusal = on_refusal
        self._answers_late: tuple[type, ...] = (object,)
        self._began_at = 0.0
        self._excused_s = 0.0
        self.task = asyncio.create_task(self._serve(), name=f"{spec.role}-{incarnation}")

    @property
    def is_overdue(self) -> bool:
        """Whether the order in hand has passed its deadline."""
        order = self.in_hand
        return order is not None and self._around.clock() - self._began_at - self._excused_s > order.deadline_s

    def excuse(self, seconds: float) -> None:
        """Let so much time not count against the deadline of the order in hand."""
        self._excused_s += seconds

    def answer_for(self, outcome: Outcome) -> None:
        """Answer the order in hand in its place, if there is one; after this there is none."""
        order, self.in_hand = self.in_hand, None
        if order is not None:
            deliver(order, self._reply(order, outcome))

    def ask_to_end(self) -> None:
        """Let it end after the order in hand."""
        self.is_leaving = True
        if self.in_hand is None:
            self.task.cancel()

    def give_up(self) -> Order | None:
        """Stop this incarnation: what it brings from now on is late. Gives the order that it had in hand."""
        self.is_given_up = self.is_leaving = True
        self.task.cancel()
        return self.in_hand

    def dismiss(self) -> None:
        """Stop this incarnation without an answer. What it may still bring is late, and wanted if it was paid for."""
        self._answers_late = (Gave,) if self.in_hand is not None and self.in_hand.is_paid else ()
        self.in_hand = None
        self.give_up()

    def silence(self) -> None:
        """Let nothing late be answered any more."""
        self._answers_late = ()

    async def _serve(self) -> None:
        AT_WORK.set(self)
        ROLE.set(self._spec.role)
        around = self._around
        while not self.is_leaving:
            order = await self._mailbox.get()
            self.in_hand = order
            self._excused_s = 0.0
            self._began_at = around.clock()
            with around.around_step(order, self.incarnation):
                outcome = await perform(self._spec, order)
            if self.is_given_up:
                if isinstance(outcome, self._answers_late):
                    order.reply_to(self._reply(order, outcome))
                return
            if isinstance(outcome, Refused):
                self._on_refusal(order, outcome)
            self.in_hand = None
            order.reply_to(self._reply(order, outcome))

    def _reply(self, order: Order, outcome: Outcome) -> Reply:
        return Reply(order.number, order.step.id, self.incarnation, outcome, self._around.clock() - self._began_at)


def deliver(order: Order, reply: Reply) -> None:
    """Answer an order from supervision, which goes on even if the one who is answered does not take it."""
    try:
        order.reply_to(reply)
    except Exception as error:
        step = order.step
        line = logger.bind(run=step.run, role=step.id.role, item=step.id.item)
        line.opt(exception=error).error("reply_not_taken")
