"""The thread that owns the file: groups, order, faults."""

import asyncio
import os
import sqlite3
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from swarm.errors import JournalDamaged, JournalError, JournalTooNew, RunUnknown, SwarmError
from swarm.store.schema import SCHEMA, connect
from swarm.store.writer import UNANSWERED, Writer


def put(number: int) -> Any:
    return lambda connection: connection.execute("INSERT INTO undos(run, action, target) VALUES(?, '', '')", (number,))


def _note(answers: list[int], number: int, _: object) -> None:
    answers.append(number)


def count(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("SELECT count(*) FROM undos").fetchone()[0]
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def writer_of(path: Path, faults: list[SwarmError] | None = None, **more: Any) -> Writer:
    on_fault = (faults if faults is not None else []).append
    return Writer(partial(connect, path), name="journal.db", on_fault=on_fault, **more)


async def test_answers_come_on_the_loop_in_order_and_only_when_all_is_durable(path: Path) -> None:
    writer, answers = writer_of(path), list[int]()
    writer.open()
    writer.attach(asyncio.get_running_loop())
    for number in range(100):
        writer.write(put(number), partial(_note, answers, number))
    total = await writer.ask(count, is_write=True)

    assert (answers, total) == (list(range(100)), 100)
    writer.close()


async def test_what_is_not_to_be_answered_is_not(path: Path) -> None:
    writer, answers = writer_of(path), list[object]()
    writer.open()
    writer.attach(asyncio.get_running_loop())
    writer.write(lambda _: UNANSWERED, answers.append)
    await writer.ask(count)

    assert answers == []
    writer.close()


async def test_fault_is_told_once_and_no_answer_is_given_any_more(path: Path) -> None:
    faults, answers = list[SwarmError](), list[object]()
    writer = writer_of(path, faults)
    writer.open()
    writer.attach(asyncio.get_running_loop())

    writer.write(put(1), answers.append)
    writer.write(lambda connection: connection.execute("INSERT INTO nowhere VALUES(1)"), answers.append)
    with pytest.raises(JournalError, match="cannot be used: no such table: nowhere"):
        await writer.ask(count)
    with pytest.raises(JournalError):
        writer.call(count)
    await asyncio.sleep(0.01)

    assert answers in ([], [None]) or len(answers) <= 1
    assert [str(writer.fault)] == [str(fault) for fault in faults]
    assert faults[0].retryable
    writer.close()


def test_what_a_question_refuses_is_its_own_error_and_no_fault(path: Path) -> None:
    writer = writer_of(path)
    writer.open()

    def refuse(_: sqlite3.Connection) -> None:
        raise RunUnknown("no such run")

    with pytest.raises(RunUnknown):
        writer.call(refuse)

    assert writer.call(count) == 0
    assert writer.fault is None
    writer.close()


def test_damage_is_told_apart_from_other_faults(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(JournalDamaged, match="file is not a database"):
        writer_of(path).open()


def test_file_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    connect(path).close()
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    other.close()

    with pytest.raises(JournalTooNew, match="newer version"):
        writer_of(path).open()
    assert path.exists()


def test_file_appears_whole_and_one_that_was_half_made_does_not_matter(path: Path) -> None:
    left, at_work = path.with_name("making-left"), path.with_name("making-at-work")
    for folder in (left, at_work):
        folder.mkdir()
    os.utime(left, (0, 0))
    writer_of(path).open()

    writer = writer_of(path)
    writer.open()

    assert writer.call(count) == 0
    writer.close()
    assert sorted(other.name for other in path.parent.glob("making*")) == ["making-at-work"]


def test_tick_comes_again_and_again_while_nothing_else_is_to_do(path: Path) -> None:
    ticks: list[int] = []
    writer = writer_of(path, tick=lambda _: ticks.append(1), tick_s=0.01)
    writer.open()
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(asyncio.Event().wait(), 0.3))
    writer.close()

    assert len(ticks) > 2


def test_tick_comes_in_time_however_much_there_is_to_do(path: Path) -> None:
    """Else a run whose journal is never idle would count as silent, and be taken over alive."""
    seconds, ticks = [0.0], list[float]()
    writer = writer_of(path, tick=lambda _: ticks.append(seconds[0]), tick_s=3.0, clock=lambda: seconds[0])
    writer.open()
    for number in range(20):
        writer.call(put(number))
        seconds[0] += 1.0
    writer.close()

    assert len(ticks) >= 6
    assert max(later - earlier for earlier, later in pairwise(ticks)) <= 4.0


def test_closing_twice_and_closing_what_was_never_opened_is_fine(path: Path) -> None:
    writer = writer_of(path)
    writer.close()
    writer.open()
    writer.close()
    writer.close()
