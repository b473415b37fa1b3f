"""One case: a folder of books, the real command line as a child that is hurt at a named place, and the promises."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from swarm.failpoints import VARIABLE
from swarm.store import damage
from tests.chaos import witness
from tests.e2e.books import assert_matches_manifest, lasting, places
from tests.e2e.checkout import Checkout
from tests.e2e.running import Ended, environment

LIMIT_S = 150.0
STORE = ".doodlebound"


class Passed(NamedTuple):
    """A place that a process has passed."""

    pid: int
    place: str
    item: str


class Done(NamedTuple):
    """A finished step as the journal has it."""

    role: str
    item: str
    round: int
    key: bytes
    at: float


@dataclass
class Stage:
    """Books below `root`, made of `source` by the program in `checkout`; `kills` counts the children that died.

    `variables` are set for each child, `before` are the words that prepare its process.
    """

    checkout: Checkout
    source: Path
    root: Path
    kills: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()

    @property
    def out(self) -> Path:
        """The folder of books."""
        return self.root / "books"

    @property
    def store(self) -> Path:
        """The store in it."""
        return self.out / STORE

    @property
    def journal(self) -> Path:
        """The file of the journal."""
        return self.store / "journal.db"

    def copied_to(self, root: Path) -> "Stage":
        """The same as it stands, somewhere else."""
        shutil.copytree(self.root, root, dirs_exist_ok=True, symlinks=True)
        return Stage(self.checkout, self.source, root, self.kills, dict(self.variables))

    # what is done

    def make(self, *words: str, at: str = "", formats: str = "html") -> Ended:
        """Make the book anew, hurt `at` these failpoints."""
        return self.run("make", "--formats", formats, "--json", "--quiet", *words, "--", str(self.source), at=at)

    def resume(self, *words: str, at: str = "") -> Ended:
        """Go on with the newest run."""
        return self.run("resume", "--json", "--quiet", *words, at=at)

    def run(self, *words: str, at: str = "") -> Ended:
        """Run a command to its end."""
        with self.started(*words, at=at) as child:
            out, err = child.communicate(timeout=LIMIT_S)
        return Ended(child.returncode, out, err)

    @contextmanager
    def started(self, command: str, *words: str, at: str = "") -> Iterator["subprocess.Popen[str]"]:
        """Start a command, and see to it that nothing of it outlives the case."""
        self.root.mkdir(parents=True, exist_ok=True)
        points = ",".join(filter(None, (f"*:*:tell:{self.root / 'trace'}", at)))
        child = subprocess.Popen(
            [*self.before, sys.executable, self.checkout.root / "main.py", command, "--out", self.out, *words],
            cwd=self.root,
            env=environment(**{VARIABLE: points, witness.LEDGER: str(self.root / "ledger")}, **self.variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield child
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.communicate()

    def wait_for(self, child: "subprocess.Popen[str]", place: str, item: str = "") -> None:
        """Wait until a child has passed a place, with this item if one is named."""
        give_up_at = time.monotonic() + LIMIT_S
        while not any(p.place == place and item in ("", p.item) for p in self.trace() if p.pid == child.pid):
            assert child.poll() is None, child.communicate()
            assert time.monotonic() < give_up_at, place
            time.sleep(0.02)

    # what is seen

    def trace(self) -> list[Passed]:
        """The places that were passed by all processes, in their order."""
        path = self.root / "trace"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        fields = [line.split("\t") for line in lines]
        return [Passed(int(pid), place, item) for pid, place, item in fields]

    def passed(self, place: str) -> int:
        """How often the last process passed a place."""
        trace = self.trace()
        return sum(passed.place == place for passed in trace if passed.pid == trace[-1].pid)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the journal says, read from a copy so that the patient stays as it is."""
        if not self.journal.exists():
            return []
        with tempfile.TemporaryDirectory() as folder:
            for path in self.store.glob("journal.db*"):
                if not path.name.endswith("-shm"):
                    shutil.copyfile(path, Path(folder, path.name))
            with closing(sqlite3.connect(Path(folder, "journal.db"))) as connection:
                return connection.execute(statement).fetchall()

    def finished(self) -> set[Done]:
        """The steps that the newest run has finished."""
        newest = "(SELECT number FROM runs ORDER BY number DESC LIMIT 1)"
        columns = "role, item, round, key, at"
        return {
            Done(*row)
            for row in self.rows(f"SELECT {columns} FROM steps WHERE run = {newest} AND state IN ('done', 'reused')")
        }

    def newest(self) -> str:
        """The id of the newest run."""
        ((run,),) = self.rows("SELECT id FROM runs ORDER BY began DESC, id DESC LIMIT 1")
        return str(run)

    def finished_of(self, role: str) -> int:
        """How many steps of a role are finished."""
        return sum(done.role == role for done in self.finished())

    def books(self) -> list[Path]:
        """The books that a person sees."""
        return sorted(path for path in self.out.iterdir() if path.name != STORE) if self.out.exists() else []

    # what must hold

    def dies(self, at: str, *words: str, command: str = "resume") -> None:
        """Run a command that kill -9 ends at a failpoint, and check what holds after any kill."""
        before = self.finished() if command == "resume" else set[Done]()
        ended = (self.resume if command == "resume" else self.make)(*words, at=f"{at}:kill")
        assert ended.code == -signal.SIGKILL, (at, ended)
        self.kills += 1
        self.check_after(before, ended)

    def ends_well(self, wanted: Path, *, is_changed: bool = False) -> Ended:
        """Resume to the end, and check that the book is the one that an unbroken run makes; where the source
        `is_changed`, steps that had other inputs may be done once more."""
        before = self.finished()
        ended = self.resume()
        assert (ended.code, ended.status["status"]) == (0, "complete"), ended
        self.check_after(before, ended, is_changed=is_changed)
        self.check_book(ended.book, wanted)
        return ended

    def check_after(self, before: set[Done], ended: Ended, *, is_changed: bool = False) -> None:
        """What holds whenever and however a process has ended: DESIGN section 9."""
        assert "Traceback" not in ended.out + ended.err, ended.err
        for book in self.books():
            assert_matches_manifest(book)
        assert before <= self.finished()
        twice = "SELECT role, item FROM steps WHERE state IN ('done', 'reused') GROUP BY run, key HAVING count(*) > 1"
        assert self.rows(twice) == []  # no finished step ran again
        for item, times in Counter(witness.calls(self.root / "ledger")).items():
            assert times <= 1 + self.kills + is_changed, item

    def check_book(self, book: Path, wanted: Path) -> None:
        """What holds when a run has come to its end: the book is the same, to the byte, and nothing lies about."""
        assert_matches_manifest(book)
        made, asked = lasting(book), lasting(wanted)
        assert made.keys() == asked.keys()
        assert [path for path in made if made[path] != asked[path]] == []
        assert set(places(book).values()) == {"page"}
        self.check_tidy()

    def check_tidy(self) -> None:
        """Nothing unfinished lies about, and the journal is sound."""
        assert list((self.store / "work").iterdir()) == []
        assert list(self.store.glob("blobs/*/*.part")) == []
        assert damage.examine(self.journal, is_thorough=True) == ""
