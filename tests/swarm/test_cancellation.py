"""A run that is cancelled, or fails, leaves nothing at work behind."""

import asyncio

import pytest

from swarm import AgentSpec, Step, StepError, StepId, agent
from swarm.events import RunEnded
from tests.swarm.clockwork import now_s
from tests.swarm.harness import Swarm, story
from tests.swarm.plans import LISTED


class Stage:
    """Tells who is at work and how it ended."""

    def __init__(self) -> None:
        self.at_work: set[StepId] = set()
        self.cancelled: set[StepId] = set()
        self.is_full = asyncio.Event()

    def waiting(self, *, workers: int, full_with: int) -> AgentSpec:
        """An agent whose steps wait for ever; the stage is full with so many of them."""

        @agent(scope=LISTED, workers=workers)
        async def look(step: Step) -> str:
            self.at_work.add(step.id)
            if len(self.at_work) == full_with:
                self.is_full.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled.add(step.id)
                await asyncio.sleep(0.1)  # it takes its time to clean up
                raise
            finally:
                self.at_work.discard(step.id)
            return ""

        return look


async def test_every_handler_sees_the_cancellation_when_its_run_is_cancelled() -> None:
    stage = Stage()
    swarm = Swarm(story([], stage.waiting(workers=4, full_with=4)))
    async with swarm.registry() as crew:
        run = asyncio.create_task(swarm.run_with(crew, *"abcdefgh"))
        await stage.is_full.wait()

        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

        assert stage.at_work == set()
        assert stage.cancelled == {StepId("look", item) for item in "abcd"}
        assert swarm.events[-1] == RunEnded("run", "interrupted", 0.0, "CancelledError")


async def test_crew_serves_the_next_run_when_one_was_cancelled() -> None:
    stage = Stage()
    swarm = Swarm(story([], stage.waiting(workers=2, full_with=2)))
    async with swarm.registry() as crew:
        for name in ("first", "second"):
            stage.is_full.clear()
            run = asyncio.create_task(swarm.run_with(crew, *"abcd", run=name))
            await stage.is_full.wait()
            run.cancel()
            await asyncio.wait([run])
        healths = {health.role: health for health in crew.health()}

    assert stage.at_work == set()
    assert (healths["look"].workers, healths["look"].restarts, healths["look"].waiting) == (2, 0, 0)


async def test_steps_in_hand_are_stopped_when_the_run_fails() -> None:
    stage = Stage()

    @agent(scope="book")
    async def doom(step: Step) -> str:
        await stage.is_full.wait()
        raise StepError("doomed")

    @agent(scope="book", needs=("doom",))
    async def bind(step: Step, *, doom: str) -> str:
        return doom

    swarm = Swarm(story([], stage.waiting(workers=2, full_with=2), doom, bind))

    result = await swarm.run("a", "b", "c")

    assert result.failure == "doomed"
    assert stage.cancelled == {StepId("look", "a"), StepId("look", "b")}


async def test_optional_step_is_waited_for_when_the_goal_is_done() -> None:
    @agent(scope="book")
    async def postscript(step: Step) -> str:
        await asyncio.sleep(30)
        return ""

    swarm = Swarm(story([], postscript))

    await swarm.run("a")

    assert swarm.ended()[-1] == ("postscript", "", "done")
    assert now_s() == pytest.approx(30, abs=0.1)


async def test_other_run_of_the_same_crew_goes_on_when_one_is_cancelled() -> None:
    is_stuck = asyncio.Event()

    @agent(scope=LISTED, workers=4)
    async def look(step: Step) -> str:
        if step.run == "stuck":
            is_stuck.set()
            await asyncio.Event().wait()
        await asyncio.sleep(1)
        return ""

    swarm = Swarm(story([], look))
    async with swarm.registry() as crew:
        stuck = asyncio.create_task(swarm.run_with(crew, "a", "b", run="stuck"))
        await is_stuck.wait()
        other = asyncio.create_task(swarm.run_with(crew, "c", "d", run="other"))
        await asyncio.sleep(0.5)

        stuck.cancel()
        await asyncio.wait([stuck])

        assert stuck.cancelled()
        assert (await other).state == "complete"
