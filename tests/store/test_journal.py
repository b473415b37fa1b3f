"""What the durable journal keeps, and for whom."""

import asyncio
from pathlib import Path

import pytest

from swarm import Blob, Kind
from swarm.codec import encode
from swarm.errors import JournalDamaged
from swarm.journal import NOTHING, Setback
from tests.store.stores import a_claim, done, failed, kill_holders, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


async def test_result_is_there_when_the_file_is_opened_again(path: Path) -> None:
    claim = a_claim()
    with opened(path) as store:
        store.begin()
        await store.record(done(claim, "seen"))

    with opened(path) as store:
        store.begin("another")
        (prior,) = await store.find(claim, run="another")
        assert prior.entry is not None
        assert await store.load(prior.entry.digest, run="another") == [encode("seen")]


async def test_nothing_is_known_of_a_step_that_was_never_done(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        await store.record(done(a_claim("a")))

        assert await store.find(a_claim("b"), a_claim("a", role="write")) == [NOTHING, NOTHING]


async def test_wish_for_rework_is_found_with_its_result(path: Path) -> None:
    claim = a_claim(role="review")
    with opened(path) as store:
        store.begin()
        await store.record(done(claim, rework=("write", "shorter")))

        (prior,) = await store.find(claim)

    assert prior.entry
    assert prior.entry.rework == ("write", "shorter")


async def test_effect_is_found_by_its_own_run_only(path: Path) -> None:
    claim = a_claim(kind=Kind.EFFECT)
    with opened(path) as store:
        store.begin("one")
        store.begin("two")
        await store.record(done(claim), run="one")

        (mine,), (others,) = await store.find(claim, run="one"), await store.find(claim, run="two")

    assert (bool(mine.entry), others) == (True, NOTHING)


async def test_provisional_result_is_loaded_but_never_found(path: Path) -> None:
    claim = a_claim()
    entry = done(claim, "for now", provisional="no line")
    with opened(path) as store:
        store.begin()
        await store.record(entry)

        assert await store.load(entry.digest) == [encode("for now")]
        assert await store.find(claim) == [NOTHING]


async def test_failure_stands_in_its_own_run_when_it_is_resumed_and_is_never_shared(path: Path) -> None:
    claim, passing = a_claim("a"), a_claim("b")
    with opened(path) as store:
        store.begin()
        await store.record(failed(claim), failed(passing, "no line", is_retryable=True))
        store.runs.end(store.writer, "run", "failed")
    with opened(path) as store:
        store.runs.take(store.writer, "run")
        store.begin("another")

        own = await store.find(claim, passing)
        others = await store.find(claim, passing, run="another")

    assert own[0].entry
    assert (own[0].entry.reason, own[1]) == ("torn", NOTHING)
    assert others == [NOTHING, NOTHING]


async def test_failure_gets_another_chance_when_that_is_wanted(path: Path) -> None:
    claim = a_claim()
    with opened(path) as store:
        store.begin()
        await store.record(failed(claim))
        store.journal.note("run", Setback(claim.step, claim.key, "it broke", is_hang=False))
        store.runs.end(store.writer, "run", "failed")

        store.runs.take(store.writer, "run", retry_failed=True)

        assert await store.find(claim) == [NOTHING]


async def test_setbacks_are_counted_over_restarts(path: Path) -> None:
    claim = a_claim()
    for run_of_the_program in range(2):
        with opened(path) as store:
            if run_of_the_program:
                store.runs.take(store.writer, "run")
            else:
                store.begin()
            store.journal.note("run", Setback(claim.step, claim.key, "it broke", is_hang=False))
            store.journal.note("run", Setback(claim.step, claim.key, "it hung", is_hang=True))
            store.runs.end(store.writer, "run", "interrupted")
    with opened(path) as store:
        store.runs.take(store.writer, "run")

        (prior,) = await store.find(claim)

    assert (prior.setbacks, prior.deaths) == (4, 0)


async def test_start_without_an_end_is_a_death_when_the_run_is_taken_up_again(path: Path) -> None:
    begun, ended = a_claim("a", kind=Kind.HAZARDOUS), a_claim("b", kind=Kind.HAZARDOUS)
    with opened(path) as store:
        store.begin()
        await store.asked(store.journal.begin, "run", [begun, ended])
        await store.record(done(ended))
    with opened(path) as store:
        kill_holders(store)
        store.runs.take(store.writer, "run")

        (one, other) = await store.find(begun, ended)

    assert (one.entry, one.deaths) == (None, 1)
    assert other.entry is not None


async def test_start_in_hand_is_no_death_when_the_run_was_ended_in_good_order(path: Path) -> None:
    claim = a_claim(kind=Kind.PAID)
    with opened(path) as store:
        store.begin()
        await store.asked(store.journal.begin, "run", [claim])
        store.runs.end(store.writer, "run", "interrupted")
        store.runs.take(store.writer, "run")

        assert await store.find(claim) == [NOTHING]


async def test_death_counts_in_other_runs_of_the_same_source_and_in_no_others(path: Path) -> None:
    claim = a_claim(kind=Kind.HAZARDOUS)
    with opened(path) as store:
        store.begin()
        await store.asked(store.journal.begin, "run", [claim])
        kill_holders(store)
    with opened(path) as store:
        assert store.runs.bury_dead(store.writer) == ["run"]
        store.begin("same")
        store.begin("other", "another source")

        (same,), (other,) = await store.find(claim, run="same"), await store.find(claim, run="other")

    assert (same.deaths, other) == (1, NOTHING)


async def test_fresh_run_finds_only_what_it_made_itself(path: Path) -> None:
    old, own = a_claim("a"), a_claim("b")
    with opened(path) as store:
        store.begin("first")
        await store.record(done(old), run="first")
        store.begin("second", is_fresh=True)
        await store.record(done(own), run="second")

        found = await store.find(old, own, run="second")

    assert [bool(prior.entry) for prior in found] == [False, True]


async def test_result_counts_as_none_when_the_bytes_that_it_points_to_are_gone(path: Path) -> None:
    picture = Blob("ab" * 32, 3)
    claim = a_claim()
    with opened(path, blobs={picture.digest}) as store:
        store.begin()
        await store.record(done(claim, {"pictures": [picture]}))
        there = await store.find(claim)
        assert store.blobs is not None
        store.blobs.clear()
        gone = await store.find(claim)

    assert (bool(there[0].entry), gone) == (True, [NOTHING])


async def test_damaged_result_is_made_again_and_counted(path: Path) -> None:
    claim = a_claim()
    with opened(path) as store:
        store.begin()
        await store.record(done(claim, "seen"))
        store.writer.call(lambda connection: connection.execute("UPDATE steps SET data = x'00'"))

        assert await store.find(claim) == [NOTHING]
        assert store.journal.damaged == 1


async def test_journal_says_which_table_is_damaged_when_a_result_cannot_be_loaded(path: Path) -> None:
    entry = done(a_claim())
    with opened(path) as store:
        store.begin()
        await store.record(entry)
        store.writer.call(lambda connection: connection.execute("UPDATE steps SET data = x'00'"))

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await store.load(entry.digest)

    assert isinstance(store.faults[0], JournalDamaged)
    assert "table steps" in str(store.faults[0])


async def test_reused_step_stands_in_the_history_of_the_run_once(path: Path) -> None:
    claim = a_claim()
    with opened(path) as store:
        store.begin("first")
        await store.record(done(claim), run="first")
        store.begin("second")
        for _ in range(2):
            await store.find(claim, run="second")
        await store.record(run="second")

        history = store.rows("SELECT run, role, item, state FROM steps ORDER BY id")

    assert history == [(1, "look", "a", "done"), (2, "look", "a", "reused")]


async def test_what_a_process_of_an_old_epoch_brings_late_changes_nothing(path: Path) -> None:
    claim = a_claim()
    with opened(path) as old, opened(path) as new:
        old.begin()
        new.now_s = old.now_s
        new.writer.call(lambda connection: connection.execute("UPDATE runs SET epoch = epoch + 1"))

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await old.record(done(claim))

        assert new.rows("SELECT count(*) FROM steps") == [(0,)]
    assert "was taken over" in str(old.faults[0])


async def test_many_results_of_one_group_are_all_there(path: Path) -> None:
    claims = [a_claim(str(number)) for number in range(150)]
    with opened(path) as store:
        store.begin()
        await store.record(*(done(claim, claim.step.item) for claim in claims))

        found = await store.find(*claims)
        digests = [prior.entry.digest for prior in found if prior.entry]

        assert await store.load(*digests) == [encode(str(number)) for number in range(150)]


async def test_steps_opened_are_kept_with_what_their_keys_have_in_common(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        store.journal.opened("run", "look", 3, b"parts")
        store.journal.opened("run", "look", 4, b"parts")
        await store.record(done(a_claim()))

        assert store.rows("SELECT role, steps, parts FROM roles") == [("look", 4, b"parts")]
