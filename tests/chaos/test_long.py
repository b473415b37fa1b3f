"""The long form, `make chaos`: the sample killed at every boundary of its steps, and at random moments."""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.chaos.stage import LIMIT_S, Stage
from tests.conftest import ROOT
from tests.e2e.books import lasting
from tests.e2e.running import Ended

pytestmark = pytest.mark.timeout(3600)

MOMENTS, CASES = 200, 20
ROLES = ("ingest", "pair", "sequence", "arrange", "grid", "write", "design", "review", "scale", "bind")
BOUNDARIES = ("sent", "work", "done", "recorded")


@pytest.fixture(scope="session")
def sample(stage_of_sample: Stage) -> Path:
    """The sample book, made without a break."""
    ended = stage_of_sample.make()
    assert ended.code == 0, ended
    return ended.book


@pytest.fixture(scope="session")
def stage_of_sample(checkout: object, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(checkout, ROOT / "sample", tmp_path_factory.mktemp("sample"))  # type: ignore[arg-type]


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("role", ROLES)
def test_the_sample_is_killed_at_this_boundary_of_every_step(
    role: str, boundary: str, stage_of_sample: Stage, sample: Path, tmp_path: Path
) -> None:
    """One run, killed at this boundary of each of its steps in turn, from the first to the last."""
    stage = Stage(stage_of_sample.checkout, stage_of_sample.source, tmp_path)
    steps = sum(p.place == f"{boundary}.{role}" for p in stage_of_sample.trace())
    command = "make"
    for _ in range(steps):
        ended = (stage.make if command == "make" else stage.resume)(at=f"{boundary}.{role}:1:kill")
        if ended.code == 0:
            break
        assert ended.code == -signal.SIGKILL, ended
        stage.kills += 1
        command = "resume"
        if (
            role == "ingest" and stage.kills == 2
        ):  # what was in hand at three deaths is set aside: not what is tried here
            break
    ended = stage.resume() if command == "resume" and ended.code else ended
    stage.check_after(set(), ended)
    assert lasting(ended.book) == lasting(sample)


@pytest.mark.parametrize("seed", range(CASES))
def test_runs_that_are_killed_at_random_moments_make_the_same_book(stage: Stage, unbroken: Path, seed: int) -> None:
    """Each case dies ten times, at whatever it does, and is then left in peace; a book that comes to its end before
    that is made once more, from nothing."""
    chance = random.Random(seed)
    kills = 0
    words: tuple[str, ...] = ("make", "--formats=html", str(stage.source))
    while kills < MOMENTS // CASES:
        with stage.started(words[0], "--json", "--quiet", *words[1:]) as child:
            time.sleep(chance.uniform(0.05, 3.0))
            if child.poll() is None:
                child.kill()
                kills += 1
            out, err = child.communicate(timeout=LIMIT_S)
        stage.kills += 1
        assert child.returncode in (0, -signal.SIGKILL), (out, err)
        stage.check_after(set(), Ended(child.returncode, out, err))
        if stage.rows("SELECT id FROM runs WHERE state IN ('running', 'interrupted')"):
            words = ("resume", "--retry-failed")
        else:
            words = ("make", "--formats=html", "--fresh", str(stage.source))
    ended = stage.resume("--retry-failed")
    if ended.code == 2:  # it had come to its end already
        ended = stage.make()
    assert ended.code == 0, ended
    assert lasting(ended.book) == lasting(unbroken)
