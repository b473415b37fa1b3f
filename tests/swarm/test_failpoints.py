"""The places where a test can make the program fail."""

import errno
import os
from pathlib import Path

import pytest

from swarm.failpoints import VARIABLE, Failpoints, failpoints


def test_nothing_is_set_unless_the_environment_says_so() -> None:
    assert not failpoints({})
    assert failpoints({VARIABLE: "blobs.write:1:raise"})


def test_a_place_acts_at_the_time_that_is_asked_for() -> None:
    points = Failpoints("blobs.write:2:raise")

    assert points.pass_by("blobs.write") == ""
    assert points.pass_by("journal.begin") == ""
    with pytest.raises(RuntimeError, match=r"failpoint blobs\.write"):
        points.pass_by("blobs.write")
    assert points.pass_by("blobs.write") == ""


def test_a_place_acts_every_time_where_that_is_asked_for() -> None:
    points = Failpoints("blobs.write:*:errno:ENOSPC")

    for _ in range(3):
        with pytest.raises(OSError) as caught:  # noqa: PT011  (its number is looked at below)
            points.pass_by("blobs.write")
        assert caught.value.errno == errno.ENOSPC


def test_a_place_can_be_narrowed_to_one_item() -> None:
    points = Failpoints("work.ingest@inputs/b.png:2:raise")

    assert points.pass_by("work.ingest", "inputs/a.png") == ""
    assert points.pass_by("work.ingest", "inputs/b.png") == ""
    assert points.pass_by("work.ingest", "inputs/a.png") == ""
    with pytest.raises(RuntimeError):
        points.pass_by("work.ingest", "inputs/b.png")


def test_every_place_is_told_of_before_anything_happens_there(tmp_path: Path) -> None:
    told = tmp_path / "told"
    points = Failpoints(f"done.write:1:raise,*:*:tell:{told}")

    points.pass_by("work.write", "p1")
    with pytest.raises(RuntimeError):
        points.pass_by("done.write", "p1")

    pid = os.getpid()
    assert told.read_text() == f"{pid}\twork.write\tp1\n{pid}\tdone.write\tp1\n"


def test_waiting_is_left_to_the_caller() -> None:
    assert Failpoints("work.write:1:hang").pass_by("work.write", "p1") == "hang"
    assert Failpoints("work.write:1:thread:3").pass_by("work.write", "p1") == "thread:3"


def test_an_action_that_there_is_none_of_is_an_error() -> None:
    with pytest.raises(ValueError, match="no action"):
        Failpoints("work.write:1:dance").pass_by("work.write")
