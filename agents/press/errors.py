"""What can go wrong in the press."""


class PressError(Exception):
    """A book could not be set. Trying the same again gives the same."""

    retryable = False

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} could not be made: {why}. This is a fault of the press, please report it.")
