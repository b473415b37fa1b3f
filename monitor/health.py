"""Health: checks with an outcome each, and the worst of them as that of the whole.

The form is that of the Internet draft "Health Check Response Format for HTTP APIs" (application/health+json).
"""

import math
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from monitor.text import Redact, shortened

MEDIA_TYPE = "application/health+json"

_MIB = 1024 * 1024
_OUTPUT_CHARS = 500


class Status(StrEnum):
    """From good to bad; `warn` still works."""

    PASS = "pass"  # noqa: S105  (no password)
    WARN = "warn"
    FAIL = "fail"


_BADNESS = {Status.PASS: 0, Status.WARN: 1, Status.FAIL: 2}


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of looking at one thing.

    `component_type` says what it is (`system`, `datastore`, `component`), `output` what is wrong and what to do, `time`
    when it was looked at (ISO 8601), where that was not just now.
    """

    status: Status = Status.PASS
    component_type: str = "component"
    observed_value: float | str | None = None
    observed_unit: str = ""
    output: str = ""
    time: str = ""

    def as_dict(self) -> dict[str, object]:
        """The form of the draft, without what is empty."""
        told: dict[str, object] = {
            "componentType": self.component_type,
            "observedValue": self.observed_value,
            "observedUnit": self.observed_unit,
            "output": self.output,
            "time": self.time,
        }
        filled = {key: value for key, value in told.items() if value not in (None, "")}
        return {"status": self.status.value, **filled}


Probe: TypeAlias = Callable[[], Check | Iterable[Check]]
"""Looks at one thing."""


@dataclass(frozen=True, slots=True)
class Health:
    """The health of the whole; `uptime_s` in seconds."""

    checks: Mapping[str, tuple[Check, ...]]
    version: str = ""
    service_id: str = ""
    description: str = ""
    uptime_s: float = field(default=0.0, kw_only=True)

    @property
    def status(self) -> Status:
        """The worst of all checks; pass without any."""
        every = (check.status for checks in self.checks.values() for check in checks)
        return max(every, key=_BADNESS.__getitem__, default=Status.PASS)

    @property
    def failing(self) -> tuple[str, ...]:
        """The parts that failed, by their names."""
        return tuple(name for name, checks in self.checks.items() if any(c.status is Status.FAIL for c in checks))

    def as_dict(self) -> dict[str, object]:
        """The form of the draft."""
        return {
            "status": self.status.value,
            "version": self.version,
            "serviceId": self.service_id,
            "description": self.description,
            "uptime": round(self.uptime_s, 1),
            "checks": {name: [check.as_dict() for check in checks] for name, checks in self.checks.items()},
        }


def disk_check(path: Path, *, warn_mib: float = 1024, fail_mib: float = 100) -> Check:
    """The free room on the disk of `path`, which exists, and whether it is below these bounds."""
    free_mib = shutil.disk_usage(path).free / _MIB
    return _room(free_mib, warn_mib, fail_mib, "There are {:.0f} MiB left on the disk.")


def memory_check(
    *,
    warn_mib: float = 512,
    fail_mib: float = 64,
    meminfo: Path = Path("/proc/meminfo"),
    group: Path = Path("/sys/fs/cgroup"),
) -> Check:
    """The memory that the system, or the container that this is, can still give. It passes unmeasured where the system
    does not tell (not Linux)."""
    try:
        free_mib = min(_available_mib(meminfo.read_text("ascii")), _left_in_group_mib(group))
    except (OSError, ValueError):
        return Check(component_type="system", output="The free memory is not measured here.")
    return _room(free_mib, warn_mib, fail_mib, "There are {:.0f} MiB of memory left.")


def asked(name: str, probe: Probe, redact: Redact) -> tuple[Check, ...]:
    """What a probe says; one that raises has said that it cannot."""
    try:
        answer = probe()
        checks = (answer,) if isinstance(answer, Check) else tuple(answer)
    except Exception as fault:
        said = f"The check of {name} could not be made: {type(fault).__name__}: {fault}"
        checks = (Check(Status.FAIL, output=said),)
    return tuple(replace(check, output=shortened(redact(check.output), _OUTPUT_CHARS)) for check in checks)


def _room(free_mib: float, warn_mib: float, fail_mib: float, sentence: str) -> Check:
    bounds = {Status.FAIL: fail_mib, Status.WARN: warn_mib}
    status = next((status for status, mib in bounds.items() if free_mib < mib), Status.PASS)
    output = sentence.format(free_mib)
    return Check(status, "system", round(free_mib), "MiB", output)


def _available_mib(meminfo: str) -> float:
    """The number behind `MemAvailable:`, which is in KiB. Raises ValueError if it is not there."""
    _, found, rest = meminfo.partition("MemAvailable:")
    if not found:
        raise ValueError("no MemAvailable")
    return int(rest.split()[0]) / 1024


def _left_in_group_mib(group: Path) -> float:
    """What the control group that this process is in may still take; without end where there is no limit."""
    try:
        limit, used = (int((group / name).read_text("ascii")) for name in ("memory.max", "memory.current"))
    except (OSError, ValueError):  # no group, or `max`
        return math.inf
    return max(0, limit - used) / _MIB
