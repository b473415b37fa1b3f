from functools import partial
from pathlib import Path

import pytest

from monitor.health import Check, Health, Status, asked, disk_check, memory_check
from monitor.text import redacted

OK, POOR, BAD = Check(), Check(Status.WARN), Check(Status.FAIL)


@pytest.mark.parametrize(
    ("checks", "status"),
    [((), "pass"), ((OK, OK), "pass"), ((OK, POOR), "warn"), ((POOR, BAD, OK), "fail")],
)
def test_status_is_that_of_the_worst_check(checks: tuple[Check, ...], status: str) -> None:
    assert Health({"a": checks, "b": ()}).status == status


def test_as_dict_has_the_form_of_the_draft() -> None:
    seen = Check(Status.WARN, "system", 0, "MiB", "full", "2024-01-01T00:00:00Z")

    health = Health({"disk": (seen,), "agents": (OK, OK)}, "1", "books", "makes books", uptime_s=1.26)

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

    (check,) = asked("store", probe, redacted)

    assert check.status is Status.FAIL
    assert check.output == "The check of store could not be made: ConnectionError: refused with [redacted]"


def test_outputs_are_bounded_and_free_of_secrets() -> None:
    (check,) = asked("store", lambda: Check(output="sk-abcdefghijklmnop " + "x" * 9_000), redacted)

    assert check.output.startswith("[redacted] xxx")
    assert len(check.output) < 600


@pytest.mark.parametrize(("warn_mib", "fail_mib", "status"), [(0, 0, "pass"), (1e12, 0, "warn"), (1e12, 1e12, "fail")])
def test_disk_check_holds_the_free_room_against_its_bounds(
    tmp_path: Path, warn_mib: float, fail_mib: float, status: str
) -> None:
    check = disk_check(tmp_path, warn_mib=warn_mib, fail_mib=fail_mib)

    assert check.status == status
    assert check.observed_unit == "MiB"
    assert check.output.endswith("MiB left on the disk.")


def test_disk_check_of_a_folder_that_is_gone_fails(tmp_path: Path) -> None:
    (check,) = asked("disk", partial(disk_check, tmp_path / "gone"), redacted)

    assert check.status is Status.FAIL


@pytest.mark.parametrize(("kib", "status"), [(9_000_000, "pass"), (400_000, "warn"), (1_000, "fail")])
def test_memory_check_reads_what_the_system_can_still_give(tmp_path: Path, kib: int, status: str) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(f"MemTotal: 1 kB\nMemAvailable:   {kib} kB\nBuffers: 1 kB\n")

    check = memory_check(meminfo=meminfo, group=tmp_path)

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


@pytest.mark.parametrize(("limit", "status"), [("1073741824", "warn"), ("max", "pass")])
def test_memory_check_counts_what_the_container_may_still_take(tmp_path: Path, limit: str, status: str) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemAvailable: 9000000 kB\n")
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text(f"{900 * 2**20}\n")

    check = memory_check(meminfo=meminfo, group=tmp_path)

    assert (check.status, check.observed_value) == (status, 124 if status == "warn" else 8789)


def test_failing_names_the_parts_that_failed() -> None:
    assert Health({"a": (OK, BAD), "b": (POOR,), "c": ()}).failing == ("a",)
