"""The health of all parts, asked for without risk: whatever a probe does, the swarm goes on and an answer is given."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from monitor.health import Check, Health, Probe, Status, asked
from monitor.text import Redact, redacted

Checks: TypeAlias = tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What is said of the whole beside its checks."""

    version: str = ""
    service_id: str = ""
    description: str = ""


class Checkup:
    """Asks probes: the `quick` ones on the loop, since they only look at what is there; each of the `slow` ones, which
    may block, hang or raise, in a thread of its own.

    A probe that gives no check has nothing to say. An answer is kept for `keep_s` seconds, and who asks meanwhile gets
    the same one. A slow probe has `deadline_s`; one that takes longer counts as failed, and is not asked again before
    it has answered: there is never more than one thread for each. `clock` gives monotonic seconds, `now` the time of
    day.
    """

    def __init__(
        self,
        quick: Mapping[str, Probe],
        slow: Mapping[str, Probe],
        *,
        named: Named | None = None,
        deadline_s: float = 2.0,
        keep_s: float = 3.0,
        redact: Redact = redacted,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._quick = quick
        self._slow = {name: _SlowProbe(name, probe, redact) for name, probe in slow.items()}
        self._named = named or Named()
        self._deadline_s = deadline_s
        self._keep_s = keep_s
        self._redact = redact
        self._clock = clock
        self._now = now
        self._began_at = clock()
        self._kept: dict[str, Checks] = {}
        self._kept_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    async def examine(self) -> Health:
        """How everything is, at most `keep_s` seconds old; takes at most a little more than `deadline_s`."""
        if not self._is_fresh:
            await asyncio.wait({self._begin()})
        return self._health()

    def latest(self) -> Health:
        """What is known at once; when that is old, it is asked anew meanwhile."""
        if not self._is_fresh:
            _ = self._begin()
        return self._health()

    @property
    def _is_fresh(self) -> bool:
        return self._clock() - self._kept_at < self._keep_s

    def _begin(self) -> "asyncio.Task[None]":
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ask(), name="checkup")
        return self._task

    async def _ask(self) -> None:
        quick = {name: self._dated(asked(name, probe, self._redact)) for name, probe in self._quick.items()}
        answers = await asyncio.gather(*(probe.ask(self._deadline_s) for probe in self._slow.values()))
        slow = {name: self._dated(checks) for name, checks in zip(self._slow, answers, strict=True)}
        self._kept = {name: checks for name, checks in (quick | slow).items() if checks}
        self._kept_at = self._clock()

    def _dated(self, checks: Checks) -> Checks:
        at = self._now().isoformat(timespec="seconds")
        return tuple(check if check.time else replace(check, time=at) for check in checks)

    def _health(self) -> Health:
        waiting = Check(output="It is being looked at for the first time.")
        checks = self._kept or dict.fromkeys((*self._quick, *self._slow), (waiting,))
        named, uptime_s = self._named, self._clock() - self._began_at
        return Health(checks, named.version, named.service_id, named.description, uptime_s=uptime_s)


class _SlowProbe:
    """One probe, asked in a thread, which nobody waits for longer than they want to."""

    def __init__(self, name: str, probe: Probe, redact: Redact) -> None:
        self._name = name
        self._probe = probe
        self._redact = redact
        self._thread: threading.Thread | None = None

    async def ask(self, deadline_s: float) -> Checks:
        """What the probe says, or that it does not."""
        if self._thread is not None and self._thread.is_alive():
            return (Check(Status.FAIL, output=f"The check of {self._name} does not come to an end."),)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Checks] = loop.create_future()
        self._thread = threading.Thread(target=partial(self._look, loop, answer), name="checkup", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # there are no more threads to be had
            return (Check(Status.FAIL, output=f"The check of {self._name} could not be begun."),)
        await asyncio.wait({answer}, timeout=deadline_s)
        if answer.done():
            return answer.result()
        answer.cancel()
        return (Check(Status.FAIL, output=f"The check of {self._name} took longer than {deadline_s:g} s."),)

    def _look(self, loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[Checks]") -> None:
        checks = asked(self._name, self._probe, self._redact)
        try:
            loop.call_soon_threadsafe(_settle, answer, checks)
        except RuntimeError:  # the loop has closed: nobody wants to know any more
            return


def _settle(answer: "asyncio.Future[Checks]", checks: Checks) -> None:
    if not answer.done():
        answer.set_result(checks)
