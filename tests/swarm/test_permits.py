"""How much is in hand at a time: never too much, and never less than could be."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from registry import AgentRegistry
from swarm import AgentSpec, Gathered, Journal, MemoryJournal, Step, agent
from swarm.journal import Entry
from swarm.messages import Order
from tests.swarm.clockwork import now_s
from tests.swarm.harness import Brief, LaterJournal, Opening, Swarm, story
from tests.swarm.plans import LISTED, OPENED
from tests.swarm.profiling import counted_calls


class Tally:
    """Counts the steps at work, by role and overall."""

    def __init__(self) -> None:
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.busy_s = 0.0

    async def work(self, role: str, pause_s: float) -> None:
        for name in (role, "all"):
            self.now[name] += 1
            self.most[name] = max(self.most[name], self.now[name])
        await asyncio.sleep(pause_s)
        self.busy_s += pause_s
        self.now.subtract([role, "all"])


def working(tally: Tally, *, workers: int, pause_s: float = 0.02) -> list[AgentSpec]:
    """look and write, which take their time."""

    @agent(scope=LISTED, workers=workers)
    async def look(step: Step) -> str:
        await tally.work("look", pause_s)
        return ""

    @agent(scope=LISTED, needs=("look",), workers=workers)
    async def write(step: Step, *, look: str) -> str:
        await tally.work("write", pause_s)
        return ""

    return [look, write]


@pytest.mark.parametrize(("workers", "most"), [(1, 64), (3, 64), (5, 4), (5, 1), (8, 10)])
async def test_no_more_steps_are_in_hand_than_workers_and_permits_allow(workers: int, most: int) -> None:
    tally = Tally()

    result = await Swarm(story([], *working(tally, workers=workers))).run(*"abcdefghijklmnop", max_in_flight=most)

    assert result.state == "complete"
    assert tally.most["look"] == min(workers, most, 16)
    assert tally.most["write"] <= min(workers, most)
    assert tally.most["all"] <= min(2 * workers, most)


async def test_steps_are_started_first_come_first_served_when_permits_are_few() -> None:
    calls: list[Any] = []

    await Swarm(story(calls)).run("a", "b", max_in_flight=1)

    assert [tuple(step) for step in calls] == [
        ("look", "a"),
        ("look", "b"),
        ("write", "a"),
        ("write", "b"),
        ("bind", ""),
    ]


def fan_out(tally: Tally) -> list[AgentSpec]:
    """One step, 24 images of 8 at a time, a barrier, and for each of 6 pages a chain of three steps."""

    @agent(scope=LISTED, workers=8)
    async def look(step: Step) -> str:
        await tally.work("look", 0.02)
        return ""

    @agent(scope="book", needs=("look",), opens=OPENED)
    async def sequence(step: Step, *, look: Gathered[str]) -> Opening:
        await tally.work("sequence", 0.01)
        return Opening(tuple(Brief(f"p{n}") for n in range(6)))

    @agent(scope=OPENED, workers=8)
    async def write(step: Step) -> str:
        await tally.work("write", 0.01 if step.id.item == "p0" else 0.03)
        return ""

    @agent(scope=OPENED, needs=("write",), workers=8)
    async def design(step: Step, *, write: str) -> str:
        await tally.work("design", 0.03 if step.id.item == "p0" else 0.01)
        return ""

    @agent(scope="book", needs=("design",))
    async def bind(step: Step, *, design: Gathered[str]) -> int:
        await tally.work("bind", 0.01)
        return len(design)

    return [look, sequence, write, design, bind]


async def test_fan_out_takes_no_longer_than_its_longest_path_and_its_workers_allow() -> None:
    tally = Tally()

    result = await Swarm(fan_out(tally)).run(*(f"i{n}" for n in range(24)))

    # 24 x 20 ms by 8 workers, the barrier, chains of 40 ms side by side without one, the book
    assert result.value == 6
    assert now_s() == pytest.approx(0.06 + 0.01 + 0.04 + 0.01, abs=0.001)
    assert tally.most["look"] == 8
    assert tally.busy_s == pytest.approx(24 * 0.02 + 0.01 + 6 * 0.04 + 0.01)


class Counting:
    """A crew that counts the orders that are out."""

    def __init__(self, inner: AgentRegistry) -> None:
        self._inner = inner
        self.out = 0
        self.most_out = 0
        self.capacity = inner.capacity
        self.run_blocking = inner.run_blocking
        self.cancel = inner.cancel

    def send(self, order: Order) -> None:
        self.out += 1
        self.most_out = max(self.most_out, self.out)

        def reply_to(reply: Any) -> None:
            self.out -= 1
            order.reply_to(reply)

        self._inner.send(replace(order, reply_to=reply_to))


@pytest.mark.parametrize(
    ("journal", "items"), [(MemoryJournal(), 1500), (LaterJournal(), 400)], ids=["at once", "later"]
)
async def test_queues_stay_bounded_in_a_long_run_when_the_journal_answers(journal: Journal, items: int) -> None:
    # the bounded inbox and mailboxes refuse what is over their size, which would end the run
    swarm = Swarm(story([]), journal=journal)
    async with swarm.registry() as registry:
        crew = Counting(registry)

        result = await swarm.run_with(crew, *(f"i{n}" for n in range(items)), max_in_flight=8)

    assert result.state == "complete"
    assert len(swarm.ended()) == 2 * items + 1
    assert 1 < crew.most_out <= 8
    assert not isinstance(journal, LaterJournal) or journal.most_waiting <= 4 * 8


class SlowDisk(LaterJournal):
    """A journal that takes long to make an entry durable."""

    unwritten = 0
    most_unwritten = 0

    def record(self, run: str, entries: Sequence[Entry], then: Callable[[], None]) -> None:
        self.unwritten += len(entries)
        self.most_unwritten = max(self.most_unwritten, self.unwritten)
        asyncio.get_running_loop().call_later(5, self._written, run, entries, then)

    def _written(self, run: str, entries: Sequence[Entry], then: Callable[[], None]) -> None:
        self.unwritten -= len(entries)
        super().record(run, entries, then)


async def test_work_waits_for_the_journal_when_too_much_is_not_yet_durable() -> None:
    journal = SlowDisk()

    result = await Swarm(story([]), journal=journal).run(*(f"i{n}" for n in range(60)), max_in_flight=4)

    assert result.state == "complete"
    assert 4 < journal.most_unwritten <= 3 * 4


async def calls_of_a_step(items: int) -> float:
    """The calls made for a step on average, in a whole run of so many items."""
    with counted_calls() as calls:
        result = await Swarm(story([])).run(*(f"i{n}" for n in range(items)), max_in_flight=8)
    assert result.state == "complete"
    return calls.number / (2 * items)


async def test_step_costs_the_same_whatever_the_size_of_the_run() -> None:
    small, large = await calls_of_a_step(25), await calls_of_a_step(500)

    assert large <= 1.2 * small
