import asyncio
import json

from monitor.feed import Feed, name_of
from monitor.workflow import WorkflowMonitor
from swarm.agent import StepId
from swarm.events import CallEnded, LoopTurned, RunStarted, StepEnded, StepSent
from tests.monitor.conftest import Clock


def told_lags(feed: Feed, count: int) -> None:
    for number in range(count):
        feed.tell(LoopTurned(float(number)))


async def test_a_watcher_takes_what_comes_after_it_joined_in_order() -> None:
    feed = Feed()
    told_lags(feed, 2)
    with feed.subscribe(pace_s=0) as watcher:
        told_lags(feed, 3)
        first = await watcher.take()
        told_lags(feed, 1)
        second = await watcher.take()

    assert [told.id for told in first] == [3, 4, 5]
    assert [told.id for told in second] == [6]
    assert watcher.missed == feed.missed == 0


async def test_a_watcher_goes_on_where_it_was() -> None:
    feed = Feed()
    told_lags(feed, 9)
    with feed.subscribe(after=6) as watcher:
        assert [told.id for told in await watcher.take()] == [7, 8, 9]


async def test_a_number_that_was_never_given_is_the_beginning_of_the_ring() -> None:
    feed = Feed(size=3)
    told_lags(feed, 5)
    for number in (99, -1):
        with feed.subscribe(after=number) as watcher:
            assert [told.id for told in await watcher.take()] == [3, 4, 5]
            assert watcher.missed == 0


async def test_a_slow_watcher_loses_the_oldest_and_is_told_how_many() -> None:
    feed = Feed(size=10)
    with feed.subscribe(after=0, pace_s=0) as slow, feed.subscribe(after=0, pace_s=0) as quick:
        for _ in range(5):
            told_lags(feed, 10)
            assert len(await quick.take()) == 10
        batch = await slow.take()

    assert [told.id for told in batch] == list(range(41, 51))
    assert (slow.missed, quick.missed, feed.missed) == (40, 0, 40)


async def test_take_waits_for_the_next_event_and_wakes_every_watcher_once() -> None:
    feed = Feed()
    with feed.subscribe() as one, feed.subscribe() as other:
        takes = [asyncio.create_task(watcher.take()) for watcher in (one, other)]
        await asyncio.sleep(0)
        assert feed.watchers == 2
        told_lags(feed, 2)
        batches = await asyncio.gather(*takes)

    assert [[told.id for told in batch] for batch in batches] == [[1, 2], [1, 2]]
    assert feed.watchers == 0


async def test_take_gives_nothing_after_its_time_and_leaves_nothing_behind() -> None:
    feed = Feed()
    with feed.subscribe() as watcher:
        assert await watcher.take(timeout_s=0.01) == []

        taking = asyncio.create_task(watcher.take())
        await asyncio.sleep(0)
        taking.cancel()
        await asyncio.wait({taking})

    assert taking.cancelled()
    assert feed._waiting == []


async def test_between_two_takes_there_is_a_pause_so_that_a_burst_is_one_batch() -> None:
    feed = Feed()
    with feed.subscribe(pace_s=0.05) as watcher:
        told_lags(feed, 1)
        await watcher.take()
        told_lags(feed, 1)
        late = asyncio.create_task(watcher.take())
        await asyncio.sleep(0)
        assert not late.done()
        told_lags(feed, 30)

        assert len(await late) == 31


def test_a_told_event_is_plain_values_with_its_step_as_role_and_item() -> None:
    feed = Feed(clock=Clock(1_700_000_000.12345))
    feed.tell(StepSent("r1", StepId("read", "a.png"), 2, 0))
    feed.tell(RunStarted("r1", ("read", "bind")))
    feed.tell(CallEnded("openai", "ok", 0.5, tokens=(("input", 3),)))

    sent, started, call = (told.as_dict() for told in feed.since(0))

    place = {"run": "r1", "role": "read", "item": "a.png", "attempt": 2, "round": 0}
    assert sent == {"id": 1, "at": 1_700_000_000.123, "event": "step_sent"} | place
    assert (started["event"], started["roles"]) == ("run_started", ["read", "bind"])
    assert call["tokens"] == [["input", 3]]


def test_hostile_text_is_one_line_of_ascii_without_secrets_and_bounded() -> None:
    feed = Feed()
    hostile = "a\ndata: {}\n\n\u202e\ud800 Bearer abcdefghijklmnop " + "x" * 10_000
    feed.tell(StepEnded("r1", StepId("read", hostile), "failed", 1.0, 0, hostile))

    (told,) = feed.since(0)

    assert told.as_json().isascii()
    assert told.as_json().isprintable()
    assert len(told.as_json()) < 1_500
    assert "Bearer abc" not in told.as_json()
    assert json.loads(told.as_json()) == told.as_dict()
    assert told.as_json() is told.as_json()


def test_a_monitor_tells_its_feed_what_it_observed() -> None:
    feed = Feed()
    monitor = WorkflowMonitor(feed=feed)
    monitor.observe(RunStarted("r1", ("read",)))
    monitor.observe(StepSent("r1", StepId("read", "a"), 1, 0))
    monitor.observe(StepEnded("r1", StepId("read", "a"), "done", 1.0, 0))

    assert [told.name for told in feed.since(0)] == ["run_started", "step_sent", "step_ended"]


def test_a_broken_feed_does_not_reach_the_swarm() -> None:
    def broken() -> float:
        raise OSError("no clock")

    monitor = WorkflowMonitor(feed=Feed(clock=broken))
    monitor.observe(RunStarted("r1", ("read",)))

    assert monitor.faults == 1
    assert monitor.snapshot().run == "r1"


def test_the_ring_is_bounded() -> None:
    feed = Feed(size=4)
    told_lags(feed, 100)

    assert (feed.oldest, feed.newest, len(feed.since(0))) == (97, 100, 4)


def test_events_are_called_by_their_class() -> None:
    assert name_of(LoopTurned(0.0)) == "loop_turned"
