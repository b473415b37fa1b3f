"""A bucket of Google Cloud Storage itself: pictures in, a book out, and nothing left behind."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud import storage

from agents.services.gcs_place import GcsPlace
from tests.e2e.books import assert_matches_manifest, lasting, places
from tests.e2e.running import run_child
from tests.live.conftest import named


@pytest.fixture
def place(source: Path) -> Iterator[tuple[GcsPlace, Any]]:
    """A place of its own below LIVE_BUCKET that holds the source, emptied at the end; and its bucket."""
    place = GcsPlace.of(f"{named('LIVE_BUCKET')}/live-{secrets.token_hex(4)}")
    client = storage.Client()
    bucket = client.bucket(place.bucket)
    for path in source.rglob("*.png"):
        bucket.blob(place.prefix + path.relative_to(source).as_posix()).upload_from_filename(path)
    yield place, bucket
    for blob in client.list_blobs(place.bucket, prefix=place.prefix):
        blob.delete()
    client.close()


def test_a_bucket_becomes_a_book_in_a_bucket(place: tuple[GcsPlace, Any], tmp_path: Path) -> None:
    where, bucket = place

    ended = run_child("make", str(where), "--upload", f"{where}/shelf", "--formats", "html", "--json", cwd=tmp_path)

    assert ended.code == 0, ended.err
    assert_matches_manifest(ended.book)
    assert set(places(ended.book).values()) == {"page"}
    prefix = f"{where.prefix}shelf/{ended.book.name}/"
    assert {path: bucket.blob(prefix + path).download_as_bytes() for path in lasting(ended.book)} == lasting(ended.book)

    changed = bucket.blob(f"{where.prefix}outputs/fish-1.png")
    changed.upload_from_string(changed.download_as_bytes() + b"\0", content_type="image/png")
    ended = run_child("make", str(where), "--upload", f"{where}/shelf", "--formats", "html", "--json", cwd=tmp_path)

    assert (ended.code, ended.status["uploaded"]) == (0, f"{where}/shelf/{ended.book.name}/"), ended.err


def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    named("LIVE_BUCKET")

    ended = run_child("make", f"gs://no-such-bucket-{secrets.token_hex(8)}", cwd=tmp_path)

    assert ended.code == 2
    assert "(404)" in ended.complaint or "(403)" in ended.complaint
