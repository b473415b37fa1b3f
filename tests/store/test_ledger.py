"""The ledger keeps what was paid for: before it is used, for every run, and what it came to."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from swarm.codec import digest_of
from swarm.ledger import Booking, Spending
from swarm.store.damage import examine, salvage
from swarm.store.ledger import SqliteLedger
from swarm.store.prune import prune
from swarm.store.schema import SCHEMA
from tests.store.stores import Store, kill_holders, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def a_booking(question: str = "hello?", role: str = "write", most: int = 900) -> Booking:
    return Booking(digest_of(question.encode()), "openai", "m", role, most)


@dataclass
class Clerk:
    """The ledger of one run of a store."""

    store: Store
    run: str = "run"

    def __post_init__(self) -> None:
        self.ledger = SqliteLedger(self.store.writer, self.store.runs, self.run, clock=self.store.clock)

    async def book(self, booking: Booking, outcome: str = "ok", answer: bytes = b"hello!", cost: int = 7) -> None:
        """A request from its begin to its end."""
        self.ledger.begin(booking)
        self.ledger.end(booking, outcome, tokens={"input": 3, "output": 2}, cost=cost, answer=answer)
        await self.ledger.written()


async def test_answer_that_was_paid_for_is_given_again_to_the_same_run_and_to_others(path: Path) -> None:
    with opened(path) as store:
        store.begin("first")
        store.begin("second")
        await Clerk(store, "first").book(a_booking())

        for run in ("first", "second"):
            assert await Clerk(store, run).ledger.find(a_booking()) == b"hello!"
        assert await Clerk(store, "second").ledger.find(a_booking("another?")) is None


async def test_answer_outlives_the_process(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        await Clerk(store).book(a_booking())
    with opened(path) as store:
        store.begin("later")

        assert await Clerk(store, "later").ledger.find(a_booking()) == b"hello!"


async def test_run_that_makes_all_anew_finds_only_its_own_answers(path: Path) -> None:
    with opened(path) as store:
        store.begin("first")
        await Clerk(store, "first").book(a_booking())
        store.begin("fresh", is_fresh=True)
        fresh = Clerk(store, "fresh")
        assert await fresh.ledger.find(a_booking()) is None
        await fresh.book(a_booking(), answer=b"anew")

        assert await fresh.ledger.find(a_booking()) == b"anew"


@pytest.mark.parametrize("outcome", ["failed", "refused", "bad-answer", "timeout"])
async def test_request_in_vain_gives_no_answer_and_is_counted(path: Path, outcome: str) -> None:
    with opened(path) as store:
        store.begin()
        clerk = Clerk(store)
        await clerk.book(a_booking(), outcome)

        assert await clerk.ledger.find(a_booking()) is None
        assert await clerk.ledger.spending() == (
            Spending("write", calls=1, failed=1, tokens={"input": 3, "output": 2}, cost=7),
        )


async def test_answer_that_was_rejected_is_not_given_again_and_stays_paid(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        clerk = Clerk(store)
        await clerk.book(a_booking())
        await clerk.ledger.reject(a_booking().digest)

        assert await clerk.ledger.find(a_booking()) is None
        (spent,) = await clerk.ledger.spending()
        assert (spent.calls, spent.failed, spent.cost) == (1, 0, 7)


async def test_spending_is_told_by_role(path: Path) -> None:
    with opened(path) as store:
        store.begin("other")
        store.begin()
        await Clerk(store, "other").book(a_booking("x?"))
        clerk = Clerk(store)
        await clerk.book(a_booking("a?"))
        await clerk.book(a_booking("b?"))
        await clerk.book(a_booking("c?", role="review"), "failed", cost=0)
        await clerk.ledger.find(a_booking("x?"))

        assert await clerk.ledger.spending() == (
            Spending("write", calls=2, reused=1, tokens={"input": 6, "output": 4}, cost=14),
            Spending("review", calls=1, failed=1, tokens={"input": 3, "output": 2}),
        )


async def test_request_that_a_kill_left_may_have_cost_what_it_could_at_most(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        clerk = Clerk(store)
        clerk.ledger.begin(a_booking(most=900))
        await clerk.ledger.written()
        kill_holders(store)
    with opened(path) as store:
        store.runs.bury_dead(store.writer)
        store.runs.take(store.writer, "run")

        assert await Clerk(store).ledger.spending() == (Spending("write", calls=1, unsure=900),)


async def test_run_that_was_taken_over_writes_nothing_more(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        clerk = Clerk(store)
        store.writer.call(lambda connection: connection.execute("UPDATE runs SET epoch = epoch + 1"))
        await clerk.book(a_booking())

        assert store.rows("SELECT count(*) FROM calls") == [(0,)]


async def test_answer_that_is_not_what_was_written_counts_as_none(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        await Clerk(store).book(a_booking())
        store.writer.call(lambda connection: connection.execute("UPDATE calls SET answer = x'00'"))

        assert await Clerk(store).ledger.find(a_booking()) is None
    assert examine(path, is_thorough=True) == "the table calls holds 1 rows that are not what was written"


async def test_prune_forgets_answers_but_those_that_a_run_was_given_which_is_kept(path: Path) -> None:
    with opened(path) as store:
        store.begin("old")
        for question in ("kept?", "gone?"):
            await Clerk(store, "old").book(a_booking(question))
        await Clerk(store, "old").book(a_booking("failed?"), "failed")
        store.runs.end(store.writer, "old", "complete")
        store.now_s += 100
        store.begin("young")
        await Clerk(store, "young").ledger.find(a_booking("kept?"))

        prune(store.writer, store.now_s - 50, (), lambda _digest: None)

        assert await Clerk(store, "young").ledger.find(a_booking("kept?")) == b"hello!"
        assert await Clerk(store, "young").ledger.find(a_booking("gone?")) is None
        assert store.rows("SELECT count(*) FROM calls WHERE outcome != 'reused'") == [(1,)]


async def test_answers_are_saved_from_a_damaged_journal(path: Path) -> None:
    with opened(path) as store:
        store.begin()
        await Clerk(store).book(a_booking())

    saved = salvage(path, "for a test")

    assert (saved.saved["calls"], saved.lost["calls"]) == (1, 0)
    with opened(path) as store:
        store.begin("later")
        assert await Clerk(store, "later").ledger.find(a_booking()) == b"hello!"


def _as_version_1(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE calls; PRAGMA user_version = 1;")


async def test_journal_of_the_first_version_is_brought_up_to_this_one(path: Path) -> None:
    with opened(path) as store:
        store.begin("old")
    _as_version_1(path)
    assert examine(path, is_thorough=True) == ""

    with opened(path) as store:
        assert store.rows("PRAGMA user_version") == [(SCHEMA,)]
        assert [row.id for row in store.runs.all(store.writer)] == ["old"]
        store.begin()
        await Clerk(store).book(a_booking())


def test_damaged_journal_of_the_first_version_is_salvaged_without_losses(path: Path) -> None:
    with opened(path) as store:
        store.begin("old")
    _as_version_1(path)

    saved = salvage(path, "for a test")

    assert (saved.saved["runs"], sum(saved.lost.values())) == (1, 0)
