"""What a bucket lists: pages, names, what is a picture, and what is said when it cannot be listed."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.book.picture import Heap
from agents.services.errors import SettingsError, SourceError
from agents.services.gcs import BucketStorage
from agents.services.gcs_client import Stored
from agents.services.gcs_place import GcsPlace
from registry import ThreadPool
from tests.agents.services.gcs.conftest import World
from tests.peers.faults import Rule, Slow, Status, Truncate

PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


def test_all_pages_are_listed_however_many(world: World) -> None:
    world.peer.most_results = 7
    names = [f"inputs/{number:03}.png" for number in range(50)]
    world.put(*names)

    listed = world.listed().pictures

    assert [picture.item for picture in listed if picture.heap is Heap.INPUT] == [*names, "inputs/a.png"]
    assert world.asked("GET", "/b/pictures/o") == 8 + 1


def test_what_is_new_or_gone_between_pages_is_listed_at_most_once(world: World) -> None:
    world.peer.most_results = 2
    world.put("inputs/c.png", "inputs/d.png", "inputs/e.png")

    def change() -> None:
        world.put("inputs/b.png", "inputs/z.png")
        world.objects.objects.pop("mila/inputs/d.png", None)

    world.peer.after_page = change
    items = [picture.item for picture in world.listed().pictures]

    assert items == ["inputs/a.png", "inputs/c.png", "inputs/e.png", "inputs/z.png", "outputs/b.jpg"]


def test_pictures_are_told_by_name_by_type_and_by_their_first_bytes(world: World) -> None:
    world.objects.put("mila/inputs/typed", b"x", content_type="image/webp")
    world.objects.put("mila/inputs/bare", PNG)
    world.objects.put("mila/inputs/notes", b"no picture")
    world.objects.put("mila/inputs/page", PNG, content_type="text/html")
    world.put("inputs/folder/", "inputs/.hidden.png", "inputs/.trash/x.png", "inputsame.png", "book.toml")

    items = [picture.item for picture in world.listed().pictures if picture.heap is Heap.INPUT]

    assert items == ["inputs/a.png", "inputs/bare", "inputs/typed"]


def test_the_same_picture_twice_is_known_without_reading_it(world: World) -> None:
    world.put("inputs/again.png", data=b"drawing" * 100)
    world.put("outputs/again.jpg", data=b"drawing" * 100)

    listed = {picture.item: picture.same_as for picture in world.listed().pictures}

    assert listed == {
        "inputs/a.png": "",
        "inputs/again.png": "inputs/a.png",
        "outputs/again.jpg": "",
        "outputs/b.jpg": "",
    }
    assert world.asked("GET", "/download/") == 0


def test_digests_hold_for_the_bytes_and_not_for_the_generation(world: World) -> None:
    before = world.listed().pictures
    world.put("inputs/a.png", data=b"drawing" * 100)
    world.put("outputs/b.jpg", data=b"another")

    after = world.listed().pictures

    assert before[0].digest == after[0].digest
    assert before[1].digest != after[1].digest


def test_objects_without_md5_are_told_apart_by_name_and_generation(world: World) -> None:
    for name in ("a", "c"):
        world.objects.put(f"mila/inputs/{name}.png", b"composed", is_composite=True)

    one, other = world.listed().pictures[:2]
    world.objects.put("mila/inputs/a.png", b"composed", is_composite=True)

    assert one.digest != other.digest
    assert not other.same_as
    assert world.listed().pictures[0].digest != one.digest


NAMES = (
    "../../up.png",
    "a/../../b.png",
    "/absolute.png",
    "//twice.png",
    "new\nline.png",
    "nul\0.png",
    "nul\ufffd.png",
    "\u202egnp.exe.png",
    "{0.x}%00&?#+ <script>.png",
    "n" * 900 + ".png",
    "caf\u00e9.png",
    "cafe\u0301.png",
    "A.png",
)


async def test_hostile_names_are_names_and_nothing_else(world: World) -> None:
    for number, name in enumerate(NAMES):
        world.put(f"outputs/{name}", data=b"%d" % number)

    storage = await asyncio.to_thread(world.listed)
    pictures = [picture for picture in storage.pictures if picture.heap is Heap.OUTPUT]

    assert len({picture.item for picture in pictures}) == len(NAMES) + 1
    assert not any("\0" in picture.item for picture in pictures)
    read = {await storage.read(picture) for picture in pictures}
    assert read == {b"rendering" * 100, *(b"%d" % number for number in range(len(NAMES)))}


@given(st.lists(st.text(st.characters(), min_size=1, max_size=8), min_size=1, max_size=12, unique=True))
def test_two_objects_never_have_one_name(names: list[str]) -> None:
    listing = BucketStorage(GcsPlace("bucket", "p/"), ThreadPool(1), 10, 1.0)

    listing.add(Heap.INPUT, [Stored(f"p/{name}", 1, 1, "AAAAAA==", "", "", "") for name in names])

    items = [picture.item for picture in listing.pictures]
    assert len(set(items)) == len(names)
    assert all(item.encode() and "\0" not in item for item in items)


def test_too_many_pictures_are_not_listed_to_the_end(world: World) -> None:
    world.peer.most_results = 5
    world.put(*(f"inputs/{number:03}.png" for number in range(100)))

    with pytest.raises(SourceError, match="over the limit of 7: make several books"):
        world.listed(max_pictures=7)
    assert world.asked("GET", "/o") <= 3


@pytest.mark.parametrize(
    ("empty", "sentence"),
    [
        ("mila/inputs/a.png", "there is no drawing in gs://pictures/mila/inputs/: put"),
        ("mila/outputs/b.jpg", "there is no rendering in gs://pictures/mila/outputs/: give each"),
    ],
)
def test_an_empty_heap_is_said(world: World, empty: str, sentence: str) -> None:
    del world.objects.objects[empty]

    with pytest.raises(SourceError, match=sentence):
        world.listed()


def test_a_bucket_that_is_not_there_is_said(world: World) -> None:
    del world.peer.buckets["pictures"]

    with pytest.raises(SourceError, match=r"gs://pictures is not there \(404\): check the name"):
        world.listed()


def test_missing_rights_are_said_and_not_asked_for_again(world: World) -> None:
    world.peer.forbidden.add("pictures")

    with pytest.raises(
        SourceError, match=r"gs://pictures/mila cannot be listed: this account may not .*\(403\): give it"
    ):
        world.listed()
    assert len(world.proxy.log) == 1


def test_missing_credentials_are_said(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")

    with pytest.raises(SourceError, match=r"gs://pictures/mila cannot be listed: no Google credentials .*gcloud auth"):
        world.listed()


def test_credentials_that_are_not_taken_are_said(world: World) -> None:
    world.peer.tokens.add("another")

    with pytest.raises(SourceError, match="Google does not take the credentials"):
        world.listed()


def test_a_listing_is_asked_for_again_as_long_as_that_may_help(world: World) -> None:
    world.proxy.now(Rule(Status(503), times=2), Rule(Truncate(), skip=1, times=1), Rule(Status(429), skip=1, times=1))

    assert len(world.listed().pictures) == 2
    assert [exchange.status for exchange in world.proxy.log] == [503, 503, 200, 200, 429, 200]


def test_a_listing_that_is_no_answer_ends(world: World) -> None:
    world.proxy.now(Rule(Status(200, b"<html>Sign in</html>")))

    with pytest.raises(SourceError, match="cannot be listed: the bucket's answer is none"):
        world.listed()
    assert len(world.proxy.log) == 5


def test_pages_that_go_round_in_a_circle_end(world: World) -> None:
    world.proxy.now(Rule(Status(200, b'{"items": [], "nextPageToken": "again"}')))

    with pytest.raises(SourceError, match="go round in a circle"):
        world.listed()
    assert len(world.proxy.log) == 2


def test_a_server_that_sends_us_elsewhere_is_not_followed(world: World) -> None:
    world.proxy.now(Rule(Status(302, b"", (("location", "http://127.0.0.1:9/secret"),))))

    with pytest.raises(SourceError, match="sends us elsewhere"):
        world.listed()
    assert len(world.proxy.log) == 1


def test_a_bucket_that_does_not_answer_ends_at_the_deadline(world: World) -> None:
    world.proxy.now(Rule(Slow(60)))

    with pytest.raises(SourceError, match=r"cannot be listed: .*(in time|within)"):
        world.listed(deadline_s=0.9)


@pytest.mark.parametrize("text", ["gs://", "gs://B_cket", "gs:///x", "http://bucket/x", "gs://a/x", "gs://buck et/x"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is no place in a bucket: write gs://bucket/prefix"):
        GcsPlace.of(text)


def test_a_place_is_read_to_the_letter() -> None:
    assert str(GcsPlace.of("gs://bucket/a b/../c%2f/")) == "gs://bucket/a b/../c%2f"
    assert GcsPlace.of("gs://bucket") == GcsPlace("bucket", "")
