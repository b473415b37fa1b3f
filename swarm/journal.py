"""The journal: the record of every finished step, by the key of what went into it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from swarm.agent import Kind, StepId


class Claim(Struct):
    """A step that is to be done, and the key of what goes into it. `parts` is what the key was made of beside what
    all steps of the role have in common, encoded."""

    step: StepId
    key: str
    kind: Kind
    round: int = 0
    parts: bytes = b""


class Entry(Struct, frozen=True, gc=False):
    """A finished step. `data` is its sealed result with `digest`; `rework` as the review asked for it.

    A failed step has no data but a reason with its `code`; it belongs to its run and is never shared. Unless it is
    `is_retryable`, it stands failed when the run is resumed. A result that is `provisional` is good for this run as
    it goes now, and never found again.
    """

    step: StepId
    key: str
    kind: Kind
    digest: str = ""
    data: bytes = b""
    rework: tuple[str, str] | None = None
    reason: str = ""
    code: str = ""
    is_retryable: bool = False
    provisional: str = ""
    round: int = 0
    parts: bytes = b""


class Setback(Struct, frozen=True, gc=False):
    """A try at a step that came to nothing, because its worker died or hung."""

    step: StepId
    key: str
    cause: str
    is_hang: bool


class Prior(Struct, frozen=True, gc=False):
    """What is known of a step: its entry, else how often this run tried it in vain, and how often a process
    died with it in hand."""

    entry: Entry | None = None
    setbacks: int = 0
    deaths: int = 0


NOTHING = Prior()
"""The step was never tried."""


class Journal(Protocol):
    """Where results are kept. Every call returns at once and answers by calling `then`: before it returns if the
    journal `answers_at_once`, else later on the loop. An answer that is never given is no answer: whoever opened the
    journal is told why, and stops the run."""

    @property
    def answers_at_once(self) -> bool:
        """Whether each answer comes before the call returns."""
        ...

    def opened(self, run: str, role: str, steps: int, parts: bytes) -> None:
        """A role has so many steps in this run; `parts` is what the keys of all of them are made of, encoded."""
        ...

    def find(self, run: str, claims: Sequence[Claim], then: Callable[[Sequence[Prior]], None]) -> None:
        """What is known of these steps, in the order asked for. Entries that are found may lack their data."""
        ...

    def begin(self, run: str, claims: Sequence[Claim], then: Callable[[], None]) -> None:
        """Record that steps which are not free to repeat are about to start; answers when that is durable."""
        ...

    def load(self, run: str, digests: Sequence[str], then: Callable[[Sequence[bytes]], None]) -> None:
        """The sealed bytes of results that the run recorded or found, in the order asked for."""
        ...

    def record(self, run: str, entries: Sequence[Entry], then: Callable[[], None]) -> None:
        """Record finished steps; answers when they are durable."""
        ...

    def note(self, run: str, setback: Setback) -> None:
        """Record a try that came to nothing; nobody waits for it."""
        ...


class MemoryJournal:
    """A journal that lasts as long as its process: runs in one process share their results."""

    answers_at_once = True

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._data: dict[str, bytes] = {}

    def opened(self, run: str, role: str, steps: int, parts: bytes) -> None:
        pass

    def find(self, run: str, claims: Sequence[Claim], then: Callable[[Sequence[Prior]], None]) -> None:
        entries = self._entries
        then([Prior(entries[claim.key]) if claim.key in entries else NOTHING for claim in claims])

    def begin(self, run: str, claims: Sequence[Claim], then: Callable[[], None]) -> None:
        then()

    def load(self, run: str, digests: Sequence[str], then: Callable[[Sequence[bytes]], None]) -> None:
        then([self._data[digest] for digest in digests])

    def record(self, run: str, entries: Sequence[Entry], then: Callable[[], None]) -> None:
        for entry in entries:
            if not entry.reason:
                self._data[entry.digest] = entry.data
                if entry.kind is not Kind.EFFECT and not entry.provisional:
                    self._entries[entry.key] = entry
        then()

    def note(self, run: str, setback: Setback) -> None:
        pass
