"""Agents that do as they are told, orders for them, and a registry on a clock that skips pauses."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from registry import AgentRegistry, RestartPolicy, ThreadPool
from swarm import AgentSpec, Step, StepError, StepId, agent
from swarm.events import Event, LoopTurned
from swarm.messages import Gave, Outcome, Reply
from tests.swarm.clockwork import now_s
from tests.swarm.orders import an_order

Conduct = Callable[[Step], Awaitable[str]]


async def reply(step: Step) -> str:
    return f"did {step.id.item}"


async def crash(step: Step) -> str:
    raise ZeroDivisionError(f"of {step.id.item}")


async def refuse(step: Step) -> str:
    raise StepError(f"no {step.id.item}")


async def leave(step: Step) -> str:
    """Ends its own worker in good order."""
    raise asyncio.CancelledError


async def hang(step: Step) -> str:
    await asyncio.Event().wait()
    return "never"


async def deaf(step: Step) -> str:
    """Hangs, and replies when it is cancelled."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return "late"
    return "never"


async def dead_to_the_world(step: Step) -> str:
    """Goes on for a minute, however often it is cancelled."""
    until_s = now_s() + 60
    while now_s() < until_s:
        try:
            await asyncio.sleep(until_s - now_s())
        except asyncio.CancelledError:
            continue
    return "a minute late"


def worker(*conducts: Conduct, workers: int = 1, deadline_s: float = 5.0, **options: Any) -> AgentSpec:
    """The agent `work`: its n-th step is conducted by the n-th of these, all after them by the last."""
    left = list(conducts)

    @agent(scope="image", workers=workers, deadline_s=deadline_s, **options)
    async def work(step: Step) -> str:
        return await (left.pop(0) if len(left) > 1 else left[0])(step)

    return work


def by_item(workers: int = 1, *, declared: Mapping[str, Any] | None = None, **conducts: Conduct) -> AgentSpec:
    """The agent `work`, that conducts each item as told and replies to all others."""

    @agent(scope="image", workers=workers, deadline_s=5.0, **(declared or {}))
    async def work(step: Step) -> str:
        return await conducts.get(step.id.item, reply)(step)

    return work


class Post:
    """Sends orders and keeps the replies."""

    def __init__(self, registry: AgentRegistry, *, deadline_s: float = 5.0) -> None:
        self.replies: list[Reply] = []
        self._registry = registry
        self._deadline_s = deadline_s
        self._sent = 0
        self._news = asyncio.Event()

    def send(self, *items: str, run: str = "run", role: str = "work", is_paid: bool = False) -> None:
        for item in items:
            self._sent += 1
            step = StepId(role, item)
            self._registry.send(
                an_order(
                    step,
                    number=self._sent,
                    run=run,
                    deadline_s=self._deadline_s,
                    reply_to=self._receive,
                    run_blocking=self._registry.run_blocking(role),
                    is_paid=is_paid,
                )
            )

    def _receive(self, reply: Reply) -> None:
        self.replies.append(reply)
        self._news.set()

    async def replied(self, number: int) -> Sequence[Outcome]:
        """The outcomes, once there are so many."""
        async with asyncio.timeout(600):
            while len(self.replies) < number:
                self._news.clear()
                await self._news.wait()
        return [reply.outcome for reply in self.replies]

    def gave(self) -> list[object]:
        return [reply.outcome.sealed.value for reply in self.replies if isinstance(reply.outcome, Gave)]


def registry_of(*specs: AgentSpec, events: list[Event] | None = None, **options: Any) -> AgentRegistry:
    """A registry on the loop's clock; `events` gets what is observed but the loop's own news."""
    told = events if events is not None else []

    def observe(event: Event) -> None:
        if not isinstance(event, LoopTurned):
            told.append(event)

    settings = {"policy": RestartPolicy(), "threads": ThreadPool(2), "observe": observe, **options}
    return AgentRegistry(specs, clock=now_s, jitter=lambda: 1.0, **settings)
