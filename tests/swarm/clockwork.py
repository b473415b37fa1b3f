"""An event loop that never sleeps: its clock jumps to the next timer when nothing else is left to do."""

import asyncio
import selectors


class _Skipping(selectors.DefaultSelector):
    """A selector that does not wait for a timeout but counts it."""

    skipped_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(timeout if timeout is None else 0.0)
        if not events and timeout:
            self.skipped_s += timeout
        return events


class SkippingLoop(asyncio.SelectorEventLoop):
    """Pauses and deadlines pass in no time and in their right order; threads are not waited for by timers."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.skipped_s


def now_s() -> float:
    """The clock of the running loop, for what is handed a clock."""
    return asyncio.get_running_loop().time()
