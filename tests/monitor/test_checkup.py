"""Asking probes is without risk: they may hang, raise, block, and be asked by many."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from monitor.checkup import Checkup, Named
from monitor.health import Check, Health, Probe, Status
from tests.monitor.conftest import Clock

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def a_checkup(
    quick: dict[str, Probe] | None = None,
    slow: dict[str, Probe] | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
    deadline_s: float = 5.0,
) -> Checkup:
    named = Named("1.2", "books", "makes books")
    return Checkup(quick or {}, slow or {}, named=named, deadline_s=deadline_s, clock=clock, now=lambda: NOON)


def status(health: Health, name: str) -> Status:
    (check,) = health.checks[name]
    return check.status


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What holds up a probe until the test is over."""
    event = threading.Event()
    yield event
    event.set()


async def test_examine_asks_all_probes_and_says_when(clock: Clock) -> None:
    checkup = a_checkup({"agent": Check}, {"disk": lambda: [Check(), Check(Status.WARN, time="long ago")]}, clock=clock)
    clock.now += 7

    health = await checkup.examine()

    assert (health.version, health.service_id, health.uptime_s) == ("1.2", "books", 7)
    assert health.status is Status.WARN
    assert list(health.checks) == ["agent", "disk"]
    assert [check.time for check in health.checks["disk"]] == ["2026-01-31T12:00:00+00:00", "long ago"]


async def test_a_part_of_which_nothing_is_said_is_not_named() -> None:
    assert list((await a_checkup({"alerts": list, "agent": Check}).examine()).checks) == ["agent"]


async def test_slow_probes_run_off_the_loop_and_quick_ones_on_it() -> None:
    threads: dict[str, threading.Thread] = {}

    def probe(name: str) -> Probe:
        def look() -> Check:
            threads[name] = threading.current_thread()
            return Check()

        return look

    await a_checkup({"quick": probe("quick")}, {"slow": probe("slow")}).examine()

    assert threads["quick"] is threading.current_thread()
    assert threads["slow"] is not threading.current_thread()
    assert threads["slow"].daemon


async def test_an_answer_is_kept_for_some_seconds(clock: Clock) -> None:
    asked: list[int] = []

    def probe() -> Check:
        asked.append(1)
        return Check()

    checkup = a_checkup({"quick": probe}, {"slow": probe}, clock=clock)
    for _ in range(5):
        await checkup.examine()
    assert len(asked) == 2

    clock.now += 3
    await checkup.examine()

    assert len(asked) == 4


async def test_many_who_ask_at_once_share_one_answer() -> None:
    asked: list[int] = []

    def probe() -> Check:
        asked.append(1)
        return Check()

    checkup = a_checkup(slow={"slow": probe})

    answers = await asyncio.gather(*(checkup.examine() for _ in range(50)))

    assert len(asked) == 1
    assert {answer.status for answer in answers} == {Status.PASS}


async def test_a_probe_that_raises_fails_alone() -> None:
    def broken() -> Check:
        raise RuntimeError("sk-abcdefghijklmnop")

    health = await a_checkup({"a": broken, "b": Check}, {"c": broken, "d": Check}).examine()

    assert [status(health, name) for name in "abcd"] == ["fail", "pass", "fail", "pass"]
    assert "[redacted]" in health.checks["c"][0].output


async def test_a_probe_that_hangs_fails_at_its_deadline_and_is_never_asked_twice(
    clock: Clock, gate: threading.Event
) -> None:
    asked: list[int] = []

    def hangs() -> Check:
        asked.append(1)
        gate.wait()
        return Check()

    checkup = a_checkup({"quick": Check}, {"hangs": hangs, "slow": Check}, clock=clock, deadline_s=0.05)
    first = await checkup.examine()
    for _ in range(20):
        clock.now += 10
        later = await checkup.examine()

    assert (status(first, "hangs"), status(first, "slow"), status(first, "quick")) == ("fail", "pass", "pass")
    assert first.checks["hangs"][0].output == "The check of hangs took longer than 0.05 s."
    assert later.checks["hangs"][0].output == "The check of hangs does not come to an end."
    assert len(asked) == 1
    assert sum(thread.name == "checkup" for thread in threading.enumerate()) == 1


async def test_a_probe_that_ends_late_is_asked_again_next_time(clock: Clock, gate: threading.Event) -> None:
    def late() -> Check:
        gate.wait()
        return Check(output="at last")

    checkup = a_checkup(slow={"late": late}, clock=clock, deadline_s=0.05)
    assert status(await checkup.examine(), "late") is Status.FAIL
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "checkup")
    gate.set()
    await asyncio.to_thread(thread.join, 10)

    clock.now += 10
    health = await checkup.examine()

    assert health.checks["late"][0].output == "at last"


async def test_a_probe_that_blocks_does_not_hold_up_the_loop(gate: threading.Event) -> None:
    def blocks() -> Check:
        gate.wait()
        return Check()

    asking = asyncio.create_task(a_checkup(slow={"blocks": blocks}).examine())
    turns = 0
    for _ in range(100):
        await asyncio.sleep(0)
        turns += 1
    assert not asking.done()
    gate.set()

    assert turns == 100
    assert (await asking).status is Status.PASS


async def test_latest_never_waits_and_asks_anew_meanwhile(clock: Clock) -> None:
    checkup = a_checkup({"quick": lambda: Check(output="seen")}, {"slow": Check}, clock=clock)

    first = checkup.latest()
    await checkup.examine()
    second = checkup.latest()
    clock.now += 10
    third = checkup.latest()

    assert first.checks["quick"][0].output == "It is being looked at for the first time."
    assert second.checks["quick"][0].output == third.checks["quick"][0].output == "seen"
    await checkup.examine()


async def test_a_probe_without_a_thread_to_be_had_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)

    health = await a_checkup(slow={"slow": Check}).examine()

    assert health.checks["slow"][0].output == "The check of slow could not be begun."


def test_an_answer_after_the_end_of_the_loop_is_nobodys(gate: threading.Event) -> None:
    def late() -> Check:
        gate.wait()
        return Check()

    health = asyncio.run(a_checkup(slow={"late": late}, deadline_s=0.05).examine())
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "checkup")
    gate.set()
    thread.join(10)

    assert health.status is Status.FAIL
    assert not thread.is_alive()
