"""Named places where a test can make the program fail: `DOODLEBOUND_FAILPOINT=name:nth:action`, off unless set.

Several are separated by commas. `nth` counts from 1 within the process; `*` means every time. A place of a step can be
narrowed to one item (`work.ingest@inputs/a.png`), and the name `*` is every place. The actions:

kill      SIGKILL to this process            stop:S    SIGSTOP for S seconds (a watcher continues it)
raise     RuntimeError                       errno:NAME  OSError of that errno, such as errno:ENOSPC
block:S   sleep S seconds, blocking          exit      os._exit(1)
hang      wait for ever, without blocking    memory:MB take so much memory
thread:S  keep a thread of the pool busy for S s  tell:FILE  append process, place and item to FILE

The places: `sent.ROLE` before an order goes out, `work.ROLE` before the handler is called (where alone hang and thread
work), `done.ROLE` when a result has come in and is not yet recorded, `recorded.ROLE` when it is; `journal.begin`,
`journal.record`, `ledger.end`, `journal.before_commit`, `journal.after_commit`; `blobs.write`; `publish.before`,
`publish.synced`, `publish.intended`, `publish.aside`, `publish.replaced`, `publish.cleared`, `publish.moved`,
`publish.after`; `upload.before`, `upload.claimed`, `upload.promised`, `upload.put`, `upload.removed`,
`upload.unsealed`, `upload.after`; `undo.before`, `undo.after`; `salvage.made`. While nothing is set, a place costs a
look at a constant.
"""

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping

VARIABLE = "DOODLEBOUND_FAILPOINT"


class Failpoints:
    """The places that are set, and how often each was passed."""

    def __init__(self, text: str) -> None:
        self._set: dict[str, list[tuple[str, str]]] = {}
        self._passed: dict[str, int] = {}
        for part in filter(None, text.split(",")):
            name, nth, action = part.split(":", 2)
            self._set.setdefault(name, []).append((nth, action))

    def pass_by(self, name: str, item: str = "") -> str:
        """Do what is set for this place, and give the last action, which the caller does itself if it has to wait."""
        last = ""
        for place in ("*", name, f"{name}@{item}"):
            if place not in self._set:
                continue
            self._passed[place] = nth = self._passed.get(place, 0) + 1
            for wanted, action in self._set[place]:
                if wanted in ("*", str(nth)):
                    _act(name, item, action)
                    last = action
        return last

    def __bool__(self) -> bool:
        return bool(self._set)


def _act(name: str, item: str, action: str) -> None:
    verb, _, value = action.partition(":")
    match verb:
        case "tell":
            _tell(value, f"{os.getpid()}\t{name}\t{item}\n")
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            _continue_later(float(value))
            os.kill(os.getpid(), signal.SIGSTOP)
        case "exit":
            os._exit(1)
        case "raise":
            raise RuntimeError(f"failpoint {name}")
        case "errno":
            number = getattr(errno, value)
            raise OSError(number, os.strerror(number), name)
        case "block":
            time.sleep(float(value))
        case "memory":
            _hoard.append(bytearray(int(value) << 20))
        case "hang" | "thread":
            return
        case _:
            raise ValueError(f"{VARIABLE} asks for {action}, which is no action")


def _tell(path: str, line: str) -> None:
    """Append in one call, so that a line stands there whole or not at all whenever the process is killed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, line.encode("utf-8", "surrogateescape"))
    finally:
        os.close(descriptor)


def _continue_later(seconds: float) -> None:
    code = f"import os,signal,time; time.sleep({seconds}); os.kill({os.getpid()}, signal.SIGCONT)"
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)  # noqa: S603  (our own code)


_hoard: list[bytearray] = []


def failpoints(environment: Mapping[str, str]) -> Failpoints:
    """What the environment asks for."""
    return Failpoints(environment.get(VARIABLE, ""))


_failpoints = failpoints(os.environ)
ARMED = bool(_failpoints)
"""Whether any place is set: asked first where the name of a place must be put together."""


def failpoint(name: str, item: str = "") -> None:
    """A place where a test can make the program fail."""
    if ARMED:
        _failpoints.pass_by(name, item)


async def async_failpoint(
    name: str, item: str, run_blocking: Callable[[Callable[[float], None], float], Awaitable[None]]
) -> None:
    """The same where the program can also be made to wait, for ever or for a thread."""
    action, _, seconds = _failpoints.pass_by(name, item).partition(":")
    if action == "hang":
        await asyncio.get_running_loop().create_future()
    if action == "thread":
        await run_blocking(time.sleep, float(seconds))
