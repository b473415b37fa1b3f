"""How a command ends: its exit code, the one sentence of an error, and what `--json` prints."""

import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from agents.book.volume import Volume
from agents.services.errors import OutputError, SettingsError, SourceError
from monitor import MonitorError
from registry import RegistryError
from swarm import DeclarationError, PlanError, SwarmError
from swarm.errors import JournalTooNew, RunBroken, RunHeld, RunUnknown
from swarm.request import CAPPED

OK, FAILED, BAD_INPUT, PARTIAL, AT_CAP = 0, 1, 2, 3, 4
SIGNAL_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
BAD_INPUT_CODE = "bad-input"

_BAD_INPUT = (
    *(OutputError, SettingsError, SourceError, MonitorError, RegistryError, DeclarationError, PlanError),
    *(JournalTooNew, RunHeld, RunUnknown),
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command that makes a book ended; `code` is the exit code."""

    code: int
    status: str
    book: Path | None = None
    run: str | None = None
    error: str | None = None
    volume: Volume | None = None
    estimate: dict[str, object] | None = None
    uploaded: str | None = None

    def as_json(self) -> str:
        """The one object that `--json` prints."""
        volume = self.volume
        return json.dumps(
            {
                "status": self.status,
                "book": str(self.book) if self.book else None,
                "uploaded": self.uploaded,
                "run": self.run,
                "error": self.error,
                "pages": volume.pages if volume else 0,
                "omitted": len(volume.omitted) if volume else 0,
                "unpaired": len(volume.unpaired) if volume else 0,
                "flagged": len(volume.flagged) if volume else 0,
                **({"estimate": self.estimate} if self.estimate else {}),
            }
        )


def failed(error: Exception, *, run: str | None = None) -> Ending:
    """The ending of a command that raised."""
    if isinstance(error, RunBroken) and error.code == CAPPED:
        return Ending(AT_CAP, "interrupted", run=run, error=sentence(error))
    return Ending(exit_code(error), "failed", run=run, error=sentence(error))


def exit_code(error: Exception) -> int:
    """2 for what the person who gave the command mends, else 1."""
    return BAD_INPUT if isinstance(error, _BAD_INPUT) else FAILED


def sentence(error: Exception) -> str:
    """What went wrong, in one sentence for people."""
    if isinstance(error, SwarmError | MonitorError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file of the run'} cannot be used: {error.strerror}; mend that and run it again"
    return f"something unforeseen happened ({type(error).__name__}: {error}): run again with --debug to see where"


def say(text: str) -> None:
    """Say one sentence on stderr, without control characters."""
    shown = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
    print(f"doodlebound: {shown}", file=sys.stderr)
