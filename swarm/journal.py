"""The journal: the record of every finished step, by the key of what went into it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from swarm.agent import Kind, StepId


class Entry(NamedTuple):
    """A finished step. `data` is its sealed result with `digest`; `rework` as the review asked for it.

    A failed step has no data but a reason; it belongs to its run and is never found by its key.
    """

    run: str
    step: StepId
    key: str
    kind: Kind
    digest: str
    data: bytes
    rework: tuple[str, str] | None = None
    reason: str = ""


class Journal(Protocol):
    """Where results are kept. Every call returns at once and answers by calling `then`: before it returns if the
    journal `answers_at_once`, else later on the loop. `record` answers only when the entry is durable."""

    @property
    def answers_at_once(self) -> bool:
        """Whether each answer comes before the call returns."""
        ...

    def find(self, key: str, then: Callable[[Entry | None], None]) -> None:
        """Look up the done step with this key."""
        ...

    def load(self, digests: Sequence[str], then: Callable[[Sequence[bytes]], None]) -> None:
        """The sealed bytes of results and briefs, in the order asked for."""
        ...

    def keep(self, data: bytes, digest: str) -> None:
        """Keep the brief of an item, so that `load` finds it."""
        ...

    def begin(self, run: str, step: StepId, kind: Kind, then: Callable[[], None]) -> None:
        """Record that a step that is not free to repeat is about to start."""
        ...

    def record(self, entry: Entry, then: Callable[[], None]) -> None:
        """Record a finished step."""
        ...


class MemoryJournal:
    """A journal that lasts as long as its process: runs in one process share their results."""

    answers_at_once = True

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._data: dict[str, bytes] = {}

    def find(self, key: str, then: Callable[[Entry | None], None]) -> None:
        then(self._entries.get(key))

    def load(self, digests: Sequence[str], then: Callable[[Sequence[bytes]], None]) -> None:
        then([self._data[digest] for digest in digests])

    def keep(self, data: bytes, digest: str) -> None:
        self._data[digest] = data

    def begin(self, run: str, step: StepId, kind: Kind, then: Callable[[], None]) -> None:
        then()

    def record(self, entry: Entry, then: Callable[[], None]) -> None:
        if not entry.reason:
            self._data[entry.digest] = entry.data
            if entry.kind is not Kind.EFFECT:
                self._entries[entry.key] = entry
        then()
