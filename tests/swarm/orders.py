"""Orders to test with."""

import asyncio
from collections.abc import Callable
from typing import Any

from swarm import Step, StepId
from swarm.messages import Order, Reply


async def _in_a_thread(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    return await asyncio.to_thread(function, *args, **kwargs)


def an_order(
    step: StepId,
    *,
    number: int = 1,
    run: str = "run",
    attempt: int = 1,
    deadline_s: float = 5.0,
    reply_to: Callable[[Reply], None] = lambda _reply: None,
    run_blocking: Any = _in_a_thread,
    is_paid: bool = False,
) -> Order:
    """An order without arguments for the first round of this step."""
    given = Step(step, run, 0, "", None, False, run_blocking)
    return Order(number, given, attempt, {}, deadline_s, reply_to, is_paid)
