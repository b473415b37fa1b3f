import asyncio
import contextvars
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from monitor.context import step_context
from monitor.logs import configured_logs
from swarm.agent import StepId
from swarm.messages import Order
from tests.swarm.orders import an_order

if TYPE_CHECKING:
    from loguru import Record


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    with configured_logs(is_quiet=True):
        yield


def order(item: str) -> Order:
    return an_order(StepId("read", item), run="r1", attempt=2)


def test_step_context_puts_its_fields_on_every_line_inside(records: list["Record"]) -> None:
    with step_context(order("a.png"), 3):
        logger.bind(own=1, attempt=9).warning("inside")
    logger.warning("outside")

    assert records[0]["extra"] == {
        "run": "r1",
        "step": "read/a.png",
        "role": "read",
        "item": "a.png",
        "attempt": 9,
        "agent": "read-3",
        "incarnation": 3,
        "own": 1,
    }
    assert records[1]["extra"] == {}


async def test_step_context_is_of_its_task_only(records: list["Record"]) -> None:
    async def work(item: str) -> None:
        with step_context(order(item), 1):
            await asyncio.sleep(0)
            logger.bind(mine=item).warning("working")

    async with asyncio.TaskGroup() as group:
        for item in "abc":
            group.create_task(work(item))

    assert [(r["extra"]["item"], r["extra"]["mine"]) for r in records] == [(i, i) for i in "abc"]


def test_step_context_goes_with_a_copied_context_into_a_thread(records: list["Record"]) -> None:
    with step_context(order("a"), 1):
        here = contextvars.copy_context()
    thread = threading.Thread(target=here.run, args=(logger.warning, "in a thread"))
    thread.start()
    thread.join()

    assert records[0]["extra"]["item"] == "a"


def test_step_context_ends_when_the_step_crashes(records: list["Record"]) -> None:
    with pytest.raises(ZeroDivisionError), step_context(order("a"), 1):
        raise ZeroDivisionError
    logger.warning("after")

    assert records[0]["extra"] == {}
