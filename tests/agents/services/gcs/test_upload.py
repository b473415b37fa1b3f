"""A book in a bucket: claimed, sealed, never over another's, and taken back to what was there."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from agents.services.errors import PublishError, ServiceError
from agents.services.gcs_takeback import TakeBack
from agents.services.gcs_upload import BookUpload, Change
from registry import ThreadPool
from swarm import SwarmError
from tests.agents.services.gcs.conftest import World
from tests.peers.faults import Reset, Rule, Status

FILES = {"book.html": "<p>one", "assets/a.jpg": "A", "assets/b.jpg": "B"}


def _book(root: Path, files: dict[str, str], source_id: str = "ours", began: str = "now") -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "manifest.json").write_text(json.dumps({"schema": 1, "files": {path: {} for path in files}}))
    (root / "report.json").write_text(json.dumps({"source_id": source_id, "began": began}))
    (root / "run.log.jsonl").write_text("stays here")
    return root


class Uploads:
    """Books that are put into the world's bucket, with what was promised on the way."""

    def __init__(self, world: World, root: Path) -> None:
        self.world = world
        self.root = root
        self.promised: list[Change] = []
        self.books = 0

    async def put(self, files: dict[str, str], source_id: str = "ours") -> str:
        """Put a book, and say where it lies."""
        self.books += 1
        book = _book(self.root / str(self.books), files, source_id, str(self.books))
        upload = BookUpload(self.world.bucket("shelf"), self.root / "store", "kept/run", self.promised.append)
        return await upload.put(book, "tale", source_id)

    async def take_back(self) -> None:
        """Take all of it back, the last first."""

        def all_of_it() -> None:
            with TakeBack(self.root / "store", lambda: ThreadPool(1)) as take_back:
                for change in reversed(self.promised):
                    take_back(msgspec.json.encode(change).decode())

        await asyncio.to_thread(all_of_it)

    def shown(self, slug: str = "tale") -> dict[str, str]:
        """What lies in the place of a book."""
        prefix = f"shelf/{slug}/"
        objects = self.world.objects.objects
        return {name.removeprefix(prefix): o.data.decode() for name, o in objects.items() if name.startswith(prefix)}


@pytest.fixture
def uploads(world: World, tmp_path: Path) -> Uploads:
    return Uploads(world, tmp_path)


async def test_a_book_lies_in_its_place_with_the_manifest_last(uploads: Uploads) -> None:
    where = await uploads.put(FILES)

    assert where == "gs://pictures/shelf/tale/"
    shown = uploads.shown()
    assert {path: shown[path] for path in FILES} == FILES
    assert set(shown) == {*FILES, "manifest.json", "report.json"}
    put = [change.name.removeprefix("shelf/tale/") for change in uploads.promised]
    assert (put[0], put[-1]) == ("report.json", "manifest.json")
    objects = uploads.world.objects.objects
    assert objects["shelf/tale/book.html"].content_type == "text/html; charset=utf-8"
    assert objects["shelf/tale/manifest.json"].generation == max(found.generation for found in objects.values())


async def test_a_new_edition_puts_what_changed_and_removes_what_is_gone(uploads: Uploads) -> None:
    await uploads.put(FILES)
    uploads.world.objects.put("shelf/tale/notes.txt", b"not of the book")
    uploads.promised.clear()

    await uploads.put({"book.html": "<p>two", "assets/a.jpg": "A"})

    shown = uploads.shown()
    assert (shown["book.html"], "assets/b.jpg" in shown, "notes.txt" in shown) == ("<p>two", False, True)
    changed = [(change.name.removeprefix("shelf/tale/"), bool(change.crc32c)) for change in uploads.promised]
    assert changed[0] == ("report.json", True)
    assert changed[1] == ("manifest.json", False)
    assert sorted(changed[2:-1]) == [("assets/b.jpg", False), ("book.html", True)]
    assert changed[-1] == ("manifest.json", True)


async def test_what_is_there_with_the_same_checksum_is_not_put_again(uploads: Uploads) -> None:
    await uploads.put(FILES)
    posted = uploads.world.asked("POST", "/upload/")

    await uploads.put(FILES)

    assert uploads.world.asked("POST", "/upload/") - posted == 1  # report.json, which tells of the run


@pytest.mark.parametrize(
    "there",
    [
        {"report.json": '{"source_id": "another"}'},
        {"report.json": "no JSON"},
        {"report.json": "[" * 100_000},
        {"book.html": "somebody's"},
    ],
)
async def test_what_belongs_to_another_source_is_never_touched(uploads: Uploads, there: dict[str, str]) -> None:
    for path, text in there.items():
        uploads.world.objects.put(f"shelf/tale/{path}", text.encode())

    where = await uploads.put(FILES)

    assert where == "gs://pictures/shelf/tale-2/"
    assert uploads.shown() == there
    assert await uploads.put(FILES) == where


async def test_who_claims_the_place_in_the_same_moment_gets_it(uploads: Uploads) -> None:
    def claim() -> None:
        uploads.world.objects.objects.setdefault(
            "shelf/tale/report.json", uploads.world.objects.put("shelf/tale/report.json", b'{"source_id": "another"}')
        )
        uploads.world.peer.after_page = None

    uploads.world.peer.after_page = claim

    assert await uploads.put(FILES) == "gs://pictures/shelf/tale-2/"
    assert uploads.shown() == {"report.json": '{"source_id": "another"}'}


@pytest.mark.parametrize("fault", [Status(503, is_forwarded=True), Reset()], ids=repr)
async def test_an_answer_that_was_lost_is_known_as_our_own(uploads: Uploads, fault: Status) -> None:
    uploads.world.proxy.now(
        Rule(fault, method="POST", times=3), Rule(fault, method="DELETE", times=1), Rule(fault, method="GET", times=1)
    )

    await uploads.put(FILES)
    await uploads.put({"book.html": "<p>two"})

    assert uploads.shown()["book.html"] == "<p>two"
    assert 412 in [exchange.status for exchange in uploads.world.proxy.log]


async def test_an_object_that_somebody_changes_meanwhile_is_not_put_over(uploads: Uploads) -> None:
    await uploads.put(FILES)

    def change() -> None:
        uploads.world.objects.put("shelf/tale/book.html", b"somebody's")

    uploads.world.peer.after_page = change
    with pytest.raises(PublishError, match=r"gs://pictures/shelf/tale/book\.html was changed while"):
        await uploads.put({**FILES, "book.html": "<p>two"})

    await uploads.take_back()
    assert uploads.shown() == {"book.html": "somebody's"}


async def test_missing_rights_are_said(uploads: Uploads) -> None:
    uploads.world.peer.forbidden.add("pictures/shelf/tale/assets")
    uploads.world.proxy.now(Rule(Status(403), method="POST", skip=2))

    with pytest.raises(ServiceError, match=r"\(403\): give it the role"):
        await uploads.put(FILES)


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("stops_after", range(8))
async def test_taking_back_gives_what_was_there_wherever_it_stopped(
    uploads: Uploads, is_new: bool, stops_after: int
) -> None:
    if not is_new:
        await uploads.put(FILES)
    before = uploads.shown()
    uploads.promised.clear()
    writes = "^/(upload|storage)/.*(shelf/tale|uploadType)"
    uploads.world.proxy.now(
        Rule(Status(403), method="POST", path="uploadType", skip=stops_after),
        Rule(Status(403), method="DELETE", path=writes, skip=max(0, stops_after - 1)),
    )

    try:
        await uploads.put({"book.html": "<p>two", "assets/a.jpg": "A", "assets/c.jpg": "C"})
    except SwarmError:
        assert stops_after < 6
    uploads.world.proxy.now()

    await uploads.take_back()
    assert uploads.shown() == before
    await uploads.take_back()  # twice does no harm
    assert uploads.shown() == before


async def test_what_was_promised_and_not_done_is_left_alone(uploads: Uploads) -> None:
    await uploads.put(FILES)
    before = uploads.shown()
    generation = uploads.world.objects.objects["shelf/tale/book.html"].generation
    uploads.promised[:] = [
        Change("pictures", "shelf/tale/book.html", generation, "AAAAAA==", "kept/run/none"),
        Change("pictures", "shelf/tale/assets/a.jpg", 1, "AAAAAA=="),
        Change("pictures", "shelf/tale/assets/new.jpg", 0, "AAAAAA=="),
    ]

    await uploads.take_back()

    assert uploads.shown() == before


async def test_a_bucket_that_is_down_is_not_asked_for_each_object(uploads: Uploads) -> None:
    await uploads.put(FILES)
    uploads.world.proxy.now(Rule(Status(503)))
    asked = len(uploads.world.proxy.log)

    def all_of_it() -> list[str]:
        with TakeBack(uploads.root / "store", lambda: ThreadPool(1)) as take_back:
            return [_told(take_back, msgspec.json.encode(change).decode()) for change in uploads.promised]

    told = await asyncio.to_thread(all_of_it)

    assert told == ["the bucket answered 503"] * len(uploads.promised)
    assert len(uploads.world.proxy.log) - asked == 5


def _told(take_back: Callable[[str], None], target: str) -> str:
    with pytest.raises(ServiceError) as told:
        take_back(target)
    return str(told.value)
