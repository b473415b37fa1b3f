"""A run that is stopped: by a brake, by what every step would meet, and what of it is kept."""

import asyncio
import errno
from collections.abc import Sequence

import pytest

from swarm import AgentSpec, Brake, Kind, Provisional, Step, StepId, agent
from swarm.errors import RunBroken
from swarm.journal import Claim, Prior, Setback
from swarm.request import INTERRUPTED
from tests.swarm.clockwork import now_s
from tests.swarm.harness import LaterJournal, Swarm, story
from tests.swarm.plans import LISTED


def slow(seconds: float, *, workers: int = 2, kind: Kind = Kind.PURE, braked: Brake | None = None) -> AgentSpec:
    """look, which takes its time; the step of the item `brake` pulls the brake first."""

    @agent(scope=LISTED, workers=workers, kind=kind)
    async def look(step: Step) -> str:
        if step.id.item == "brake" and braked is not None:
            braked.pull("interrupted", drain_s=5)
        await asyncio.sleep(seconds)
        return step.id.item

    return look


async def test_brake_lets_what_is_in_hand_end_and_starts_nothing_more() -> None:
    journal, brake = LaterJournal(), Brake()
    swarm = Swarm(story([], slow(1.0, braked=brake)), journal=journal)

    result = await swarm.run("brake", "b", "c", "d", brake=brake)

    assert (result.state, result.code, result.failure) == ("interrupted", INTERRUPTED, "interrupted")
    assert sorted(entry.step.item for entry in journal.recorded) == ["b", "brake"]
    assert now_s() == pytest.approx(1.0, abs=0.2)


async def test_brake_waits_no_longer_than_it_may() -> None:
    journal, brake = LaterJournal(), Brake()
    swarm = Swarm(story([], slow(60.0, braked=brake)), journal=journal)

    result = await swarm.run("brake", "b", brake=brake)

    assert (result.state, journal.recorded) == ("interrupted", [])
    assert now_s() == pytest.approx(5.0, abs=0.5)


async def test_second_pull_ends_the_waiting() -> None:
    brake = Brake()
    swarm = Swarm(story([], slow(60.0, braked=brake)))
    asyncio.get_running_loop().call_later(1.0, lambda: brake.pull("again", drain_s=0))

    result = await swarm.run("brake", brake=brake)

    assert result.failure == "interrupted"
    assert now_s() == pytest.approx(1.0, abs=0.2)


async def test_run_whose_brake_is_pulled_before_it_begins_does_nothing() -> None:
    calls: list[StepId] = []
    brake = Brake()
    brake.pull("too late")

    result = await Swarm(story(calls)).run("a", brake=brake)

    assert (result.state, calls) == ("interrupted", [])


@pytest.mark.parametrize(
    "error", [RunBroken("the disk is full"), OSError(errno.ENOSPC, "No space left on device", "x")]
)
async def test_run_stops_with_the_one_cause_when_every_step_would_meet_it(error: Exception) -> None:
    @agent(scope=LISTED, workers=4)
    async def look(step: Step) -> str:
        raise error

    swarm = Swarm(story([], look))
    async with swarm.registry() as registry:
        result = await swarm.run_with(registry, *"abcdefgh")
        (health, *_) = registry.health()

    assert (result.state, result.code, result.failed_step) == ("failed", "broken", StepId("look", "a"))
    assert ("full" in result.failure) or ("No space left on device; mend that and resume" in result.failure)
    assert (health.restarts, health.state.value) == (0, "running")


async def test_other_error_of_the_system_is_the_crash_of_its_worker() -> None:
    @agent(scope=LISTED)
    async def look(step: Step) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    result = await Swarm(story([], look)).run("a", max_attempts=2)

    assert "crashed its worker 2 times" in result.lost[LISTED, "a"]


async def test_failed_run_waits_for_what_was_paid_for_and_for_nothing_else() -> None:
    @agent(scope=LISTED, workers=2, kind=Kind.PAID)
    async def look(step: Step) -> str:
        await asyncio.sleep(2 if step.id.item == "long" else 0.1)
        if step.id.item == "broken":
            raise RunBroken("the disk is full")
        return step.id.item

    journal = LaterJournal()
    result = await Swarm(story([], look), journal=journal).run("long", "broken")

    assert result.failure == "the disk is full"
    assert [entry.step.item for entry in journal.recorded] == ["long"]


async def test_provisional_result_goes_on_but_is_done_again_in_the_next_run() -> None:
    calls: list[StepId] = []

    @agent(scope=LISTED)
    async def look(step: Step) -> str | Provisional[str]:
        calls.append(step.id)
        return Provisional("dim", "the light is off") if len(calls) == 1 else "bright"

    swarm = Swarm(story([], look))
    dim = await swarm.run("a")

    assert (dim.value, (await swarm.run("a")).value) == ({"a": "DIM"}, {"a": "BRIGHT"})


class Remembering(LaterJournal):
    """A journal that knows of deaths and setbacks in runs before."""

    def __init__(self, priors: dict[str, Prior]) -> None:
        super().__init__()
        self._priors = priors

    def find(self, run: str, claims: Sequence[Claim], then: object) -> None:
        found = [self._priors.get(claim.step.item, Prior()) for claim in claims if claim.step.role == "look"]
        if found:
            self._later(then, found)  # type: ignore[arg-type]  # takes the priors
        else:
            super().find(run, claims, then)  # type: ignore[arg-type]


async def test_step_is_set_aside_when_it_was_in_hand_at_three_deaths_and_the_rest_goes_on() -> None:
    swarm = Swarm(story([], slow(0.1)), journal=Remembering({"b": Prior(deaths=3), "c": Prior(setbacks=3)}))

    result = await swarm.run("a", "b", "c", "d")

    assert result.value.keys() == {"a", "d", "no b", "no c"}  # type: ignore[attr-defined]
    assert result.lost[LISTED, "b"] == "set aside: the program died 3 times while it was at this"
    assert result.lost[LISTED, "c"] == "set aside: it took its worker down 3 times"


async def test_suspects_go_one_at_a_time_while_others_go_together() -> None:
    at_work: set[str] = set()
    together: list[set[str]] = []

    @agent(scope=LISTED, workers=8, kind=Kind.HAZARDOUS)
    async def look(step: Step) -> str:
        at_work.add(step.id.item)
        together.append(set(at_work))
        await asyncio.sleep(0.1)
        at_work.discard(step.id.item)
        return ""

    suspects = {"a", "b", "c"}
    journal = Remembering({item: Prior(deaths=1) for item in suspects})
    result = await Swarm(story([], look), journal=journal).run(*"abcdef")

    assert result.state == "complete"
    assert max(len(items & suspects) for items in together) == 1
    assert max(len(items - suspects) for items in together) == 3


async def test_setbacks_before_count_and_new_ones_are_noted() -> None:
    tries: list[int] = []

    @agent(scope=LISTED)
    async def look(step: Step) -> str:
        tries.append(1)
        raise ValueError("it broke")

    journal = Remembering({"a": Prior(setbacks=1)})
    result = await Swarm(story([], look), journal=journal).run("a")

    assert len(tries) == 2
    assert "crashed its worker 3 times: ValueError: it broke" in result.lost[LISTED, "a"]
    assert [(s.step.item, s.is_hang, s.cause) for s in journal.setbacks] == [("a", False, "ValueError: it broke")] * 2
    assert isinstance(journal.setbacks[0], Setback)
