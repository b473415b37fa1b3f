"""No room, no files, a disk that fails or goes: one cause is said, no agent's restarts are burnt, and the run goes on
when that is mended."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.prepared import Prepared
from tests.chaos.stage import LIMIT_S, Stage
from tests.e2e.books import assert_matches_manifest
from tests.e2e.running import Ended

pytestmark = pytest.mark.timeout(900)


def assert_stopped_for_one_cause(stage: Stage, ended: Ended, *, code: int = 1) -> str:
    """The run has ended for a cause that is not an agent's, and can be resumed; gives what was said."""
    assert ended.code == code, ended
    assert (ended.status["status"], ended.status["book"]) == ("failed", None)
    said = ended.complaint
    assert stage.rows("SELECT * FROM setbacks WHERE how IN ('crash', 'hang')") == []
    for book in stage.books():
        assert_matches_manifest(book)
    return said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("blobs.write:1:errno:ENOSPC", "No space left on device"),
        ("blobs.write:*:errno:EIO", "Input/output error"),
        ("journal.before_commit:3:errno:EIO", "Input/output error"),
        ("journal.before_commit:6:errno:EIO", "Input/output error"),
        ("journal.record:2:errno:ENOSPC", "No space left on device"),
        ("work.design:2:errno:EMFILE", "Too many open files"),
        ("publish.before:1:errno:EROFS", "Read-only file system"),
        ("publish.synced:1:errno:EIO", "Input/output error"),
        ("publish.moved:1:errno:EIO", "Input/output error"),
    ],
)
def test_what_the_system_refuses_stops_the_run_with_that_one_cause(
    prepared: Prepared, unbroken: Path, tmp_path: Path, at: str, said: str
) -> None:
    stage = prepared.after("sequence", tmp_path)
    before = stage.finished()

    ended = stage.resume(at=at)

    assert said in assert_stopped_for_one_cause(stage, ended)
    stage.check_after(before, ended)
    assert list((stage.store / "work").iterdir()) == []
    stage.ends_well(unbroken)


@pytest.mark.parametrize("point", ["intended", "aside", "replaced", "cleared"])
def test_the_older_edition_or_the_new_one_stands_when_replacing_fails(
    replacing: Stage, unbroken: Path, tmp_path: Path, point: str
) -> None:
    stage = replacing.copied_to(tmp_path)

    ended = stage.resume(at=f"publish.{point}:1:errno:EIO")

    assert_stopped_for_one_cause(stage, ended)
    assert len(stage.books()) == 1
    stage.ends_well(unbroken)


@contextmanager
def _small_disk(place: Path, size_bytes: int) -> Iterator[None]:
    place.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "chaos", place], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def _fill(place: Path, left_bytes: int) -> Path:
    """Leave so much room, and give the file that takes the rest."""
    ballast = place / ".ballast"
    about = os.statvfs(place)
    free = about.f_bavail * about.f_bsize
    with ballast.open("wb") as file:
        for _ in range(max(0, free - left_bytes) // 4096):
            file.write(bytes(4096))
    return ballast


ROOM = [0, 8 << 10, 32 << 10, 64 << 10, 128 << 10, 256 << 10, 512 << 10]


@pytest.mark.parametrize("left_bytes", ROOM)
def test_a_run_stops_when_the_disk_is_full_and_goes_on_when_there_is_room(
    prepared: Prepared, unbroken: Path, tmp_path: Path, left_bytes: int
) -> None:
    with _small_disk(tmp_path / "books", 32 << 20):
        stage = prepared.after("sequence", tmp_path)
        before = stage.finished()
        ballast = _fill(stage.store, left_bytes)

        ended = stage.resume()

        assert_stopped_for_one_cause(stage, ended)
        ballast.unlink()
        assert before <= stage.finished()
        stage.ends_well(unbroken)


@pytest.mark.parametrize("size_bytes", [60_000, 120_000, 200_000])
def test_a_run_stops_when_files_cannot_grow_and_goes_on_when_they_can(
    prepared: Prepared, unbroken: Path, tmp_path: Path, size_bytes: int, program: Any
) -> None:
    stage = prepared.after("ingest", tmp_path)
    stage.before = (program("prlimit"), f"--fsize={size_bytes}")

    ended = stage.resume()

    assert_stopped_for_one_cause(stage, ended)
    stage.before = ()
    stage.ends_well(unbroken)


@pytest.mark.parametrize("files", [16, 20, 24, 28])
def test_a_run_stops_when_no_file_can_be_opened_and_goes_on_when_it_can(
    prepared: Prepared, unbroken: Path, tmp_path: Path, files: int, program: Any
) -> None:
    stage = prepared.after("sequence", tmp_path)
    stage.before = (program("prlimit"), f"--nofile={files}")

    ended = stage.resume()

    assert "Traceback" not in ended.err
    assert ended.code in (0, 1), ended
    if ended.code:
        assert_stopped_for_one_cause(stage, ended)
        stage.before = ()
        stage.ends_well(unbroken)


def test_a_disk_that_is_read_only_stops_the_run(prepared: Prepared, unbroken: Path, tmp_path: Path) -> None:
    with _small_disk(tmp_path / "books", 32 << 20):
        stage = prepared.after("sequence", tmp_path)
        subprocess.run(["mount", "-o", "remount,ro", stage.out], check=True)

        ended = stage.resume()

        subprocess.run(["mount", "-o", "remount,rw", stage.out], check=True)
        assert_stopped_for_one_cause(stage, ended)
        stage.ends_well(unbroken)


def test_an_output_folder_that_vanishes_stops_the_run(prepared: Prepared, unbroken: Path, tmp_path: Path) -> None:
    stage = prepared.after("sequence", tmp_path)
    with stage.started("resume", "--json", "--quiet", at="work.write:1:block:3") as child:
        stage.wait_for(child, "work.write")
        stage.out.rename(tmp_path / "away")
        out, err = child.communicate(timeout=LIMIT_S)
    ended = Ended(child.returncode, out, err)

    assert ended.code == 1, ended
    assert ended.complaint
    assert stage.books() == []
    shutil.rmtree(stage.out, ignore_errors=True)
    (tmp_path / "away").rename(stage.out)
    stage.ends_well(unbroken)
