"""What the journal tells of a run afterwards: how far each role came, what is missing and why, what went wrong."""

import sqlite3

from msgspec import Struct

from swarm.agent import StepId
from swarm.store.writer import Writer


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


def progress(writer: Writer, run: str) -> list[RoleProgress]:
    """The roles of a run, in the order in which their steps became known."""

    def look(connection: sqlite3.Connection) -> list[RoleProgress]:
        rows = connection.execute(
            "SELECT roles.role, roles.steps, "
            "count(DISTINCT CASE WHEN state IN ('done', 'reused', 'provisional') THEN item END), "
            "count(DISTINCT CASE WHEN state IN ('failed', 'waiting') THEN item END) "
            "FROM roles LEFT JOIN steps ON steps.run = roles.run AND steps.role = roles.role "
            "WHERE roles.run = ? GROUP BY roles.role ORDER BY min(steps.at), roles.role",
            (run,),
        )
        return [RoleProgress(*row) for row in rows]

    return writer.call(look, is_write=False)


def troubles(writer: Writer, run: str) -> list[Trouble]:
    """All that went wrong in a run, the oldest first."""

    def look(connection: sqlite3.Connection) -> list[Trouble]:
        rows = connection.execute(
            "SELECT role, item, how, cause, at FROM setbacks WHERE run = :run UNION ALL "
            "SELECT role, item, state, reason, at FROM steps WHERE run = :run AND reason != '' ORDER BY 5, 1, 2",
            {"run": run},
        )
        return [Trouble(StepId(role, item), how, cause, at) for role, item, how, cause, at in rows]

    return writer.call(look, is_write=False)
