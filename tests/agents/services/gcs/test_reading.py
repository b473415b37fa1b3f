"""Reading objects of a bucket: pinned, checked, bounded, retried in one place; with the real client, under faults."""

import asyncio
import gzip

import pytest

from agents.services.errors import SourceError
from agents.services.gcs import BucketStorage, BucketToml
from agents.services.gcs_place import GcsPlace
from registry import ThreadPool
from swarm.errors import RunBroken
from swarm.events import CallEnded, CallRetried
from tests.agents.services.gcs.conftest import World
from tests.peers.faults import Corrupt, Drip, Reset, Rule, Slow, Status, Truncate

MEDIA = "/download/"
DRAWING = b"drawing" * 100


async def _listed(world: World, max_bytes: int = 10_000, deadline_s: float = 30.0) -> BucketStorage:
    return await asyncio.to_thread(world.listed, 100, max_bytes, deadline_s)


@pytest.mark.parametrize(
    "fault",
    [
        *(Status(503), Status(429), Status(500), Status(408)),
        *(Reset(), Reset(0.5), Truncate(), Truncate(is_hidden=True)),
        *(Corrupt(), Corrupt(0.0), Corrupt(0.999)),
    ],
    ids=repr,
)
async def test_what_passes_is_tried_again_and_gives_the_right_bytes(world: World, fault: Status) -> None:
    storage = await _listed(world)
    world.proxy.now(Rule(fault, path=MEDIA, times=2))

    assert await storage.read(storage.pictures[0]) == DRAWING
    assert world.asked("GET", MEDIA) == 3
    ended = [event.outcome for event in world.events if isinstance(event, CallEnded)]
    assert ended[-3:] == [ended[-2], ended[-2], "ok"]
    assert sum(isinstance(event, CallRetried) for event in world.events) == 2


@pytest.mark.parametrize("fault", [Corrupt(), Truncate(is_hidden=True), Status(503), Reset(0.5)], ids=repr)
async def test_wrong_bytes_are_never_given_and_the_tries_are_counted(world: World, fault: Status) -> None:
    storage = await _listed(world)
    world.proxy.now(Rule(fault, path=MEDIA))

    with pytest.raises(SourceError, match=r"^inputs/a\.png cannot be read: gs://pictures/mila/inputs/a\.png: ") as told:
        await storage.read(storage.pictures[0])
    assert told.value.retryable
    assert world.asked("GET", MEDIA) == 5  # as many as the policy says: nothing else retries


async def test_a_wrong_checksum_header_does_not_help_wrong_bytes(world: World) -> None:
    storage = await _listed(world)
    forged = (("x-goog-hash", "crc32c=AAAAAA==,md5=1B2M2Y8AsgTpgAmY7PhCfg=="),)
    world.proxy.now(Rule(Status(200, b"forged", forged), path=MEDIA), Rule(Status(200, b""), path=MEDIA))

    with pytest.raises(SourceError, match="arrived damaged"):
        await storage.read(storage.pictures[0])


async def test_bytes_without_a_checksum_header_are_checked_all_the_same(world: World) -> None:
    storage = await _listed(world)
    world.proxy.now(Rule(Status(200, b"dr0wing" * 100), path=MEDIA))

    with pytest.raises(SourceError, match="it arrived damaged"):
        await storage.read(storage.pictures[0])


async def test_more_bytes_than_were_listed_are_not_taken(world: World) -> None:
    storage = await _listed(world)
    world.proxy.now(Rule(Status(200, DRAWING + b"x" * 10_000_000), path=MEDIA, times=1))

    assert await storage.read(storage.pictures[0]) == DRAWING


async def test_a_picture_over_the_limit_is_not_asked_for(world: World) -> None:
    storage = await _listed(world, max_bytes=10)

    with pytest.raises(SourceError, match="has 700 bytes, which is too much"):
        await storage.read(storage.pictures[0])
    assert world.asked("GET", MEDIA) == 0


async def test_what_drips_ends_at_the_deadline_and_so_does_its_thread(world: World) -> None:
    world.put("inputs/a.png", data=bytes(9000))
    storage = await _listed(world, deadline_s=0.9)
    world.proxy.now(Rule(Drip(2.0), path=MEDIA))  # a piece each quarter of a second: no single read is too late

    with pytest.raises(SourceError, match=r"a\.png cannot be read: .* (in time|within)"):
        await storage.read(storage.pictures[0])
    threads = storage.threads
    assert isinstance(threads, ThreadPool)
    async with asyncio.timeout(10):
        while threads.hung:  # noqa: ASYNC110  (a thread tells nobody when it ends)
            await asyncio.sleep(0.02)


async def test_what_is_silent_is_given_up_and_asked_for_again(world: World) -> None:
    storage = await _listed(world, deadline_s=6.0)
    world.proxy.now(Rule(Slow(60), path=MEDIA, times=1))

    assert await storage.read(storage.pictures[0]) == DRAWING
    assert world.asked("GET", MEDIA) == 1  # the other is still being answered


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (
            403,
            r"inputs/a\.png cannot be read: gs://pictures/mila/inputs/a\.png: this account may not .*\(403\): give it",
        ),
        (404, r"inputs/a\.png cannot be read: gs://pictures/mila/inputs/a\.png: it is not there \(404\)"),
        (412, r"inputs/a\.png changed while the book was made \(gs://pictures/mila/inputs/a\.png is no longer at gen"),
        (400, r"inputs/a\.png cannot be read: gs://pictures/mila/inputs/a\.png: the bucket will not do that \(400\)"),
    ],
)
async def test_a_refusal_is_said_and_not_asked_for_again(world: World, status: int, sentence: str) -> None:
    storage = await _listed(world)
    world.proxy.now(Rule(Status(status), path=MEDIA))

    with pytest.raises(SourceError, match=sentence):
        await storage.read(storage.pictures[0])
    assert world.asked("GET", MEDIA) == 1


async def test_credentials_that_are_no_longer_taken_stop_the_run(world: World) -> None:
    storage = await _listed(world)
    world.peer.tokens.add("another")

    with pytest.raises(RunBroken, match=r"Google does not take the credentials.* \(for gs://pictures\): run `gcloud"):
        await storage.read(storage.pictures[0])


async def test_an_object_that_changed_is_noticed_by_its_generation_also_with_the_same_bytes(world: World) -> None:
    storage = await _listed(world)
    world.put("inputs/a.png", data=DRAWING)

    with pytest.raises(SourceError, match=r"inputs/a\.png changed while the book was made"):
        await storage.read(storage.pictures[0])


@pytest.mark.parametrize(("max_bytes", "is_read"), [(700, True), (699, False)])
async def test_a_compressed_object_is_unpacked_within_the_limit(world: World, max_bytes: int, is_read: bool) -> None:
    world.objects.put("mila/inputs/a.png", gzip.compress(DRAWING), content_encoding="gzip")
    storage = await _listed(world, max_bytes=max_bytes)

    if is_read:
        assert await storage.read(storage.pictures[0]) == DRAWING
    else:
        with pytest.raises(SourceError, match="unpacks to more than"):
            await storage.read(storage.pictures[0])


async def test_at_most_eight_requests_are_made_at_the_same_time(world: World) -> None:
    world.put(*(f"inputs/{number:02}.png" for number in range(30)))
    storage = await _listed(world)
    world.proxy.now(Rule(Slow(0.05), path=MEDIA))

    await asyncio.gather(*(storage.read(picture) for picture in storage.pictures))

    assert world.proxy.here.most_at_once() == 8


async def test_a_bucket_that_is_down_is_left_alone(world: World) -> None:
    world.put(*(f"inputs/{number:02}.png" for number in range(60)))
    storage = await _listed(world, deadline_s=2.0)
    world.proxy.now(Rule(Status(503), path=MEDIA))

    told = await asyncio.gather(*(storage.read(picture) for picture in storage.pictures), return_exceptions=True)

    assert all(isinstance(error, SourceError) for error in told)
    assert world.asked("GET", MEDIA) < 30  # of 62 pictures with five tries each


def test_book_toml_is_read_once_and_only_if_it_is_small(world: World) -> None:
    place, threads = GcsPlace.of("gs://pictures/mila"), ThreadPool(1)
    assert not BucketToml(place, threads, 5.0).is_file()
    with pytest.raises(FileNotFoundError):
        BucketToml(place, threads, 5.0).read_bytes()

    world.put("book.toml", data=b'title = "T"')
    toml = BucketToml(place, threads, 5.0)
    assert (toml.exists(), toml.read_bytes(), str(toml)) == (True, b'title = "T"', "gs://pictures/mila/book.toml")
    assert world.asked("GET", MEDIA) == 1

    world.put("book.toml", data=b"#" * (2**20 + 1))
    with pytest.raises(SourceError, match=r"book\.toml has 1048577 bytes, and may have 1048576"):
        BucketToml(place, threads, 5.0).is_file()
    assert world.asked("GET", MEDIA) == 1
