"""A damaged journal is noticed, kept aside, and saved as far as it can be read; never silently begun anew."""

import random
import sqlite3
from pathlib import Path

import pytest

from swarm.store.damage import examine, salvage
from swarm.store.schema import SCHEMA
from tests.store.stores import a_claim, done, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


async def _filled(path: Path, steps: int = 200, *, is_closed: bool = True) -> None:
    with opened(path) as store:
        store.begin()
        for start in range(0, steps, 20):
            await store.record(*(done(a_claim(str(n)), f"value {n}" * 20) for n in range(start, start + 20)))
        if not is_closed:  # as a kill leaves it: with its log
            copies = {part: part.read_bytes() for part in path.parent.iterdir()}
    if not is_closed:
        for part, data in copies.items():
            part.write_bytes(data)


async def test_whole_journal_is_found_whole(path: Path) -> None:
    assert examine(path, is_thorough=True) == ""
    await _filled(path)

    assert examine(path, is_thorough=True) == ""


async def test_journal_with_a_log_that_a_kill_left_is_whole(path: Path) -> None:
    await _filled(path, is_closed=False)
    log = path.with_name("journal.db-wal")
    log.write_bytes(log.read_bytes() + b"\0" * 5000)

    assert examine(path, is_thorough=True) == ""
    with opened(path) as store:
        assert store.rows("SELECT count(*) FROM steps") == [(200,)]


@pytest.mark.parametrize(
    ("damage", "said"),
    [(b"", "the file is empty"), (b"garbage" * 2000, "page 1"), (b"\0" * 8192, "page 1")],
)
async def test_file_that_is_no_journal_is_named(path: Path, damage: bytes, said: str) -> None:
    await _filled(path)
    path.write_bytes(damage)

    assert said in examine(path, is_thorough=False)


async def test_broken_frame_in_the_middle_of_the_log_is_named(path: Path) -> None:
    await _filled(path, is_closed=False)
    log = path.with_name("journal.db-wal")
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 0xFF
    log.write_bytes(data)

    assert "the log is broken at frame" in examine(path, is_thorough=False)


async def test_missing_table_is_named(path: Path) -> None:
    await _filled(path)
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE undos")
    connection.close()

    assert examine(path, is_thorough=False) == "the table undos is missing"


async def test_row_that_is_not_what_was_written_is_counted(path: Path) -> None:
    await _filled(path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE steps SET data = x'01' WHERE id IN (3, 5)")
    connection.commit()
    connection.close()

    assert examine(path, is_thorough=True) == "the table steps holds 2 rows that are not what was written"
    saved = salvage(path, "bits")
    assert (saved.saved["steps"], saved.lost["steps"]) == (198, 2)
    assert examine(path, is_thorough=True) == ""


async def test_newer_journal_is_nobodys_damage(path: Path) -> None:
    await _filled(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()

    assert examine(path, is_thorough=True) == ""


@pytest.mark.parametrize("seed", range(12))
async def test_flipped_bytes_are_found_or_do_no_harm_and_the_rest_is_saved(path: Path, seed: int) -> None:
    await _filled(path)
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    at = chance.randrange(4096, len(data))
    data[at : at + 16] = bytes(chance.randrange(256) for _ in range(16))
    path.write_bytes(data)

    cause = examine(path, is_thorough=True)
    if cause:
        saved = salvage(path, cause)
        assert saved.kept_as.read_bytes() == bytes(data)
        assert cause in str(saved)
        assert str(saved.kept_as) in str(saved)
    assert examine(path, is_thorough=True) == ""
    with opened(path) as store:
        kept = store.rows("SELECT count(*) FROM steps")[0][0]
        assert kept >= 100
        store.begin("another")
        found = await store.find(*(a_claim(str(n)) for n in range(200)), run="another")
        loaded = [await store.load(prior.entry.digest, run="another") for prior in found if prior.entry]
    assert len(loaded) >= 100


async def test_each_damaged_journal_is_kept_under_a_name_of_its_own(path: Path) -> None:
    names = []
    for _ in range(3):
        await _filled(path, steps=20)
        names.append(salvage(path, "a test").kept_as.name)
        path.unlink()

    assert names == ["journal-damaged-1.db", "journal-damaged-2.db", "journal-damaged-3.db"]
