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


class DeclarationError(SwarmError):
    """An agent's declaration is malformed: its author mends it."""


class PlanError(SwarmError):
    """The registered agents do not make a plan: an agent is missing, doubled, or asks for what cannot be."""
