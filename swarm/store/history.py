"""What the journal tells of a run afterwards: how far each role came, what is missing and why, what went wrong."""

import sqlite3

from msgspec import Struct

from swarm.agent import StepId
from swarm.store.schema import OF_RUN
from swarm.store.writer import Writer

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


def progress(writer: Writer, run: int) -> list[RoleProgress]:
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


def troubles(writer: Writer, run: int) -> list[Trouble]:
    """All that went wrong in a run, by its number, the oldest first."""

    def look(connection: sqlite3.Connection) -> list[Trouble]:
        rows = connection.execute(
            f"WITH {_NEWEST} SELECT role, item, how, cause, at FROM setbacks WHERE run = :run UNION ALL "
            "SELECT role, item, state, reason, at FROM newest WHERE reason != '' ORDER BY 5, 1, 2",
            {"run": run},
        )
        return [Trouble(StepId(role, item), how, cause, at) for role, item, how, cause, at in rows]

    return writer.call(look, is_write=False)
