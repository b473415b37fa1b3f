from functools import partial
from pathlib import Path

import pytest

from monitor.health import Check, Health, Status, disk_check, examine, memory_check

OK, POOR, BAD = Check(), Check(Status.WARN), Check(Status.FAIL)


@pytest.mark.parametrize(
    ("checks", "status"),
    [((), "pass"), ((OK, OK), "pass"), ((OK, POOR), "warn"), ((POOR, BAD, OK), "fail")],
)
def test_status_is_that_of_the_worst_check(checks: tuple[Check, ...], status: str) -> None:
    assert Health({"a": checks, "b": ()}).status == status


def test_as_dict_has_the_form_of_the_draft() -> None:
    seen = Check(Status.WARN, "system", 0, "MiB", "full", "2024-01-01T00:00:00Z")

    health = examine(
        {"disk": lambda: seen, "agents": lambda: [OK, OK]},
        version="1",
        service_id="books",
        description="makes books",
        uptime_s=1.26,
    )

    assert health.as_dict() == {
        "status": "warn",
        "version": "1",
        "serviceId": "books",
        "description": "makes books",
        "uptime": 1.3,
        "checks": {
            "disk": [
                {
                    "status": "warn",
                    "componentType": "system",
                    "observedValue": 0,
                    "observedUnit": "MiB",
                    "output": "full",
                    "time": "2024-01-01T00:00:00Z",
                }
            ],
            "agents": [{"status": "pass", "componentType": "component"}] * 2,
        },
    }


def test_a_probe_that_raises_is_a_failed_check_that_says_so_without_secrets() -> None:
    def probe() -> Check:
        raise ConnectionError("refused with Bearer abcdefghijkl")

    check = examine({"store": probe}).checks["store"][0]

    assert check.status is Status.FAIL
    assert check.output == "The check of store could not be made: ConnectionError: refused with [redacted]"


def test_outputs_are_bounded_and_free_of_secrets() -> None:
    check = examine({"store": lambda: Check(output="sk-abcdefghijklmnop " + "x" * 9_000)}).checks["store"][0]

    assert check.output.startswith("[redacted] xxx")
    assert len(check.output) < 600


@pytest.mark.parametrize(("warn_mib", "fail_mib", "status"), [(0, 0, "pass"), (1e12, 0, "warn"), (1e12, 1e12, "fail")])
def test_disk_check_holds_the_free_room_against_its_bounds(
    tmp_path: Path, warn_mib: float, fail_mib: float, status: str
) -> None:
    check = disk_check(tmp_path, warn_mib=warn_mib, fail_mib=fail_mib)

    assert check.status == status
    assert check.observed_unit == "MiB"
    assert bool(check.output) is (status != "pass")


def test_disk_check_of_a_folder_that_is_gone_fails(tmp_path: Path) -> None:
    health = examine({"disk": partial(disk_check, tmp_path / "gone")})

    assert health.status is Status.FAIL


@pytest.mark.parametrize(("kib", "status"), [(9_000_000, "pass"), (400_000, "warn"), (1_000, "fail")])
def test_memory_check_reads_what_the_system_can_still_give(tmp_path: Path, kib: int, status: str) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(f"MemTotal: 1 kB\nMemAvailable:   {kib} kB\nBuffers: 1 kB\n")

    check = memory_check(meminfo=meminfo)

    assert (check.status, check.observed_value) == (status, round(kib / 1024))


@pytest.mark.parametrize("content", ["MemTotal: 1 kB\n", None])
def test_memory_check_passes_unmeasured_where_nothing_is_told(tmp_path: Path, content: str | None) -> None:
    meminfo = tmp_path / "meminfo"
    if content:
        meminfo.write_text(content)

    check = memory_check(meminfo=meminfo)

    assert check.status is Status.PASS
    assert check.observed_value is None
    assert "not measured" in check.output
