"""The kernel against a bare asyncio queue, and a fan-out plan against its lower bound."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.table import Row
from monitor import WorkflowMonitor, step_context
from registry import AgentRegistry, ThreadPool
from swarm import AgentSpec, Coordinator, Gathered, MemoryJournal, Plan, RunRequest, Step, agent

STEPS = 10_000
SMALL, LARGE = 1000, 10_000
REPEATS = 9
PICTURE_S, CALL_S = 0.05, 0.1
PICTURES, CHAINS, LIMIT = 120, 10, 8


@dataclass(frozen=True, slots=True)
class Thing:
    """The brief of a step that does nothing."""

    item: str


@dataclass(frozen=True, slots=True)
class Pages:
    """The result that opens the chains."""

    briefs: tuple[Thing, ...]


async def bare_s(steps: int, in_flight: int) -> float:
    """Seconds a step for a bare asyncio queue: one worker, a future for each reply, `in_flight` callers at a time."""
    queue: asyncio.Queue[tuple[int, asyncio.Future[int]]] = asyncio.Queue()

    async def touch(number: int) -> int:
        return number

    async def work() -> None:
        while True:
            number, reply = await queue.get()
            reply.set_result(await touch(number))

    async def call(count: int) -> None:
        for number in range(count):
            reply = loop.create_future()
            await queue.put((number, reply))
            await reply

    worker, loop = asyncio.create_task(work()), asyncio.get_running_loop()
    gc.collect()
    began = time.perf_counter()
    await asyncio.gather(*(call(steps // in_flight) for _ in range(in_flight)))
    seconds = time.perf_counter() - began
    worker.cancel()
    return seconds / (steps // in_flight * in_flight)


def one_role(workers: int) -> list[AgentSpec]:
    @agent(scope="thing", workers=workers)
    async def touch(step: Step, *, brief: Thing) -> int:
        return 1

    @agent(scope="book", needs=("touch",))
    async def end(step: Step, *, touch: Gathered[int]) -> int:
        return len(touch)

    return [touch, end]


async def kernel_s(steps: int, in_flight: int) -> float:
    """Seconds a step for the whole kernel: keys, journal port, supervision, context and monitor on."""
    specs = one_role(in_flight)
    things = [Thing(str(number)) for number in range(steps)]
    plan = Plan.of(specs, goal="end", listed=("thing",))
    request = RunRequest("bench", {"thing": things}, max_in_flight=in_flight)
    seconds, value = await _run(specs, plan, request)
    assert value == steps
    return seconds / steps


async def _run(specs: Sequence[AgentSpec], plan: Plan, request: RunRequest) -> tuple[float, object]:
    monitor = WorkflowMonitor()
    registry = AgentRegistry(
        specs,
        threads=ThreadPool(1),
        observe=monitor.observe,
        around_step=step_context,
    )
    async with registry:
        coordinator = Coordinator(plan, registry, MemoryJournal(), monitor.observe)
        gc.collect()
        began = time.perf_counter()
        result = await coordinator.run(request)
        return time.perf_counter() - began, result.value


def fan_out_bound_s() -> float:
    """Seconds that the fan-out plan takes at least."""
    return PICTURES / LIMIT * PICTURE_S + -(-3 * CHAINS // LIMIT) * CALL_S


def fan_out_plan() -> tuple[list[AgentSpec], Plan, RunRequest]:
    """One step, 120 of 0.05 s, a barrier, 10 chains of three of 0.1 s, one step; 8 in hand at most."""

    @agent(scope="picture", workers=LIMIT)
    async def look(step: Step, *, brief: Thing) -> int:
        await asyncio.sleep(PICTURE_S)
        return 1

    @agent(scope="book", needs=("look",), opens="page")
    async def outline(step: Step, *, look: Gathered[int]) -> Pages:
        return Pages(tuple(Thing(str(number)) for number in range(CHAINS)))

    @agent(scope="page", workers=LIMIT)
    async def first(step: Step, *, brief: Thing) -> int:
        await asyncio.sleep(CALL_S)
        return 1

    @agent(scope="page", needs=("first",), workers=LIMIT)
    async def second(step: Step, *, first: int) -> int:
        await asyncio.sleep(CALL_S)
        return first

    @agent(scope="page", needs=("second",), workers=LIMIT)
    async def third(step: Step, *, second: int) -> int:
        await asyncio.sleep(CALL_S)
        return second

    @agent(scope="book", needs=("third",))
    async def end(step: Step, *, third: Gathered[int]) -> int:
        return len(third)

    specs = [look, outline, first, second, third, end]
    plan = Plan.of(specs, goal="end", listed=("picture",))
    pictures = [Thing(str(number)) for number in range(PICTURES)]
    return specs, plan, RunRequest("bench", {"picture": pictures}, max_in_flight=LIMIT)


async def fan_out_s() -> float:
    """Seconds for the fan-out plan."""
    seconds, value = await _run(*fan_out_plan())
    assert value == CHAINS
    return seconds


def _median(measure: Callable[[], Awaitable[float]], repeats: int = REPEATS) -> list[float]:
    async def once() -> float:
        return await measure()

    return [asyncio.run(once()) for _ in range(repeats)]


def rows() -> list[Row]:
    """All ratios of the kernel, each the median of ratios taken within one repeat."""
    found = []
    for name, in_flight, target in (("one at a time", 1, 0.15), ("64 in flight", 64, 0.08)):
        ratios = []
        for _ in range(REPEATS):
            bare, ours = (
                _median(lambda n=in_flight: bare_s(STEPS, n), 1),
                _median(lambda n=in_flight: kernel_s(STEPS, n), 1),
            )
            ratios.append(bare[0] / ours[0])
        found.append(Row(f"kernel steps/s over a bare queue, {name}", median(ratios), f"at least {target}"))
    growth = []
    for _ in range(REPEATS):
        small, large = _median(lambda: kernel_s(SMALL, 64), 1), _median(lambda: kernel_s(LARGE, 64), 1)
        growth.append(large[0] / small[0])
    found.append(Row(f"time a step at {LARGE} steps over that at {SMALL}", median(growth), "at most 1.25"))
    found.append(
        Row("fan-out plan over its lower bound", median(_median(fan_out_s)) / fan_out_bound_s(), "at most 1.03")
    )
    return found
