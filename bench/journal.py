"""The kernel with the durable journal: against a bare asyncio queue, its own lower bounds, and other runtimes."""

import asyncio
import gc
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from bench.kernel import Thing, bare_s, fan_out_bound_s, fan_out_plan, one_role
from bench.table import Row
from monitor import WorkflowMonitor, step_context
from registry import AgentRegistry, ThreadPool
from swarm import AgentSpec, Coordinator, Plan, RunRequest
from swarm.store.journal import SqliteJournal
from swarm.store.lease import BEAT_S
from swarm.store.runs import Runs
from swarm.store.schema import connect
from swarm.store.writer import Writer

STEPS = 5000
ONE_AT_A_TIME = 500
RESUMED = 10_000
REPEATS = 5


async def durable_s(
    path: Path, specs: Sequence[AgentSpec], plan: Plan, request: RunRequest, *, synchronous: str = "FULL"
) -> tuple[float, object]:
    """Seconds and value of a run with everything on: keys, journal, lease, supervision, context, monitor."""
    runs, monitor = Runs(), WorkflowMonitor()
    writer = Writer(partial(connect, path, synchronous=synchronous), name="journal", tick=runs.beat, tick_s=BEAT_S)
    writer.open()
    writer.attach(asyncio.get_running_loop())
    if any(row.id == request.run for row in runs.all(writer)):
        runs.take(writer, request.run)
    else:
        runs.begin(writer, request.run, "bench", b"{}")
    registry = AgentRegistry(specs, threads=ThreadPool(1), observe=monitor.observe, around_step=step_context)
    try:
        async with registry:
            gc.collect()
            began = time.perf_counter()
            coordinator = Coordinator(plan, registry, SqliteJournal(writer, runs), monitor.observe)
            result = await coordinator.run(request)
            seconds = time.perf_counter() - began
        runs.end(writer, request.run, result.state)
        return seconds, result.value
    finally:
        writer.close()


async def things_s(path: Path, steps: int, in_flight: int, *, synchronous: str = "FULL") -> float:
    """Seconds for so many steps that do nothing."""
    specs = one_role(in_flight)
    plan = Plan.of(specs, goal="end", listed=("thing",))
    request = RunRequest("run", {"thing": [Thing(str(n)) for n in range(steps)]}, max_in_flight=in_flight)
    seconds, value = await durable_s(path, specs, plan, request, synchronous=synchronous)
    assert value == steps
    return seconds


def inserts_s(path: Path, rows: int) -> float:
    """Seconds a row for bare inserts, each committed and synced on its own: what one at a time cannot be under."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE rows(number INTEGER, data BLOB)")
        began = time.perf_counter()
        for number in range(rows):
            connection.execute("INSERT INTO rows VALUES(?, ?)", (number, b"x" * 200))
        return (time.perf_counter() - began) / rows


def _fresh(measure: Callable[[Path], float]) -> float:
    """A figure with a file of its own, on the disk that books are made on."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        return measure(Path(folder, "journal.db"))


def _over_bare(in_flight: int, steps: int, synchronous: str) -> float:
    bare = asyncio.run(bare_s(2 * STEPS, in_flight))
    ours = _fresh(lambda path: asyncio.run(things_s(path, steps, in_flight, synchronous=synchronous)))
    return bare / (ours / steps)


def _resumed_s(path: Path) -> float:
    """Seconds to go through a run all of whose steps are finished; one with none has nothing to go through."""

    async def both() -> float:
        await things_s(path, RESUMED, 64)
        return await things_s(path, RESUMED, 64)

    return asyncio.run(both())


def _fan_out_ratio(path: Path) -> float:
    specs, plan, request = fan_out_plan()
    seconds, _ = asyncio.run(durable_s(path, specs, plan, request))
    return seconds / fan_out_bound_s()


def rows() -> list[Row]:
    """All figures of the journal, medians of several repeats."""
    found = []
    for synchronous, least in (("FULL", 0.05), ("NORMAL", 0.06)):
        ratio = median(_over_bare(64, STEPS, synchronous) for _ in range(REPEATS))
        found.append(Row(f"journal {synchronous}, 64 in flight, over a bare queue", ratio, f"at least {least}"))
    ratios = [_one_at_a_time() for _ in range(REPEATS)]
    found.append(Row("journal FULL, one at a time, over a bare queue", median(r for r, _ in ratios), "fsync bound"))
    found.append(Row("  a synced insert over such a step", median(r for _, r in ratios), "beside it"))
    fan_out = median(_fresh(_fan_out_ratio) for _ in range(REPEATS))
    found.append(Row("fan-out plan with the journal over its lower bound", fan_out, "at most 1.03"))
    resumed = median(_fresh(_resumed_s) for _ in range(REPEATS))
    found.append(Row(f"seconds to resume {RESUMED} finished steps", resumed, "at most 1.0 more than none"))
    return found + _others()


def _one_at_a_time() -> tuple[float, float]:
    bare = asyncio.run(bare_s(STEPS, 1))
    insert = _fresh(lambda path: inserts_s(path, ONE_AT_A_TIME))
    ours = _fresh(lambda path: asyncio.run(things_s(path, ONE_AT_A_TIME, 1))) / ONE_AT_A_TIME
    return bare / ours, insert / ours


def _others() -> list[Row]:
    """The same work on other durable runtimes, where the extra `bench` is installed."""
    if not (find_spec("langgraph") and find_spec("dbos")):
        return []
    from bench import peers  # heavy, and there only with the extra

    ours = median(_fresh(lambda path: asyncio.run(things_s(path, STEPS, 64))) / STEPS for _ in range(3))
    return [
        Row(f"{name}: its time a step over ours, 64 in flight", seconds / ours, "at least 10")
        for name, seconds in peers.seconds_a_step().items()
    ]
