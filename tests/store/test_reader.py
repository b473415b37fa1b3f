"""A journal that others write, looked at."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarm.codec import encode
from swarm.errors import JournalError, JournalTooNew, RunUnknown
from swarm.store.history import in_hand, progress, steps_after
from swarm.store.reader import Reader
from swarm.store.runs import Runs
from tests.store.stores import a_claim, done, failed, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def reader(path: Path) -> Iterator[Reader]:
    reader = Reader(path)
    yield reader
    reader.close()


async def test_reader_sees_what_another_writes_as_soon_as_it_is_durable(path: Path, reader: Reader) -> None:
    with opened(path) as store:
        store.begin()
        store.journal.opened("run", "look", 2, b"")
        before = reader.version()
        await store.record(done(a_claim("a"), "seen"))

        (row,) = Runs().all(reader)
        (step,) = steps_after(reader, row.number, 0, with_data=["look"], most=9)
        (role,) = progress(reader, row.number)

    assert reader.version() != before
    assert (row.id, row.state) == ("run", "running")
    assert (step.role, step.item, step.state, step.data) == ("look", "a", "done", encode("seen"))
    assert (role.steps, role.done) == (2, 1)


async def test_steps_come_once_each_with_values_where_these_are_asked_for(path: Path, reader: Reader) -> None:
    with opened(path) as store:
        store.begin()
        await store.record(done(a_claim("a")), failed(a_claim("b")), done(a_claim("c"), rework=("write", "shorter")))
        number = Runs().one(reader, "run").number

        first = steps_after(reader, number, 0, with_data=(), most=2)
        rest = steps_after(reader, number, first[-1].id, with_data=(), most=9)

    assert [(step.item, step.state, step.reason, step.data) for step in first + rest] == [
        ("a", "done", "", b""),
        ("b", "failed", "torn", b""),
        ("c", "rework", "", b""),
    ]
    assert steps_after(reader, number, rest[-1].id, with_data=(), most=9) == []


async def test_reused_step_comes_with_the_value_that_it_stands_for(path: Path, reader: Reader) -> None:
    claim = a_claim()
    with opened(path) as store:
        store.begin("one")
        await store.record(done(claim, "seen"), run="one")
        store.begin("two")
        await store.find(claim, run="two")
        store.writer.call(lambda _connection: None)
        number = Runs().one(reader, "two").number

        (step,) = steps_after(reader, number, 0, with_data=["look"], most=9)

    assert (step.state, step.data) == ("reused", encode("seen"))


async def test_steps_in_hand_are_those_whose_start_is_written_down(path: Path, reader: Reader) -> None:
    with opened(path) as store:
        store.begin()
        await store.asked(store.journal.begin, "run", [a_claim("a"), a_claim("b"), a_claim("c", role="pay")])

        assert in_hand(reader, Runs().one(reader, "run").number) == {"look": 2, "pay": 1}


def test_there_may_be_no_journal_yet(path: Path, reader: Reader) -> None:
    assert not reader.is_there
    assert reader.version() == (0, 0)
    with pytest.raises(JournalError, match="cannot be read"):
        Runs().all(reader)

    with opened(path) as store:
        store.begin()

        assert reader.is_there
        assert [row.id for row in Runs().all(reader)] == ["run"]


def test_another_journal_in_its_place_is_noticed(path: Path, reader: Reader) -> None:
    with opened(path) as store:
        store.begin("old")
    Runs().all(reader)
    other = path.with_name("other.db")
    with opened(other) as store:
        store.begin("new")
    before = reader.version()
    shutil.move(other, path)

    assert reader.version() != before
    assert [row.id for row in Runs().all(reader)] == ["new"]


def test_a_reader_changes_nothing(path: Path, reader: Reader) -> None:
    with opened(path) as store:
        store.begin()

    with pytest.raises(JournalError, match="cannot be read: attempt to write a readonly"):
        reader.call(lambda connection: connection.execute("DELETE FROM runs"))
    with pytest.raises(JournalError, match="only looked at"):
        reader.call(lambda _connection: None, is_write=True)
    assert [row.id for row in Runs().all(reader)] == ["run"]
    reader.close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["journal.db"]


def test_errors_of_the_swarm_come_through_and_leave_the_journal_readable(path: Path, reader: Reader) -> None:
    with opened(path) as store:
        store.begin()

    with pytest.raises(RunUnknown):
        Runs().one(reader, "another")
    assert Runs().one(reader, "run").id == "run"


def test_a_newer_journal_and_one_that_is_none_are_refused(path: Path, reader: Reader) -> None:
    with opened(path) as store:
        store.begin()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()

    with pytest.raises(JournalTooNew):
        Runs().all(reader)

    path.write_bytes(b"no journal at all, but long enough to be one" * 99)
    with pytest.raises(JournalError, match="cannot be read"):
        Runs().all(reader)
