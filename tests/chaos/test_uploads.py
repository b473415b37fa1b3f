"""Kills and signals while a book is put into a bucket: what was put is taken back, and resuming puts the whole book."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.stage import Stage
from tests.e2e.buckets import SHELF, Buckets, buckets
from tests.peers.faults import Rule, Slow

pytestmark = pytest.mark.timeout(900)

UPLOAD = ("--upload", SHELF)
SLUG = "my-picture-book"
PLACES = (
    *("upload.before:1", "upload.promised:1", "upload.put:1", "upload.claimed:1"),
    *("upload.promised:3", "upload.put:3", "upload.unsealed:1", "upload.after:1"),
)


@pytest.fixture
def world(stage: Stage) -> Iterator[Buckets]:
    with buckets() as world:
        stage.variables["STORAGE_EMULATOR_HOST"] = world.proxy.url
        yield world


def test_kills_while_a_book_is_put_into_a_bucket(stage: Stage, world: Buckets, unbroken: Path) -> None:
    """One run, killed a place later each time that it goes on."""
    for place in PLACES:
        stage.dies(place, *([] if stage.kills else UPLOAD), command="resume" if stage.kills else "make")
        assert stage.run("runs").code == 0
        assert world.shelf() == {}

    ended = stage.ends_well(unbroken)
    world.check_shelf(SLUG, ended.book)
    assert list(stage.store.glob("kept/*")) == []


def test_kills_while_an_older_edition_is_replaced(stage: Stage, world: Buckets, unbroken: Path) -> None:
    assert stage.make(*UPLOAD, "--seed", "1").code == 0
    before = world.shelf()
    for place in ("upload.removed:1", "upload.put:2", "upload.promised:4", "upload.after:1"):
        stage.dies(place, *([] if stage.kills else UPLOAD), command="resume" if stage.kills else "make")
        assert world.shelf() != before
        assert stage.run("runs").code == 0
        assert world.shelf() == before

    ended = stage.ends_well(unbroken)
    world.check_shelf(SLUG, ended.book)


def test_kills_while_an_upload_is_taken_back(stage: Stage, world: Buckets, unbroken: Path) -> None:
    assert stage.make(*UPLOAD, "--seed", "1").code == 0
    before = world.shelf()
    stage.dies("upload.after:1", *UPLOAD, command="make")

    for place in ("undo.after:1", "undo.before:2", "undo.after:3"):
        stage.dies(place)

    assert stage.run("runs").code == 0
    assert world.shelf() == before
    ended = stage.ends_well(unbroken)
    world.check_shelf(SLUG, ended.book)


def test_a_signal_during_an_upload_takes_it_back(stage: Stage, world: Buckets, unbroken: Path) -> None:
    world.proxy.now(Rule(Slow(60), method="POST", path="/b/shelf/", skip=3))
    words = ("--formats", "html", "--json", "--quiet", *UPLOAD, "--", str(stage.source))
    with stage.started("make", *words) as child:
        stage.wait_for(child, "upload.claimed")
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate(timeout=60)

    assert (child.returncode, '"status": "interrupted"' in out) == (143, True), err
    assert world.shelf() == {}
    world.proxy.now()
    ended = stage.ends_well(unbroken)
    world.check_shelf(SLUG, ended.book)
