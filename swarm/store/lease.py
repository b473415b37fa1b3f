"""Who holds a run, for how long nothing was heard of it, and whether it is gone."""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

STALE_S = 15.0
"""A holder that was not heard of for so long has lost its run, also while its process is there."""
BEAT_S = 3.0
"""How often a holder is heard of."""


class Holder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A process: its number and when it was started, the host and the boot of the host that it runs in.

    What a system does not tell is empty.
    """

    pid: int
    host: str
    boot: str = ""
    started: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether the process is known to have ended; one of another host never is."""
        if self.host != socket.gethostname():
            return False
        if self.boot != _boot():
            return True
        if not _is_alive(self.pid):
            return True
        return self.started != _started(self.pid)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


class Beat(msgspec.Struct, frozen=True):
    """When a holder was heard of last: by the clock on the wall, and by the seconds since the host was booted, which
    no one sets."""

    wall_s: float
    boot_s: float
    boot: str


def this_process() -> Holder:
    """The process that asks."""
    return Holder(os.getpid(), socket.gethostname(), _boot(), _started(os.getpid()))


def beat_now(wall: Callable[[], float] = time.time) -> Beat:
    """A sign of life."""
    return Beat(wall(), _since_boot_s(), _boot())


def age_s(beat: Beat, now: Beat) -> float:
    """Seconds since a sign of life; a clock that was set does not matter within one boot of one host."""
    if beat.boot and beat.boot == now.boot:
        return max(0.0, now.boot_s - beat.boot_s)
    return max(0.0, now.wall_s - beat.wall_s)


def _since_boot_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _boot() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    return _stat(pid)[:1] == ["Z"]


def _started(pid: int) -> str:
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; empty where there is none."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return []
