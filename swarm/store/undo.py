"""What a run has put into the world, to be taken back if the run comes to nothing.

The promise to take something back is durable before the thing is done, so that it outlives a crash. Taking back may be
done twice: an action finds its target gone and is content.
"""

import sqlite3
from collections.abc import Callable, Mapping

from swarm.failpoints import failpoint
from swarm.store.writer import Writer

Undo = Callable[[str], None]
"""Takes back one target; content when it is gone. Raises OSError or SwarmError when it cannot now."""


def promise(writer: Writer, run: str, action: str, target: str) -> None:
    """Write down, durably, that `action` on `target` is to be done if the run comes to nothing."""
    row = (run, action, target)
    writer.call(lambda connection: connection.execute("INSERT INTO undos(run, action, target) VALUES(?, ?, ?)", row))


def forget(writer: Writer, run: str) -> None:
    """The run has come to something: nothing of it is taken back."""
    writer.call(lambda connection: connection.execute("DELETE FROM undos WHERE run = ?", (run,)))


def due(writer: Writer) -> list[str]:
    """The runs that nobody has in hand and of which something is still to be taken back."""

    def look(connection: sqlite3.Connection) -> list[str]:
        at_work = "SELECT id FROM runs WHERE state = 'running'"
        rows = connection.execute(f"SELECT run FROM undos WHERE run NOT IN ({at_work}) GROUP BY run ORDER BY min(id)")
        return [run for (run,) in rows]

    return writer.call(look, is_write=False)


def take_back(writer: Writer, run: str, actions: Mapping[str, Undo]) -> list[str]:
    """Undo what the run has done, the last first, and give why some of it could not be undone; that stays promised."""

    def promised(connection: sqlite3.Connection) -> list[tuple[int, str, str]]:
        rows = connection.execute("SELECT id, action, target FROM undos WHERE run = ? ORDER BY id DESC", (run,))
        return list(rows)

    faults = []
    for number, action, target in writer.call(promised, is_write=False):
        failpoint("undo.before")
        try:
            actions[action](target)
        except KeyError:
            faults.append(f"{target} was not taken back: nothing here knows how to {action}")
        except Exception as error:  # whatever it is, the others are still taken back
            faults.append(f"{target} was not taken back: {error}")
        else:
            failpoint("undo.after")
            _strike_out(writer, number)
    return faults


def _strike_out(writer: Writer, number: int) -> None:
    writer.call(lambda connection: connection.execute("DELETE FROM undos WHERE id = ?", (number,)))
