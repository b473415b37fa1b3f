"""Hostile pictures: whatever the bytes, there is a picture or a reason; no crash, no hang, no great memory."""

import io
import resource
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from agents.book.picture import Heap
from agents.craft.decoding import UndecodableError
from agents.craft.jpegs import bare_jpeg
from agents.craft.likeness import feature_vector
from agents.craft.preparing import prepare

KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("PNG", {}),
    ("WEBP", {}),
    ("GIF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("BMP", {}),
    ("AVIF", {}),
    ("HEIF", {}),
)
MOST_S = 10.0
MOST_MB = 400


def _file(kind: str, size_px: tuple[int, int] = (90, 70), **options: Any) -> bytes:
    pillow_heif.register_heif_opener()
    noise = np.random.default_rng(0).integers(0, 256, (size_px[1], size_px[0], 3), dtype=np.uint8)
    target = io.BytesIO()
    Image.fromarray(noise).save(target, kind, **options)
    return target.getvalue()


def _outcome(data: bytes) -> str:
    """`read`, or the reason why not; within time and memory."""
    began, before_kb = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        made = prepare(data, Heap.INPUT, max_pixels=64_000_000, may_straighten=True)
    except UndecodableError as error:
        outcome = error.reason.value
    else:
        assert np.isfinite(feature_vector(made.pixels)).all()
        assert Image.open(io.BytesIO(made.master)).size
        outcome = "read"
    assert time.perf_counter() - began < MOST_S
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < MOST_MB * 1024
    return outcome


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(width_px: int, height_px: int, *, depth: int = 1, colour: int = 0, more: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width_px, height_px, depth, colour, 0, 0, 0)
    rows = zlib.compress(bytes(min((width_px + 7) // 8 + 1, 10**6) * min(height_px, 50)))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + more + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_a_picture_cut_anywhere_gives_a_reason_or_a_picture(kind: str, options: dict[str, Any]) -> None:
    data = _file(kind, **options)

    outcomes = [_outcome(data[:end]) for end in range(1, len(data), max(1, len(data) // 60))]

    assert outcomes.count("read") <= 0.1 * len(outcomes)
    assert set(outcomes) <= {"read", "truncated", "unsupported", "not-a-picture"}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(_png(30_000, 30_000), id="900 Mpx of one bit"),
        pytest.param(_png(65_000, 65_000, depth=16, colour=6), id="4 Gpx of 64 bits"),
        pytest.param(b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\xf0\0\0" + bytes(60), id="GIF of 4 Gpx"),
        pytest.param(
            b"BM" + struct.pack("<IIIIiiHHIIiiII", 99, 0, 54, 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0), id="BMP"
        ),
    ],
)
def test_a_bomb_is_refused_before_it_is_decoded(data: bytes) -> None:
    began = time.perf_counter()

    assert _outcome(data) in {"too-large", "unsupported", "truncated"}
    assert time.perf_counter() - began < 1


def test_a_text_chunk_that_swells_is_refused_or_passed_over() -> None:
    swelling = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 6))

    assert _outcome(_png(40, 40, more=swelling)) in {"read", "truncated", "unsupported", "too-large"}


@pytest.mark.parametrize("size_px", [(1, 1), (1, 20_000), (20_000, 1), (3, 2), (16_000, 3)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "BMP"])
def test_pictures_of_odd_shapes_are_read(kind: str, size_px: tuple[int, int]) -> None:
    assert _outcome(_file(kind, size_px)) == "read"


def _polyglots() -> Iterator[tuple[str, bytes]]:
    jpeg, png, gif = (_file(kind) for kind in ("JPEG", "PNG", "GIF"))
    yield "JPEG with an archive behind it", jpeg + b"PK\x03\x04" + bytes(300)
    yield "JPEG with another behind it", jpeg + _file("JPEG", (500, 400))
    yield "PNG with a page behind it", png + b"<html><script>alert(1)</script>"
    yield "GIF with a script behind it", gif + b"/*=1;alert(1)//*/"


@pytest.mark.parametrize(("name", "data"), list(_polyglots()))
def test_a_polyglot_is_a_picture_and_nothing_else_of_it_is_kept(name: str, data: bytes) -> None:
    made = prepare(data, Heap.OUTPUT, max_pixels=10**8, may_straighten=True)

    assert made.size_px == (90, 70)
    begins, ends = (
        (b"\x89PNG", b"IEND\xaeB`\x82") if made.master.startswith(b"\x89PNG") else (b"\xff\xd8\xff", b"\xff\xd9")
    )
    assert made.master.endswith(ends)
    for foreign in (b"PK\x03\x04", b"<script>", b"alert"):
        assert foreign not in made.master
    assert made.master.count(begins) == 1


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_a_picture_with_changed_bytes_never_breaks_more_than_itself(kind: str, options: dict[str, Any]) -> None:
    rng, data = np.random.default_rng(1), _file(kind, **options)
    for _ in range(40):
        changed = np.frombuffer(data, dtype=np.uint8).copy()
        places = rng.integers(0, min(len(data), 600), 6)
        changed[places] = rng.integers(0, 256, 6)
        assert _outcome(changed.tobytes())


def test_a_bare_jpeg_has_the_same_pixels_and_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home"
    data = _file("JPEG", exif=exif, comment=b"secret", icc_profile=b"profile", progressive=True, quality=90)

    bare = bare_jpeg(data)

    assert bare is not None
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(bare))), np.asarray(Image.open(io.BytesIO(data))))
    for told in (b"at home", b"secret", b"profile", b"Exif"):
        assert told in data
        assert told not in bare


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xda\0", b"\xff\xd8\xff\xe1\xff\xff", b"GIF"]
)
def test_a_malformed_jpeg_is_not_taken_over(data: bytes) -> None:
    assert bare_jpeg(data) is None
