"""The pool of threads: bounded, and never held up by a thread that hangs."""

import asyncio
import contextvars
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from registry import AgentRegistry, AgentState, NoThreadLeft, RestartPolicy, ThreadPool
from swarm import AgentSpec, Step, agent
from swarm.messages import Died, Unavailable
from tests.registry.agents import Post, registry_of

MODE: contextvars.ContextVar[str] = contextvars.ContextVar("mode", default="unset")


class Gate:
    """Blocking work that waits until it is let go, and counts who is inside."""

    def __init__(self) -> None:
        self.inside = 0
        self.most_inside = 0
        self._lock = threading.Lock()
        self._entered = threading.Semaphore(0)
        self._open = threading.Event()

    def pass_through(self, value: int = 0) -> int:
        with self._lock:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        self._entered.release()
        self._open.wait(30)
        with self._lock:
            self.inside -= 1
        return value

    async def entered(self, number: int = 1) -> None:
        """Return when so many more have entered."""
        for _ in range(number):
            assert await asyncio.get_running_loop().run_in_executor(None, self._entered.acquire, True, 30)

    def open(self) -> None:
        self._open.set()


@asynccontextmanager
async def gated(size: int, *, most_hung: int = 4) -> AsyncIterator[tuple[ThreadPool, Gate]]:
    """A pool and a gate, which is opened at the end so that no thread stays behind."""
    pool, gate = ThreadPool(size, most_hung=most_hung, name="test"), Gate()
    try:
        yield pool, gate
    finally:
        gate.open()
        pool.close()


async def until_none_hangs(pool: ThreadPool) -> None:
    async with asyncio.timeout(30):
        while pool.hung:  # noqa: ASYNC110  # the pool tells nobody
            await asyncio.sleep(0.001)


async def hung(pool: ThreadPool, gate: Gate, number: int) -> None:
    """Give up so many calls that are inside the gate."""
    calls = [asyncio.create_task(pool.run(gate.pass_through)) for _ in range(number)]
    await gate.entered(number)
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)


async def test_thread_gives_what_the_function_gives_with_its_arguments() -> None:
    async with gated(1) as (pool, _):
        assert await pool.run("{}{end}".format, "read", end=".") == "read."


async def test_thread_pool_runs_no_more_than_its_size_at_a_time() -> None:
    async with gated(3) as (pool, gate):
        calls = [asyncio.create_task(pool.run(gate.pass_through, n)) for n in range(10)]
        await gate.entered(3)
        gate.open()

        assert await asyncio.gather(*calls) == list(range(10))
        assert gate.most_inside == 3
        assert pool.hung == 0


async def test_thread_is_used_again_when_its_work_is_done() -> None:
    async with gated(1) as (pool, _):
        assert await pool.run(threading.get_ident) == await pool.run(threading.get_ident)


async def test_thread_works_in_the_context_of_its_caller() -> None:
    async with gated(1) as (pool, _):
        MODE.set("mine")

        assert await pool.run(MODE.get) == "mine"
        await pool.run(MODE.set, "the thread's")
        assert MODE.get() == "mine"


def failing(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)], ids=["error", "exit"])
async def test_thread_hands_over_what_the_function_raises(error: BaseException) -> None:
    async with gated(1) as (pool, _):
        with pytest.raises(type(error)) as caught:
            await pool.run(failing, error)

        assert caught.value is error
        assert await pool.run(abs, -1) == 1


async def test_thread_hands_over_a_runtime_error_when_the_function_raises_stop_iteration() -> None:
    async with gated(1) as (pool, _):
        with pytest.raises(RuntimeError, match="the function raised StopIteration"):
            await pool.run(next, iter(()))


async def test_waiting_call_frees_its_place_before_any_thread_when_it_is_cancelled() -> None:
    async with gated(1) as (pool, gate):
        first = asyncio.create_task(pool.run(gate.pass_through))
        await gate.entered()
        second = asyncio.create_task(pool.run(gate.pass_through))
        await asyncio.sleep(0)

        second.cancel()
        await asyncio.wait([second])
        gate.open()

        await first
        assert (gate.most_inside, pool.hung) == (1, 0)
        assert await pool.run(abs, -1) == 1
        assert gate.inside == 0


async def test_hung_thread_is_replaced_when_its_call_is_cancelled() -> None:
    async with gated(1) as (pool, gate):
        await hung(pool, gate, 1)

        assert pool.hung == 1
        assert await pool.run(abs, -1) == 1


async def test_hung_thread_counts_no_more_when_it_ends_after_all() -> None:
    before = threading.active_count()
    async with gated(1) as (pool, gate):
        await hung(pool, gate, 1)

        gate.open()
        await until_none_hangs(pool)

        assert await pool.run(abs, -1) == 1
        assert threading.active_count() < before + 5


async def test_thread_ends_quietly_when_its_function_raises_after_it_was_given_up() -> None:
    async with gated(1) as (pool, gate):
        call = asyncio.create_task(pool.run(lambda: failing(ValueError(str(gate.pass_through())))))
        await gate.entered()
        call.cancel()
        await asyncio.wait([call])

        gate.open()
        await until_none_hangs(pool)
        await asyncio.sleep(0)

        assert call.cancelled()


async def test_no_thread_is_left_when_too_many_hang() -> None:
    async with gated(2, most_hung=2) as (pool, gate):
        await hung(pool, gate, 2)
        await hung(pool, gate, 1)

        with pytest.raises(NoThreadLeft, match=r"^3 threads hang in blocking work, no more are started$"):
            await pool.run(abs, -1)

        gate.open()
        await until_none_hangs(pool)
        assert await pool.run(abs, -1) == 1


async def test_threads_are_never_more_than_size_and_most_hung() -> None:
    async with gated(2, most_hung=3) as (pool, gate):
        for number in (1, 2, 2):
            await hung(pool, gate, number)

        with pytest.raises(NoThreadLeft):
            await pool.run(gate.pass_through)

        assert gate.inside == 2 + 3


async def test_idle_threads_end_when_the_pool_is_closed() -> None:
    async with gated(3) as (pool, _):
        threads = [await pool.run(threading.current_thread) for _ in range(9)]

        pool.close()

        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)
        assert {thread.name for thread in threads} <= {"test-1", "test-2", "test-3"}


async def test_threads_end_when_the_registry_that_has_them_is_left() -> None:
    pool = ThreadPool(1)
    async with AgentRegistry([], threads=pool):
        thread = await pool.run(threading.current_thread)

    thread.join(30)
    assert not thread.is_alive()


PROGRAM = """
import asyncio, threading
from registry import ThreadPool

async def main():
    entered = threading.Event()
    def hang():
        entered.set()
        threading.Event().wait()
    pool = ThreadPool(1)
    call = asyncio.create_task(pool.run(hang))
    await asyncio.to_thread(entered.wait)
    call.cancel()
    await asyncio.wait([call])
    print(pool.hung, "hung")

asyncio.run(main())
"""


def test_hung_thread_does_not_hold_the_process() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], timeout=30, capture_output=True, text=True, check=True)

    assert (ended.stdout, ended.stderr) == ("1 hung\n", "")


def test_thread_ends_quietly_when_the_loop_is_closed_before_its_work_is_done() -> None:
    pool, entered, let_go = ThreadPool(1), threading.Event(), threading.Event()
    worker: list[threading.Thread] = []

    def block() -> None:
        worker.append(threading.current_thread())
        entered.set()
        let_go.wait(30)

    async def leave() -> None:
        call = asyncio.create_task(pool.run(block))
        await asyncio.sleep(0)
        await asyncio.to_thread(entered.wait, 30)
        call.cancel()
        await asyncio.wait([call])

    asyncio.run(leave())
    let_go.set()

    worker[0].join(30)
    assert not worker[0].is_alive()
    assert pool.hung == 0


def blocking_on(gate: Gate, **options: Any) -> AgentSpec:
    """The agent `work`, whose steps wait in a thread until the gate is open."""

    @agent(scope="image", deadline_s=0.1, **options)
    async def work(step: Step) -> int:
        return await step.run_blocking(gate.pass_through, 1)

    return work


async def test_thread_that_hangs_gives_its_slot_back_and_is_replaced_a_few_times_until_its_agent_is_down() -> None:
    policy = RestartPolicy(intensity=4, backoff_s=0.0)
    async with (
        gated(1, most_hung=2) as (pool, gate),
        registry_of(blocking_on(gate), threads=pool, policy=policy) as crew,
    ):
        post = Post(crew, deadline_s=0.1)
        for number, item in enumerate("abcdef", 1):
            post.send(item)
            await post.replied(number)
        (health,) = crew.health()

        assert (gate.most_inside, pool.hung) == (3, 3)

    kinds = [(type(answer.outcome), getattr(answer.outcome, "is_hang", None)) for answer in post.replies]
    assert kinds == [(Died, True)] * 3 + [(Died, False)] * 2 + [(Unavailable, None)]
    assert (health.state, health.hangs, health.crashes) == (AgentState.DOWN, 3, 2)
    assert health.last_error.endswith("NoThreadLeft: 3 threads hang in blocking work, no more are started")


async def test_thread_that_hangs_costs_no_other_agent_its_own() -> None:
    async def other(step: Step) -> int:
        return await step.run_blocking(abs, -7)

    async with gated(1, most_hung=1) as (pool, gate):
        specs = blocking_on(gate), agent(scope="image")(other)
        async with registry_of(*specs, threads=pool, policy=RestartPolicy(intensity=1)) as crew:
            post = Post(crew, deadline_s=0.1)
            for number, item in enumerate("abc", 1):
                post.send(item)
                await post.replied(number)
            post.send("d", role="other")
            await post.replied(4)

    assert post.gave() == [7]


async def test_result_of_a_thread_that_was_given_up_changes_nothing() -> None:
    async with gated(1) as (pool, gate), registry_of(blocking_on(gate), threads=pool) as crew:
        post = Post(crew, deadline_s=0.1)
        post.send("a")
        await post.replied(1)

        gate.open()
        await until_none_hangs(pool)
        post.send("b")
        await post.replied(2)
        (health,) = crew.health()

    assert [(answer.number, answer.incarnation) for answer in post.replies] == [(1, 1), (2, 2)]
    assert (post.gave(), health.hangs, health.crashes, health.state) == ([1], 1, 0, AgentState.RUNNING)
