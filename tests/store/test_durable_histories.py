"""Random plans whose process dies at random moments and is started again: as if nothing had happened."""

import asyncio
import dataclasses
import hashlib
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import AgentRegistry, ThreadPool
from swarm import (
    AgentSpec,
    Coordinator,
    Gathered,
    Kind,
    Plan,
    Rework,
    RunRequest,
    RunResult,
    Step,
    StepError,
)
from swarm.errors import JournalError
from tests.store.stores import Store, kill_holders, opened
from tests.swarm.harness import voices
from tests.swarm.plans import LISTED, plans

ITEMS = ("i0", "i1", "i2")


@dataclass(frozen=True)
class Brief:
    """An item."""

    item: str


@dataclass(frozen=True)
class Opening:
    """What a role gives that opens the pages."""

    briefs: tuple[Brief, ...]


@dataclass
class World:
    """What is the same in every process: how each step behaves, by its inputs alone; and when processes die."""

    seed: int
    deaths: list[int] = field(default_factory=list)
    calls: int = 0
    dying: asyncio.Event = field(default_factory=asyncio.Event)

    def specs(self, plan: Plan) -> list[AgentSpec]:
        return [self._behaving(spec) for spec in plan.specs.values()]

    def _behaving(self, spec: AgentSpec) -> AgentSpec:
        chance = Random(f"{self.seed} {spec.role}")

        async def handler(step: Step, **given: Any) -> Any:
            self.calls += 1
            if self.deaths and self.calls >= self.deaths[0]:
                self.dying.set()
                await asyncio.Event().wait()
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            return self._answer(spec, step, given)

        return dataclasses.replace(
            spec,
            handler=handler,
            gives=Opening if spec.opens else int,
            kind=chance.choice([Kind.PURE, Kind.PURE, Kind.PAID, Kind.HAZARDOUS]),
            workers=chance.randint(1, 3),
            ports=("voice",) if spec.may_fall_back else (),
        )

    def _answer(self, spec: AgentSpec, step: Step, given: dict[str, Any]) -> Any:
        told = repr((self.seed, step.id, step.round, step.notes, step.rejected, _plain(given)))
        number = int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")
        if number % 100 < 12:
            raise StepError(f"no {step.id}")
        result: Any = Opening(tuple(Brief(f"p{n}") for n in range(number % 4))) if spec.opens else number
        if spec.may_rework and number % 100 < 45:
            return Rework(spec.may_rework[number % len(spec.may_rework)], f"notes {number}", result)
        return result


def _plain(given: Any) -> Any:
    if isinstance(given, Gathered):
        return sorted(given.items()), sorted(given.losses.items())
    return {name: _plain(value) for name, value in given.items()} if isinstance(given, dict) else given


async def _process(path: Path, plan: Plan, world: World, *, is_first: bool) -> RunResult | None:
    """One life of the program: None if it died."""
    world.calls, world.dying = 0, asyncio.Event()
    with opened(path) as store:
        store.writer.attach(asyncio.get_running_loop())
        if is_first:
            store.begin()
        else:
            kill_holders(store)
            store.runs.take(store.writer, "run")
        specs = world.specs(plan)
        whole = Plan.of(specs, goal=plan.goal, listed=[LISTED])
        async with AgentRegistry(specs, threads=ThreadPool(1)) as registry:
            coordinator = Coordinator(whole, registry, store.journal, lambda _event: None)
            listed = {LISTED: [Brief(item) for item in ITEMS]}
            request = RunRequest(
                "run",
                listed,
                ports=voices(voice="online"),
                fallback_ports=voices(voice="offline"),
                max_in_flight=4,
            )
            run = asyncio.create_task(coordinator.run(request))
            death = asyncio.create_task(world.dying.wait())
            await asyncio.wait([run, death], return_when=asyncio.FIRST_COMPLETED, timeout=60)
            death.cancel()
            if run.done():
                return run.result()
            assert world.dying.is_set(), "the run neither ended nor died"
            store.writer._fault = JournalError("killed")  # what is not yet written is lost with the process
            run.cancel()
            await asyncio.wait([run])
    return None


def _recorded(store: Store) -> Counter[tuple[str, str, bytes]]:
    """How often each step was finished: role, item and key."""
    rows = store.rows("SELECT role, item, key FROM steps WHERE state IN ('done', 'failed')")
    return Counter((role, item, key) for role, item, key in rows)


async def _played(path: Path, plan: Plan, world: World) -> tuple[RunResult, Counter[tuple[str, str, bytes]]]:
    deaths = list(world.deaths)
    result = await _process(path, plan, world, is_first=True)
    while result is None:
        world.deaths.pop(0)
        result = await _process(path, plan, world, is_first=False)
    world.deaths = deaths
    with opened(path) as store:
        return result, _recorded(store)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(), st.integers(0, 2**16), st.lists(st.integers(1, 12), max_size=2))
def test_run_that_died_ends_as_one_that_did_not_and_finishes_each_step_once(
    plan: Plan, seed: int, deaths: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole, steps = asyncio.run(_played(Path(folder, "whole.db"), plan, World(seed)))
        broken, again = asyncio.run(_played(Path(folder, "broken.db"), plan, World(seed, list(deaths))))

    assert set(again.values()) <= {1}  # none is answered twice
    if not (whole.lost or whole.failure):  # else it depends on who was first, what was still done for a lost item
        assert again.keys() == steps.keys()  # none is lost, and reworks come back under the same keys
    assert (broken.value, broken.lost, bool(broken.failure)) == (whole.value, whole.lost, bool(whole.failure))
