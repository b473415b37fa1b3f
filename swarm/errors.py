"""The errors of the kernel: one class for each thing that a caller can do about it."""


class SwarmError(Exception):
    """Root of the kernel's errors. `retryable` is set by the raiser: whether the same work may succeed later."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class StepError(SwarmError):
    """The step's work cannot be done; the agent is fine. The message is shown to people: say what to do next.

    `code` tells kinds of failure apart for a caller that reacts to them, for instance an exit code.
    """

    def __init__(self, message: str, *, code: str = "failed", retryable: bool = False) -> None:
        super().__init__(message, retryable=retryable)
        self.code = code


class RunBroken(SwarmError):
    """What a step met would meet every other one too, like a full disk: the run stops with this one cause, and `code`
    tells such causes apart."""

    def __init__(self, message: str, *, code: str = "broken", retryable: bool = False) -> None:
        super().__init__(message, retryable=retryable)
        self.code = code


class DeclarationError(SwarmError):
    """An agent's declaration is malformed: its author mends it."""


class PlanError(SwarmError):
    """The registered agents do not make a plan: an agent is missing, doubled, or asks for what cannot be."""


class JournalError(SwarmError):
    """The journal cannot be written or read any more: the run stops, and can be resumed when that is mended."""


class JournalDamaged(JournalError):
    """The journal's file is not what was written: what can be read of it is saved into a new one."""


class JournalTooNew(JournalError):
    """The journal was written by a newer version: the person uses that one, or another output folder."""


class RunHeld(SwarmError):
    """Another process has the run in hand: the person waits for it, or stops it."""


class RunUnknown(SwarmError):
    """There is no such run, or none that can be resumed: the person names another."""
