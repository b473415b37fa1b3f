"""The bucket server, asked by the real client; and a second one, not of our making, by the same where it can."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage

from tests.peers.emulator import emulated
from tests.peers.gcs import Gcs
from tests.peers.gcs_objects import Object
from tests.peers.serving import served

NAMES = ("a/1.txt", "a/2.txt", "b/3.txt", "b/c/4.txt", "b c&d?e#f%2f.txt", "\u05d0\U0001f600.txt", "n" * 300)
QUIET: dict[str, Any] = {"retry": None, "timeout": 20}


def _bucket(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", url)
    client = storage.Client(project="p")
    client._bucket_metadata_cache = None  # asks behind our back
    bucket = client.bucket("bucket")
    for name in NAMES:
        bucket.blob(name).upload_from_string(name.encode(), **QUIET)
    yield bucket
    client.close()


@pytest.fixture(params=["ours", "emulator"])
def any_bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if request.param == "ours":
        peer = Gcs()
        peer.bucket("bucket")
        with served(peer) as here:
            yield from _bucket(here.url, monkeypatch)
    else:
        with emulated("bucket") as url:
            yield from _bucket(url, monkeypatch)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    peer = Gcs()
    peer.bucket("bucket")
    with served(peer) as here:
        yield from _bucket(here.url, monkeypatch)


def _listed(bucket: Any, **how: Any) -> list[str]:
    return [blob.name for blob in bucket.list_blobs(**how, **QUIET)]


def test_objects_are_listed_by_prefix_and_delimiter(any_bucket: Any) -> None:
    found = any_bucket.list_blobs(prefix="b/", delimiter="/", **QUIET)

    assert ([blob.name for blob in found], found.prefixes) == (["b/3.txt"], {"b/c/"})
    assert sorted(_listed(any_bucket)) == sorted(NAMES)


def test_objects_are_read_whole_and_in_parts_and_checked(any_bucket: Any) -> None:
    for name in NAMES:
        assert any_bucket.blob(name).download_as_bytes(checksum="crc32c", **QUIET) == name.encode()
    assert any_bucket.blob("a/1.txt").download_as_bytes(start=2, end=3, **QUIET) == b"1."
    blob = any_bucket.get_blob("a/1.txt", **QUIET)
    assert (blob.size, blob.md5_hash, blob.crc32c) == (
        7,
        Object("", b"a/1.txt", 0).md5,
        Object("", b"a/1.txt", 0).crc32c,
    )


@pytest.mark.parametrize("size", [0, 1, 9 * 2**20])
def test_objects_of_any_size_are_put(any_bucket: Any, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    blob = any_bucket.blob("put")
    blob.upload_from_string(data, content_type="image/png", checksum="crc32c", **QUIET)  # over 8 MiB it is resumable

    assert any_bucket.blob("put").download_as_bytes(checksum=None, **QUIET) == data
    assert any_bucket.get_blob("put", **QUIET).content_type == "image/png"


def test_generations_grow_and_what_is_gone_is_gone(any_bucket: Any) -> None:
    first = any_bucket.get_blob("a/1.txt", **QUIET).generation
    any_bucket.blob("a/1.txt").upload_from_string(b"again", **QUIET)

    blob = any_bucket.get_blob("a/1.txt", **QUIET)
    assert blob.generation > first
    blob.delete(**QUIET)
    assert any_bucket.get_blob("a/1.txt", **QUIET) is None
    with pytest.raises(exceptions.NotFound):
        any_bucket.blob("a/1.txt").download_as_bytes(**QUIET)


# what the other one overlooks


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_are_as_long_as_asked_for(bucket: Any, size: int) -> None:
    pages = [[blob.name for blob in page] for page in bucket.list_blobs(page_size=size, **QUIET).pages]

    assert [name for page in pages for name in page] == sorted(NAMES, key=str.encode)
    assert {len(page) for page in pages[:-1]} <= {size}


def test_listings_begin_and_end_where_asked(bucket: Any) -> None:
    assert _listed(bucket, start_offset="a/2.txt", end_offset="b/c") == ["a/2.txt", "b c&d?e#f%2f.txt", "b/3.txt"]
    assert len(_listed(bucket, max_results=3)) == 3


@pytest.mark.parametrize("name", ["../../up", "a/../b", "/", "//", "nul\0", "%2e%2e/x"])
def test_any_name_is_only_a_name(bucket: Any, name: str) -> None:
    bucket.blob(name).upload_from_string(b"x", **QUIET)

    assert bucket.blob(name).download_as_bytes(**QUIET) == b"x"
    assert name in _listed(bucket)


def test_preconditions_hold(bucket: Any) -> None:
    blob = bucket.get_blob("a/1.txt", **QUIET)
    for refused in (0, blob.generation + 1):
        with pytest.raises(exceptions.PreconditionFailed):
            bucket.blob("a/1.txt").upload_from_string(b"x", if_generation_match=refused, **QUIET)
        with pytest.raises(exceptions.PreconditionFailed):
            bucket.blob("a/1.txt").download_as_bytes(if_generation_match=refused, **QUIET)
        with pytest.raises(exceptions.PreconditionFailed):
            bucket.blob("a/1.txt").delete(if_generation_match=refused, **QUIET)
    with pytest.raises(exceptions.NotFound):
        bucket.blob("a/1.txt", generation=1).download_as_bytes(**QUIET)

    bucket.blob("a/1.txt").upload_from_string(b"x", if_generation_match=blob.generation, **QUIET)
    bucket.blob("new").upload_from_string(b"x", if_generation_match=0, **QUIET)


def test_a_wrong_checksum_is_refused(bucket: Any) -> None:
    blob = bucket.blob("wrong")
    blob.crc32c = "AAAAAA=="

    with pytest.raises(exceptions.BadRequest):
        blob.upload_from_string(b"x", checksum=None, **QUIET)


def test_a_resumable_upload_goes_on_in_chunks(bucket: Any) -> None:
    blob = bucket.blob("chunks", chunk_size=256 * 1024)
    data = b"0123456789abcdef" * 50_000
    with blob.open("wb", retry=None) as file:
        file.write(data)

    assert bucket.blob("chunks").download_as_bytes(**QUIET) == data
