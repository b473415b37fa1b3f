"""Runs the command line in this process (quick) or in a child (real), and what can be asked of how it ended."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import main
from tests.conftest import ROOT

MAIN = ROOT / "main.py"
LIMIT_S = 90


@dataclass(frozen=True, slots=True)
class Ended:
    """The exit code of a command and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def status(self) -> dict[str, Any]:
        """What `--json` prints on its last line."""
        status: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return status

    @property
    def complaint(self) -> str:
        """The one sentence of an error; fails when there is none, more, or a traceback."""
        assert "Traceback" not in self.out + self.err
        said = [line for line in self.err.splitlines() if line.startswith("doodlebound: ")]
        assert len(said) == 1, self.err
        return said[0].removeprefix("doodlebound: ")

    @property
    def book(self) -> Path:
        """The folder of the book that was made."""
        assert self.code in (0, 3), self.err
        return Path(self.status["book"])


def run_main(*argv: str | os.PathLike[str]) -> Ended:
    """Run the command line in this process, on streams as strict as a terminal's."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", "strict")
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main.main([os.fspath(word) for word in argv])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Ended(code, *(_text(stream) for stream in (out, err)))


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def make_book(source: Path, *argv: str | os.PathLike[str]) -> Ended:
    """Make the web page of a source in this process; the last line of `out` is JSON."""
    return run_main("make", "--formats", "html", "--json", "--quiet", *argv, "--", source)


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: this process's without any setting of ours."""
    ours = ("DOODLEBOUND_", "SOURCE_DATE_EPOCH", "PYTHON", "COV_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


def run_child(
    *argv: str | bytes | os.PathLike[str],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    before: Sequence[str] = (),
    program: Sequence[str | Path] = (sys.executable, MAIN),
) -> Ended:
    """Run the command line as people do, `before` it the words that prepare its process, and wait for its end."""
    done = subprocess.run(
        [*before, *program, *argv],
        cwd=cwd,
        env=environment() if env is None else env,
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
