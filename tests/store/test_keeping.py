"""Undo, prune and history."""

from pathlib import Path
from typing import Any

import pytest

from swarm import Blob, StepId
from swarm.journal import Setback
from swarm.store import undo
from swarm.store.history import RoleProgress, progress, troubles
from swarm.store.prune import Pruned, prune
from tests.store.stores import Store, a_claim, done, failed, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_what_a_run_did_is_taken_back_the_last_first_and_once(path: Path) -> None:
    taken: list[str] = []
    with opened(path) as store:
        for target in ("a", "b"):
            undo.promise(store.writer, "run", "remove", target)
        undo.promise(store.writer, "another", "remove", "c")

        faults = [undo.take_back(store.writer, "run", {"remove": taken.append}) for _ in range(2)]

    assert (taken, faults) == (["b", "a"], [[], []])


def test_what_cannot_be_taken_back_now_stays_promised_and_does_not_hold_up_the_rest(path: Path) -> None:
    taken: list[str] = []

    def remove(target: str) -> None:
        if target == "b":
            raise OSError(13, "Permission denied")
        taken.append(target)

    with opened(path) as store:
        for target in ("a", "b"):
            undo.promise(store.writer, "run", "remove", target)
        undo.promise(store.writer, "run", "melt", "d")
        (melt, denied) = undo.take_back(store.writer, "run", {"remove": remove})
    with opened(path) as store:
        left = undo.take_back(store.writer, "run", {"remove": taken.append, "melt": taken.append})

    assert (taken, left) == (["a", "d", "b"], [])
    assert "nothing here knows how to melt" in melt
    assert "b was not taken back" in denied


def test_nothing_is_taken_back_of_a_run_that_came_to_something(path: Path) -> None:
    with opened(path) as store:
        undo.promise(store.writer, "run", "remove", "a")
        undo.forget(store.writer, "run")

        assert undo.take_back(store.writer, "run", {}) == []


def _pruned(store: Store, *blobs: tuple[str, int, float], before: float) -> tuple[Pruned, list[str]]:
    removed: list[str] = []
    return prune(store.writer, before, blobs, removed.append), removed


async def test_old_runs_go_with_what_only_they_used(path: Path) -> None:
    ours, shared, theirs = a_claim("ours"), a_claim("shared"), a_claim("theirs")
    with opened(path) as store:
        store.begin("old")
        await store.record(done(ours), done(shared), failed(theirs), run="old")
        store.runs.end(store.writer, "old", "complete")
        store.now_s += 100
        store.begin("new")
        await store.find(shared, run="new")
        await store.record(run="new")
        store.runs.end(store.writer, "new", "complete")

        pruned, _ = _pruned(store, before=store.now_s - 50)
        store.begin("next")
        found = await store.find(ours, shared, run="next")

    assert (pruned.runs, pruned.results) == (("old",), 2)
    assert [bool(prior.entry) for prior in found] == [False, True]
    assert [row.id for row in _all(path)] == ["next", "new"]


def _all(path: Path) -> list[Any]:
    with opened(path) as store:
        return store.runs.all(store.writer)


async def test_result_goes_at_last_when_nobody_uses_it_any_more(path: Path) -> None:
    claim = a_claim()
    with opened(path) as store:
        for run in ("one", "two"):
            store.begin(run)
            await store.find(claim, run=run)
            if run == "one":
                await store.record(done(claim), run=run)
            await store.record(run=run)
            store.runs.end(store.writer, run, "complete")
            store.now_s += 100
        first, _ = _pruned(store, before=store.now_s - 150)
        second, _ = _pruned(store, before=store.now_s)

        assert (first.runs, first.results, second.runs) == (("one",), 0, ("two",))
        third, _ = _pruned(store, before=store.now_s)
        assert store.rows("SELECT count(*) FROM steps") == [(0,)] or third.results == 1


async def test_blobs_go_that_no_result_points_to_but_not_those_of_a_run_at_work(path: Path) -> None:
    used = Blob("ab" * 32, 3)
    with opened(path) as store:
        store.begin("old")
        await store.record(done(a_claim(), {"picture": used}), run="old")
        store.runs.end(store.writer, "old", "partial")
        store.now_s += 10
        store.begin("at work")
        old, young = store.now_s - 5, store.now_s + 5

        pruned, removed = _pruned(store, (used.digest, 3, old), ("cd" * 32, 7, old), ("ef" * 32, 9, young), before=0)

    assert removed == ["cd" * 32]
    assert (pruned.blobs, pruned.size_bytes, pruned.runs) == (1, 7, ())


async def test_history_tells_how_far_each_role_came_and_what_went_wrong(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        store.journal.opened("run", "look", 4, b"")
        store.journal.opened("run", "write", 4, b"")
        look = [a_claim(name) for name in "abcd"]
        await store.record(done(look[0]), failed(look[1]), failed(look[2], "no line", is_retryable=True))
        store.journal.note("run", Setback(look[3].step, look[3].key, "it broke", is_hang=False))
        store.now_s += 1
        await store.record(done(look[2]), done(look[3], provisional="for now"))
        row = store.runs.one(store.writer, "run")

        roles, found = progress(store.writer, row.number), troubles(store.writer, row.number)

    assert roles == [RoleProgress("write", 4, 0, 0), RoleProgress("look", 4, 3, 1)]
    assert [(trouble.step, trouble.how, trouble.cause) for trouble in found] == [
        (StepId("look", "b"), "failed", "torn"),
        (StepId("look", "d"), "crash", "it broke"),
        (StepId("look", "d"), "provisional", "for now"),
    ]
