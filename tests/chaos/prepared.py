"""Folders of books in which a run has come just so far: made once in a session, and copied for each case."""

from pathlib import Path

from tests.chaos.stage import Stage

PAGES = 3
PICTURES = 2 * PAGES
_KILLED_AT = {
    "ingest": f"recorded.ingest:{PICTURES}",
    "sequence": "recorded.sequence:1",
    "review": f"recorded.review:{PAGES}",
    "bind": "recorded.bind:1",
}


class Prepared:
    """Stages by the role that a run had finished when it was killed; each goes on from the one before."""

    def __init__(self, bare: Stage) -> None:
        self._bare = bare
        self._made: dict[str, Stage] = {}

    def after(self, role: str, root: Path) -> Stage:
        """A stage of its own below `root` in which the role is done, and nothing that follows from it."""
        return (self._stage(role) if role else self._bare).copied_to(root)

    def _stage(self, role: str) -> Stage:
        if role not in self._made:
            roles = list(_KILLED_AT)
            earlier = roles[roles.index(role) - 1] if role != roles[0] else ""
            stage = self.after(earlier, self._bare.root.parent / f"after-{role}")
            stage.dies(_KILLED_AT[role], command="resume" if earlier else "make")
            self._made[role] = stage
        return self._made[role]
