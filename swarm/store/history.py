"""What the journal tells of a run afterwards: how far each role came, what is missing and why, what went wrong."""

import sqlite3
from collections.abc import Collection

from msgspec import Struct

from swarm.agent import StepId
from swarm.store.schema import OF_RUN, key_hash
from swarm.store.writer import Asked

_NEWEST = f"newest AS (SELECT role, item, state, reason, max(id), at FROM steps WHERE {OF_RUN} GROUP BY role, item)"
"""How each step of a run stands."""


class RoleProgress(Struct, frozen=True):
    """How far a role came: `steps` as far as their number was known, and how they stand."""

    role: str
    steps: int
    done: int
    failed: int


class Trouble(Struct, frozen=True):
    """One thing that went wrong with a step: `how` is crash, hang, death (of the program), failed (for good), waiting
    (failed, may go well when it is tried again) or provisional (made in a way that is not the wanted one)."""

    step: StepId
    how: str
    cause: str
    at: float


class StepSeen(Struct, frozen=True):
    """A step as it was written down: `id` grows from row to row over all runs; `state` is done, reused, provisional,
    waiting, failed, or rework (sent back). `data` is its sealed value where that was asked for, else empty."""

    id: int
    role: str
    item: str
    round: int
    state: str
    at: float
    reason: str
    data: bytes


def progress(writer: Asked, run: int) -> list[RoleProgress]:
    """The roles of a run, by its number, in the order in which their steps became known."""

    def look(connection: sqlite3.Connection) -> list[RoleProgress]:
        rows = connection.execute(
            f"WITH {_NEWEST} SELECT roles.role, roles.steps, "
            "count(CASE WHEN state IN ('done', 'reused', 'provisional') THEN 1 END), "
            "count(CASE WHEN state IN ('failed', 'waiting') THEN 1 END) "
            "FROM roles LEFT JOIN newest ON newest.role = roles.role "
            "WHERE roles.run = :run GROUP BY roles.role ORDER BY min(newest.at), roles.role",
            {"run": run},
        )
        return [RoleProgress(*row) for row in rows]

    return writer.call(look, is_write=False)


def troubles(writer: Asked, run: int) -> list[Trouble]:
    """All that went wrong in a run, by its number, the oldest first."""

    def look(connection: sqlite3.Connection) -> list[Trouble]:
        rows = connection.execute(
            f"WITH {_NEWEST} SELECT role, item, how, cause, at FROM setbacks WHERE run = :run UNION ALL "
            "SELECT role, item, state, reason, at FROM newest WHERE reason != '' ORDER BY 5, 1, 2",
            {"run": run},
        )
        return [Trouble(StepId(role, item), how, cause, at) for role, item, how, cause, at in rows]

    return writer.call(look, is_write=False)


def steps_after(writer: Asked, run: int, after: int, *, with_data: Collection[str], most: int) -> list[StepSeen]:
    """What was written down of a run, by its number, after the row `after` (0: all), the oldest first; at most so many.
    The steps of the roles in `with_data` come with their values, reused ones too as far as these are still there."""

    def look(connection: sqlite3.Connection) -> list[StepSeen]:
        rows = connection.execute(
            "SELECT id, role, item, round, CASE WHEN length(rework) THEN 'rework' ELSE state END, at, reason, key, "
            f"data FROM steps WHERE {OF_RUN} AND id > :seen ORDER BY id LIMIT :most",
            {"run": run, "seen": after, "most": most},
        )
        seen = []
        for number, role, item, turn, state, at, reason, key, data in rows.fetchall():
            value = b"" if role not in with_data else _reused(connection, key) if state == "reused" else data
            seen.append(StepSeen(number, role, item, turn, state, at, reason, value))
        return seen

    return writer.call(look, is_write=False)


def in_hand(writer: Asked, run: int) -> dict[str, int]:
    """How many steps of each role are in hand in a run, by its number: only of those whose start is written down."""

    def look(connection: sqlite3.Connection) -> dict[str, int]:
        return dict(connection.execute("SELECT role, count(*) FROM starts WHERE run = ? GROUP BY role", (run,)))

    return writer.call(look, is_write=False)


def _reused(connection: sqlite3.Connection, key: bytes) -> bytes:
    row = connection.execute(
        "SELECT data FROM steps WHERE hash = ? AND key = ? AND state = 'done' ORDER BY id DESC LIMIT 1",
        (key_hash(key), key),
    ).fetchone()
    return bytes(row[0]) if row else b""
