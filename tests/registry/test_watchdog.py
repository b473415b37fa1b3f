"""A loop that stands still: noticed meanwhile, named with step and stack, held against no other step."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from loguru import logger

from registry import AgentRegistry, Block
from registry.watchdog import Watchdog, log_block
from swarm import AgentSpec, Step, StepId, agent
from swarm.events import AgentFailed, Event, LoopBlocked, LoopTurned
from swarm.messages import Died, Gave
from tests.registry.agents import Conduct, Post, by_item, hang, registry_of, reply
from tests.swarm.clockwork import now_s

if TYPE_CHECKING:
    from loguru import Message, Record

BLOCK_S = 0.2
LONG_S = 0.6


@pytest.fixture
def records() -> Iterator[list["Record"]]:
    kept: list[Record] = []

    def keep(message: "Message") -> None:
        kept.append(message.record)

    sink = logger.add(keep, format="{message}")
    yield kept
    logger.remove(sink)


class Told:
    """What the watchdog tells, by which thread, and what is observed."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.tellers: list[str] = []
        self.events: list[Event] = []

    def tell(self, block: Block) -> None:
        self.blocks.append(block)
        self.tellers.append(threading.current_thread().name)

    def registry(self, spec: AgentSpec, **options: Any) -> AgentRegistry:
        return registry_of(spec, events=self.events, block_s=BLOCK_S, tell_block=self.tell, **options)

    def told_off(self) -> list[LoopBlocked]:
        return [event for event in self.events if isinstance(event, LoopBlocked)]


def hold_up_the_loop(for_s: float = LONG_S) -> None:
    time.sleep(for_s)


async def block(step: Step) -> str:
    hold_up_the_loop()
    return "at last"


async def block_in_a_task(step: Step) -> str:
    return await asyncio.create_task(block(step))


async def block_in_a_callback(step: Step) -> str:
    asyncio.get_running_loop().call_soon(hold_up_the_loop)
    await asyncio.sleep(LONG_S / 2)
    return "at last"


@pytest.mark.parametrize("conduct", [block, block_in_a_task, block_in_a_callback])
async def test_step_and_its_stack_are_named_when_it_holds_up_the_loop(conduct: Conduct) -> None:
    told = Told()
    async with told.registry(by_item(2, b=conduct)) as registry:
        post = Post(registry)
        post.send("a", "b")
        await post.replied(2)
        await asyncio.sleep(0.2)
        (health,) = registry.health()

    (noticed,) = told.blocks
    assert (noticed.role, noticed.item, told.tellers) == ("work", "b", ["watchdog"])
    assert noticed.stack.rstrip().endswith("time.sleep(for_s)")
    assert "in hold_up_the_loop" in noticed.stack
    (event,) = told.told_off()
    assert (event.role, event.item, event.stack) == ("work", "b", noticed.stack)
    assert LONG_S - 0.1 <= event.seconds < 5
    assert BLOCK_S <= noticed.seconds <= event.seconds + 0.1
    assert (health.blocks, health.crashes, health.hangs, health.restarts) == (1, 0, 0, 0)
    assert health.last_error.startswith("a step held up the loop for ")
    assert len(post.gave()) == 2


async def test_block_is_told_while_it_lasts() -> None:
    told, told_meanwhile = Told(), list[int]()

    async def look_back(step: Step) -> str:
        hold_up_the_loop()
        told_meanwhile.append(len(told.blocks))
        return ""

    async with told.registry(by_item(a=look_back)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)

    assert told_meanwhile == [1]


async def test_block_is_told_once_however_long_it_lasts_and_again_when_it_comes_again() -> None:
    told = Told()
    async with told.registry(by_item(a=block, b=block)) as registry:
        post = Post(registry)
        for number, item in enumerate("ab", 1):
            post.send(item)
            await post.replied(number)
            await asyncio.sleep(0.2)

    assert [noticed.item for noticed in told.blocks] == ["a", "b"]
    assert [event.item for event in told.told_off()] == ["a", "b"]


async def test_no_step_is_blamed_when_it_is_none_that_holds_up_the_loop() -> None:
    told = Told()
    async with told.registry(by_item(a=hang)) as registry:
        post = Post(registry)
        post.send("a")
        await asyncio.sleep(0.1)
        hold_up_the_loop()
        await asyncio.sleep(0.2)
        (health,) = registry.health()

    (event,) = told.told_off()
    assert (event.role, event.item, told.blocks[0].worker) == ("", "", None)
    assert "in hold_up_the_loop" in event.stack
    assert (health.blocks, health.last_error) == (0, "")


async def test_nothing_is_told_while_the_loop_turns() -> None:
    told = Told()
    async with told.registry(by_item(a=hang)) as registry:
        Post(registry).send("a")
        await asyncio.sleep(3 * BLOCK_S)

    assert (told.blocks, told.told_off()) == ([], [])


async def test_code_that_lets_no_other_thread_run_is_noticed_when_it_ends() -> None:
    told = Told()

    async def count(step: Step) -> str:
        return str(sum(range(numbers)))  # one call of C code, which keeps the interpreter to itself

    began_s = time.perf_counter()
    sum(range(3_000_000))
    numbers = int(3_000_000 * 1.5 / (time.perf_counter() - began_s))
    async with told.registry(by_item(a=count)) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)

    assert [(noticed.role, noticed.item) for noticed in told.blocks] == [("work", "a")]
    assert "sum(range(numbers))" in told.blocks[0].stack


async def test_time_in_which_the_loop_stood_still_counts_against_no_other_deadline() -> None:
    async def takes_its_time(step: Step) -> str:
        await asyncio.sleep(LONG_S + 0.2)
        return "in time"

    told = Told()
    async with told.registry(by_item(2, slow=takes_its_time, b=block)) as registry:
        post = Post(registry, deadline_s=LONG_S - 0.1)
        post.send("slow", "b")
        await post.replied(2)
        (health,) = registry.health()

    assert sorted(map(str, post.gave())) == ["at last", "in time"]
    assert (health.blocks, health.hangs) == (1, 0)


async def test_time_counts_against_the_step_that_held_up_the_loop() -> None:
    async def block_and_hang(step: Step) -> str:
        hold_up_the_loop(2.0)
        return await hang(step)

    told = Told()
    async with told.registry(by_item(a=block_and_hang)) as registry:
        post = Post(registry, deadline_s=0.9)
        sent_s = now_s()
        post.send("a")
        outcomes = await post.replied(1)
        took_s = now_s() - sent_s
        await asyncio.sleep(0.1)
        (health,) = registry.health()

    assert outcomes == [Died("the step was not done within 0.9 s", is_hang=True)]
    assert took_s < 2.7
    assert (health.blocks, health.hangs, health.crashes) == (1, 1, 0)
    kinds = [event.kind for event in told.events if isinstance(event, AgentFailed)]
    assert kinds == ["hang"]


async def test_watch_goes_on_when_who_is_told_raises(records: list["Record"]) -> None:
    def broken(_: Block) -> None:
        raise OSError("no room")

    told = Told()
    registry = registry_of(by_item(a=block, b=block), events=told.events, block_s=BLOCK_S, tell_block=broken)
    async with registry:
        post = Post(registry)
        for number, item in enumerate("ab", 1):
            post.send(item)
            await post.replied(number)
            await asyncio.sleep(0.2)

    assert [record["message"] for record in records] == ["block_not_told"] * 2
    assert [event.item for event in told.told_off()] == ["a", "b"]


async def test_line_is_written_at_once_when_nothing_else_is_wanted(records: list["Record"]) -> None:
    async with registry_of(by_item(a=block), block_s=BLOCK_S) as registry:
        post = Post(registry)
        post.send("a")
        await post.replied(1)

    (record,) = records
    assert (record["level"].name, record["message"], record["thread"].name) == ("ERROR", "loop_blocked", "watchdog")
    assert (record["extra"]["role"], record["extra"]["item"]) == ("work", "a")
    assert record["extra"]["seconds"] >= BLOCK_S
    assert "hold_up_the_loop" in record["extra"]["stack"]


async def test_thread_of_the_watchdog_ends_with_the_registry() -> None:
    before = threading.active_count()
    async with registry_of(by_item()):
        assert threading.active_count() == before + 1

    assert threading.active_count() == before


def test_nothing_is_told_when_the_loop_turned_while_it_was_looked_at() -> None:
    told: list[Block] = []
    dog = Watchdog(BLOCK_S, told.append)
    dog.beat()

    assert not dog._look(seen=0, still_s=1.0)
    assert (told, dog.beat()) == ([], None)


def test_block_is_told_without_a_stack_when_the_watched_thread_is_gone() -> None:
    told: list[Block] = []
    dog = Watchdog(BLOCK_S, told.append)

    assert dog._look(seen=0, still_s=1.0)
    assert told == [Block(None, "", "", 1.0, "")]
    assert dog.beat() == told[0]


async def test_stack_is_bounded_to_its_innermost_lines() -> None:
    def deep(depth: int) -> None:
        if depth:
            deep(depth - 1)
        else:
            hold_up_the_loop()

    told = Told()
    async with told.registry(by_item()):
        await asyncio.sleep(0.1)
        deep(300)
        await asyncio.sleep(0.1)

    assert len(told.blocks[0].stack) <= 4_000
    assert told.blocks[0].stack.rstrip().endswith("time.sleep(for_s)")


async def test_lag_of_the_loop_is_told_about_once_a_second() -> None:
    events: list[Event] = []
    async with registry_of(by_item(), observe=events.append):
        await asyncio.sleep(0.3)
        hold_up_the_loop(0.3)
        await asyncio.sleep(0.9)

    lags_s = [event.lag_s for event in events if isinstance(event, LoopTurned)]
    assert 1 <= len(lags_s) <= 3
    assert 0.2 <= max(lags_s) < 5


PROGRAM = """
import asyncio, sys
from registry import AgentRegistry, ThreadPool
from swarm import Step, StepId, agent
from swarm.messages import Order

@agent(scope="image")
async def work(step: Step) -> str:
    await asyncio.sleep(0.8)
    return "done"

async def main():
    told, replies = [], []
    registry = AgentRegistry([work], threads=ThreadPool(1), block_s=0.5, tell_block=told.append)
    async with registry:
        step = Step(StepId("work", "a"), "run", 0, "", None, False, registry.run_blocking("work"))
        registry.send(Order(1, step, 1, {}, 1.2, replies.append))
        await asyncio.sleep(0.3)
        print("ready", flush=True)
        while not replies:
            await asyncio.sleep(0.05)
    print([type(reply.outcome).__name__ for reply in replies], len(told))

asyncio.run(main())
"""


def test_process_that_was_stopped_for_a_while_raises_no_alarm_and_loses_no_worker() -> None:
    child = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        child.send_signal(19)  # SIGSTOP
        time.sleep(1.5)
        child.send_signal(18)  # SIGCONT
        assert child.communicate(timeout=30)[0] == "['Gave'] 0\n"
    finally:
        child.kill()


def test_log_line_of_a_block_has_its_fields(records: list["Record"]) -> None:
    log_block(Block(None, "read", "<b>", 5.00049, "a stack"))

    assert records[0]["extra"] == {"role": "read", "item": "<b>", "seconds": 5.0, "stack": "a stack"}


async def test_steps_of_all_agents_go_on_when_one_held_up_the_loop() -> None:
    @agent(scope="image")
    async def other(step: Step) -> str:
        return await reply(step)

    told = Told()
    registry = registry_of(by_item(a=block), other, events=told.events, block_s=BLOCK_S, tell_block=told.tell)
    async with registry:
        post = Post(registry)
        post.send("a")
        post.send("b", role="other")
        outcomes = await post.replied(2)
        await asyncio.sleep(0.1)
        blocks = {health.role: health.blocks for health in registry.health()}

    assert all(isinstance(outcome, Gave) for outcome in outcomes)
    assert {answer.step for answer in post.replies} == {StepId("work", "a"), StepId("other", "b")}
    assert blocks == {"work": 1, "other": 0}
