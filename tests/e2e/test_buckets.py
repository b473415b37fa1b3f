"""From a bucket to a book, and to a book in a bucket: with the real command line and the real client, under faults."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.services import gcs_bucket
from tests.conftest import ROOT
from tests.e2e.books import assert_matches_manifest, lasting, places, record
from tests.e2e.buckets import MEDIA, SHELF, SOURCE, Buckets, buckets
from tests.e2e.running import Ended, environment, run_child, run_main
from tests.e2e.sources import make_source
from tests.peers.faults import Corrupt, Drip, Fault, Reset, Rule, Slow, Status, Truncate

SLUG = "my-picture-book"
FOX = "outputs/fish-1.png"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, source: Path) -> Iterator[Buckets]:
    with buckets() as world:
        world.fill(source)
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", world.proxy.url)
        monkeypatch.setattr(gcs_bucket, "POLICY", replace(gcs_bucket.POLICY, first_wait_s=0.01))
        yield world


def _make(*words: str) -> Ended:
    return run_main("make", SOURCE, "--formats", "html", "--json", "--quiet", *words)


def _resume() -> Ended:
    return run_main("resume", "--json", "--quiet")


def _report(book: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((book / "report.json").read_text("utf-8"))
    return said


def test_the_sample_in_a_bucket_becomes_a_book_in_a_bucket(tmp_path: Path) -> None:
    with buckets() as world:
        world.fill(ROOT / "sample")
        words = ("make", SOURCE, "--upload", SHELF, "--formats", "html", "--json")
        ended = run_child(*words, cwd=tmp_path, env=environment(STORAGE_EMULATOR_HOST=world.proxy.url))

        assert (ended.code, ended.status["status"]) == (0, "complete")
        slug = "pip-and-the-wide-wide-world"
        assert ended.status["uploaded"] == f"{SHELF}/{slug}/"
        assert ended.err.splitlines()[0] == f"online: to {SHELF} goes the finished book"
        assert_matches_manifest(ended.book)
        world.check_shelf(slug, ended.book)
        assert world.most_tries() == 1
        assert world.proxy.here.most_at_once() <= 8
    said, report = record(ended.book), _report(ended.book)
    assert said["made_with"]["storage"] == "gcs"
    assert report["source"]["place"] == SOURCE
    assert report["source"]["generations"].keys() == places(ended.book).keys()


def test_a_bucket_gives_the_book_that_its_folder_gives(world: Buckets, source: Path, tmp_path: Path) -> None:
    from_bucket = _make("--out", str(tmp_path / "one")).book
    from_folder = run_main("make", source, "--formats", "html", "--json", "--quiet", "--out", tmp_path / "two").book

    one, two = record(from_bucket), record(from_folder)
    assert one["made_with"].pop("storage") == "gcs"
    assert two["made_with"].pop("storage") == "folder"
    assert one.pop("book_id") != two.pop("book_id")
    assert one == two


def test_a_book_toml_in_the_bucket_counts(world: Buckets) -> None:
    world.peer.bucket("pictures").put("mila/book.toml", b'title = "From the bucket"')

    book = _make().book

    assert record(book)["title"] == "From the bucket"
    assert not (book / "book.toml").exists()


def test_a_broken_book_toml_is_said_with_its_address(world: Buckets) -> None:
    world.peer.bucket("pictures").put("mila/book.toml", b"title = ")

    ended = _make()

    assert (ended.code, "gs://pictures/mila/book.toml is not valid TOML" in ended.complaint) == (2, True)


def test_without_a_book_toml_in_the_bucket_a_draft_is_left(world: Buckets) -> None:
    assert "inputs/fish.png" in (_make().book / "book.toml").read_text()


PASSING = (
    Status(503),
    Status(429),
    Slow(60),
    Drip(60),
    Reset(),
    Reset(0.5),
    Truncate(),
    Truncate(is_hidden=True),
    Corrupt(),
)


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_a_fault_that_passes_leaves_no_trace(world: Buckets, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    monkeypatch.setenv("DOODLEBOUND_STORAGE_DEADLINE_S", "9")
    listing = [] if isinstance(fault, Corrupt) else [Rule(fault, path="/b/pictures/o[?]", times=1)]
    world.proxy.now(Rule(fault, path=FOX, times=1), *listing)

    ended = _make()

    assert (ended.code, ended.status["omitted"]) == (0, 0)
    assert set(places(ended.book).values()) == {"page"}
    assert world.most_tries() <= 2


LASTING: dict[str, tuple[Fault, str]] = {
    "503": (Status(503), "the bucket answered 503"),
    "429": (Status(429), "the bucket answered 429"),
    "reset": (Reset(0.5), "the connection was lost"),
    "truncated": (Truncate(), "the connection was lost"),
    "shortened": (Truncate(is_hidden=True), "the connection was lost"),
    "corrupt": (Corrupt(), "it arrived damaged"),
    "slow": (Slow(60), "in"),
    "gone": (Status(404), "it is not there (404)"),
    "changed": (Status(412), "changed while the book was made"),
    "forbidden": (Status(403), "this account may not do that (403)"),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_picture_that_stays_unreadable_is_left_out_by_name_and_read_when_it_can_be(
    world: Buckets, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("DOODLEBOUND_STORAGE_DEADLINE_S", "1.5")
    fault, said = LASTING[name]
    world.proxy.now(Rule(fault, path=f"{MEDIA}.*{FOX}"))

    ended = _make()

    assert (ended.code, ended.status["status"]) == (3, "partial")
    (omission,) = record(ended.book)["omitted"]
    assert (omission["path"], omission["reason"]) == (FOX, "unreadable")
    assert said in omission["detail"]
    assert world.most_tries() <= 5  # no retries but ours
    assert_matches_manifest(ended.book)

    world.proxy.now()
    read = world.asked("GET", MEDIA)
    ended = _resume()
    assert (ended.code, set(places(ended.book).values())) == (0, {"page"})
    assert world.asked("GET", MEDIA) - read == 1


def test_an_object_that_vanishes_after_the_listing_is_left_out(world: Buckets) -> None:
    objects = world.peer.bucket("pictures").objects
    world.peer.after_page = lambda: objects.pop(f"mila/{FOX}", None) if world.asked("GET", "/o") > 2 else None
    world.peer.most_results = 4

    ended = _make()

    assert ended.code in (0, 3)
    if ended.code == 3:
        assert places(ended.book)[FOX] == "unreadable"


def test_an_object_that_changes_during_the_run_is_noticed_and_resume_takes_the_new_one(world: Buckets) -> None:
    bucket = world.peer.bucket("pictures")
    new = bucket.objects["mila/outputs/fish-2.png"].data
    listings = iter(range(3))

    def change() -> None:
        if next(listings, 9) == 1:  # both heaps are listed
            bucket.put(f"mila/{FOX}", new[:-1])

    world.peer.after_page = change
    ended = _make()

    assert ended.code == 3
    (omission,) = record(ended.book)["omitted"]
    assert f"changed while the book was made (gs://pictures/mila/{FOX} is no longer at generation" in omission["detail"]
    bucket.put(f"mila/{FOX}", bucket.objects["mila/outputs/house-1.png"].data + b"\0")
    ended = run_main("resume", "--json")
    assert ended.code == 0
    assert f"since the run began, 1 picture is changed: {FOX}" in ended.err


def test_a_bucket_that_goes_down_stops_the_run_and_resume_makes_the_book(
    world: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = lasting(_make("--out", "whole").book)
    monkeypatch.setenv("DOODLEBOUND_STORAGE_DEADLINE_S", "2")
    world.proxy.now(Rule(Status(503), path=MEDIA))
    read = world.asked("GET", MEDIA)

    ended = _make()

    assert (ended.code, "Traceback" in ended.err) == (2, False)
    assert world.asked("GET", MEDIA) - read <= 9 + 10  # a try each, and the retries that the budget has
    world.proxy.now()
    assert lasting(_resume().book) == whole


@pytest.mark.parametrize("words", [(), ("--upload", SHELF)])
def test_a_bucket_without_rights_is_said_before_any_work(world: Buckets, words: tuple[str, ...]) -> None:
    world.peer.forbidden.add("shelf" if words else "pictures")

    ended = _make(*words)

    assert ended.code == 2
    assert "(403): give it the role Storage Object User on the bucket" in ended.complaint
    assert world.asked("GET", MEDIA) == 0


def test_a_book_is_not_put_among_the_pictures(world: Buckets) -> None:
    ended = _make("--upload", "gs://pictures/mila", "--title", "Inputs")

    assert (ended.code, "lies among the pictures" in ended.complaint) == (2, True)


HOSTILE = (
    "../../up.png",
    "nul\0.png",
    "\u202egnp.exe.png",
    "new\nline.png",
    "<script>alert(1)</script>.png",
    "x" * 600 + ".png",
)


def test_hostile_names_harm_nothing(world: Buckets, tmp_path: Path) -> None:
    bucket = world.peer.bucket("pictures")
    for number, name in enumerate(HOSTILE):
        bucket.put(f"mila/outputs/{name}", bucket.objects[f"mila/{FOX}"].data + b"\0" * (number + 1))

    ended = _make()

    assert ended.code == 0
    assert len(places(ended.book)) == 9 + len(HOSTILE)
    assert_matches_manifest(ended.book)
    assert {path.name for path in tmp_path.iterdir()} == {"source", "books"}
    assert "<script>alert" not in (ended.book / "book.html").read_text()


# uploads


def test_a_failed_upload_leaves_the_book_here_and_resume_only_uploads(world: Buckets) -> None:
    world.proxy.now(Rule(Status(503), method="POST", path="/b/shelf/", skip=3))

    ended = _make("--upload", SHELF)

    assert (ended.code, ended.status["status"], world.shelf()) == (1, "failed", {})
    book = Path(ended.status["book"])
    assert_matches_manifest(book)
    assert ended.complaint.startswith(f"the book is in {book}, but it was not put into {SHELF}: ")
    assert ended.complaint.endswith("; `python main.py resume` tries again")
    world.proxy.now()
    read, before = world.asked("GET", MEDIA), lasting(book)

    ended = _resume()

    assert (ended.code, ended.status["uploaded"]) == (0, f"{SHELF}/{SLUG}/")
    assert world.asked("GET", MEDIA) == read
    assert {outcome for by in _report(book)["steps_total"].values() for outcome in by} == {"reused"}
    assert lasting(ended.book) == before
    world.check_shelf(SLUG, ended.book)


def test_a_new_edition_replaces_the_old_one_in_the_bucket(world: Buckets) -> None:
    _make("--upload", SHELF)

    ended = _make("--upload", SHELF, "--seed", "3")

    assert ended.status["uploaded"] == f"{SHELF}/{SLUG}/"
    world.check_shelf(SLUG, ended.book)


def test_a_failed_upload_of_a_new_edition_leaves_the_old_one_at_the_next_start_at_the_latest(
    world: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make("--upload", SHELF)
    before = world.shelf()
    monkeypatch.setenv("DOODLEBOUND_STORAGE_DEADLINE_S", "2")
    world.proxy.now(Rule(Status(500), method="POST", path="/b/shelf/", skip=2))

    ended = _make("--upload", SHELF, "--seed", "3")

    assert ended.code == 1
    assert "was not taken back: " in ended.err
    world.proxy.now()
    assert run_main("runs").code == 0
    assert world.shelf() == before


def test_books_of_other_sources_lie_side_by_side_in_the_bucket(world: Buckets, tmp_path: Path) -> None:
    other = make_source(tmp_path / "other", names=("cat", "dog"), renderings=1)
    _make("--upload", SHELF)
    before = world.shelf()

    ended = run_main("make", other, "--formats", "html", "--json", "--quiet", "--upload", SHELF)

    assert ended.status["uploaded"] == f"{SHELF}/{SLUG}-2/"
    assert {name: data for name, data in world.shelf().items() if name in before} == before


@pytest.mark.parametrize("fault", [Status(503, is_forwarded=True), Status(503), Reset(), Reset(0.5)], ids=repr)
def test_faults_during_the_upload_that_pass_leave_no_trace(world: Buckets, fault: Fault) -> None:
    world.proxy.now(Rule(fault, path="/b/shelf/", up=2, down=1, times=12))

    ended = _make("--upload", SHELF)

    assert ended.code == 0
    world.check_shelf(SLUG, ended.book)
