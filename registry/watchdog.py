"""A thread that notices when the event loop stands still, and says at once what holds it up.

The loop beats; the thread counts short pauses without a beat. So it costs nothing for each step, and a process that is
stopped and goes on (SIGSTOP, a machine that sleeps) raises no alarm: all its pauses are one.
"""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from loguru import logger

from registry.worker import AT_WORK, Worker

_PAUSES = 5
"""A block is noticed at most one of so many parts of `block_s` late."""
_MOST_FRAMES = 20
_MOST_CHARS = 4_000
_LEAVE_S = 1.0


@dataclass(frozen=True, slots=True)
class Block:
    """What was at work while the loop stood still for at least `seconds`: the innermost lines of its stack, and the
    worker with the role and item of its step, if it was one."""

    worker: Worker | None
    role: str
    item: str
    seconds: float
    stack: str


def log_block(block: Block) -> None:
    """Write the line that does not wait for the loop."""
    line = logger.bind(role=block.role, item=block.item, seconds=round(block.seconds, 3), stack=block.stack)
    line.error("loop_blocked")


class Watchdog:
    """Watches the loop of the thread that starts it. `tell` is called in the watchdog's own thread, once for each block
    of more than `block_s` seconds and while it lasts."""

    def __init__(self, block_s: float, tell: Callable[[Block], None] = log_block) -> None:
        self._block_s = block_s
        self._tell = tell
        self._beats = 0
        self._beat_at = 0.0
        self._block: Block | None = None
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._watched = 0
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch the thread that calls this."""
        self._watched = threading.get_ident()
        self._beat_at = time.monotonic()
        self._thread.start()

    def beat(self) -> Block | None:
        """The loop turns. Gives the block that has ended with this, if there was one."""
        with self._lock:
            self._beats += 1
            self._beat_at = time.monotonic()
            block, self._block = self._block, None
            return block

    def stop(self) -> None:
        """End the watch; one that hangs in its `tell` is left behind."""
        self._is_over.set()
        self._thread.join(_LEAVE_S)

    def _watch(self) -> None:
        seen, still_s, is_told = self._beats, 0.0, False
        pause_s = self._block_s / _PAUSES
        while not self._is_over.is_set():
            passed_s = self._pause(pause_s)
            if seen != self._beats:
                seen, still_s, is_told = self._beats, 0.0, False
                passed_s = min(passed_s, time.monotonic() - self._beat_at)
            still_s += passed_s
            if still_s >= self._block_s and not is_told:
                is_told = self._look(seen, still_s)

    def _pause(self, pause_s: float) -> float:
        """Wait, and give how much of the time the process was there. More than a pause counts only if it was at work:
        C code that does not let other threads run holds up this one too."""
        began_at, had_s = time.monotonic(), time.process_time()
        self._is_over.wait(pause_s)
        took_s, worked_s = time.monotonic() - began_at, time.process_time() - had_s
        return took_s if worked_s > took_s / 10 else min(took_s, pause_s)

    def _look(self, seen: int, still_s: float) -> bool:
        """Look what is at work, and tell it if the loop still stands. Gives whether it does."""
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001  (the one way to see another thread's stack)
        worker = _worker_in(frame)
        order = worker.in_hand if worker else None
        role, item = order.step.id if order else ("", "")
        block = Block(worker, role, item, still_s, _shown(frame))
        with self._lock:
            if seen != self._beats:
                return False
            self._block = block
        try:
            self._tell(block)
        except Exception as error:
            logger.opt(exception=error).error("block_not_told")
        return True


def _worker_in(frame: FrameType | None) -> Worker | None:
    """The worker in whose context the loop runs this frame: the loop's own frame below knows the context."""
    while frame is not None:
        if frame.f_code is asyncio.Handle._run.__code__:  # noqa: SLF001  (nothing public tells it)
            context = getattr(frame.f_locals.get("self"), "_context", None)
            return context.get(AT_WORK) if context is not None else None
        frame = frame.f_back
    return None


def _shown(frame: FrameType | None) -> str:
    lines = traceback.format_list(traceback.extract_stack(frame, limit=_MOST_FRAMES)) if frame else []
    return "".join(lines)[-_MOST_CHARS:]
