"""Every picture that can be read comes out upright, on white and in sRGB; every other one gives a plain reason."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

from agents.craft.decoding import (
    Undecodable,
    UndecodableError,
    decode,
    fit,
    fitted_size,
)
from agents.craft.formats import PICTURE_SUFFIXES, looks_like_picture
from agents.craft.jpegs import encode_jpeg

FORMATS: tuple[tuple[str, dict[str, Any]], ...] = (  # Pillow's own options are of any type
    ("JPEG", {"quality": 95}),
    ("JPEG", {"progressive": True}),
    ("PNG", {}),
    ("WEBP", {"lossless": True}),
    ("GIF", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("BMP", {}),
    ("AVIF", {"quality": 95}),
    ("HEIF", {"quality": 95}),
)


def _scene(width_px: int = 60, height_px: int = 40) -> Image.Image:
    """Red on the left, blue on the right, a green band on top."""
    image = Image.new("RGB", (width_px, height_px), (20, 20, 200))
    image.paste((200, 20, 20), (0, 0, width_px // 2, height_px))
    image.paste((20, 160, 20), (0, 0, width_px, height_px // 4))
    return image


pillow_heif.register_heif_opener()


def _bytes(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def _pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(level) for level in np.asarray(image)[y, x])


def _reason(data: bytes, **options: Any) -> Undecodable:
    with pytest.raises(UndecodableError) as caught:
        decode(data, **options)
    assert caught.value.detail.endswith(".")
    return caught.value.reason


def _png_header(width_px: int, height_px: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width_px, height_px, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("kind", "options"), FORMATS)
def test_decode_gives_the_picture_for_every_format(kind: str, options: dict[str, Any]) -> None:
    data = _bytes(_scene(), kind, **options)

    decoded = decode(data)

    assert looks_like_picture(data[:16])
    assert (decoded.format, decoded.width_px, decoded.height_px) == (kind, 60, 40)
    assert decoded.image.mode == "RGB"
    assert np.abs(np.asarray(decoded.image, dtype=int) - np.asarray(_scene(), dtype=int)).mean() < 6
    assert _pixel(decoded.image, 5, 35) == pytest.approx((200, 20, 20), abs=6)


@pytest.mark.parametrize(("kind", "options"), FORMATS)
@pytest.mark.parametrize("kept_ratio", [0.3, 0.6, 0.9])
def test_decode_says_truncated_or_unsupported_when_a_part_is_missing(
    kind: str, options: dict[str, Any], kept_ratio: float
) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 60, 3), dtype=np.uint8))
    data = _bytes(noise, kind, **options)

    reason = _reason(data[: int(len(data) * kept_ratio)])

    assert reason is Undecodable.TRUNCATED or (kind, reason) == ("TIFF", Undecodable.UNSUPPORTED)


@pytest.mark.parametrize("missing", [1, 2, 3, 12, 13, 20])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "AVIF", "HEIF"])
def test_decode_says_truncated_when_only_the_last_bytes_are_missing(kind: str, missing: int) -> None:
    data = _bytes(_scene(), kind)[:-missing]

    if kind == "PNG" and missing < 5:  # what is missing then is a checksum over nothing
        assert decode(data).width_px == 60
    else:
        assert _reason(data) is Undecodable.TRUNCATED


def test_decode_says_empty_or_not_a_picture_for_other_files() -> None:
    assert _reason(b"") is Undecodable.EMPTY
    assert _reason(b"Dear diary, today I drew a dragon.") is Undecodable.NOT_A_PICTURE
    assert _reason(b"BMX bikes are the best of all bikes") is Undecodable.NOT_A_PICTURE


def test_decode_says_unsupported_for_a_damaged_picture() -> None:
    data = bytearray(_bytes(_scene()))
    data[16:20] = b"\0\0\0\0"

    assert _reason(bytes(data)) in {Undecodable.UNSUPPORTED, Undecodable.TRUNCATED}


def test_decode_says_nothing_of_the_file_in_its_detail() -> None:
    with pytest.raises(UndecodableError) as caught:
        decode(b"\x89PNG\r\n\x1a\n<script>alert(1)</script>")

    assert "script" not in caught.value.detail


@pytest.mark.parametrize("side_px", [8_100, 10_500, 20_000, 60_000])
def test_decode_refuses_a_bomb_by_its_header(side_px: int) -> None:
    assert _reason(_png_header(side_px, side_px)) is Undecodable.TOO_LARGE


def test_decode_refuses_more_than_max_pixels() -> None:
    assert _reason(_bytes(_scene()), max_pixels=2_399) is Undecodable.TOO_LARGE
    assert decode(_bytes(_scene()), max_pixels=2_400).width_px == 60


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_decode_turns_a_picture_upright(kind: str, orientation: int) -> None:
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    lying = _scene(600, 400) if stored is None else _scene(600, 400).transpose(stored)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation

    decoded = decode(_bytes(lying, kind, exif=exif), longest_side_px=60)

    assert (decoded.width_px, decoded.height_px) == (600, 400)
    assert decoded.image.size == (60, 40)
    assert _pixel(decoded.image, 5, 35) == pytest.approx((200, 20, 20), abs=12)
    assert _pixel(decoded.image, 30, 3) == pytest.approx((20, 160, 20), abs=12)


@pytest.mark.parametrize("exif", [b"MM\0*\0\0\0\x08\xff\xff\x01", b"no such thing", b"II", b""])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_decode_passes_over_damaged_exif(kind: str, exif: bytes) -> None:
    data = _bytes(_scene(), kind, exif=b"Exif\0\0" + exif).replace(b"Exif\0\0", b"Exif\0?" if exif else b"Exif\0\0")

    assert decode(data).width_px == 60


@pytest.mark.parametrize("orientation", range(1, 9))
def test_decode_turns_a_heic_once_when_both_container_and_exif_say_so(orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    jpeg = Image.open(io.BytesIO(_bytes(_scene(600, 400), "JPEG", exif=exif, quality=95)))

    decoded = decode(_bytes(jpeg, "HEIF", exif=exif.tobytes(), quality=95)).image
    expected = decode(_bytes(_scene(600, 400), "JPEG", exif=exif, quality=95)).image

    assert decoded.size == expected.size
    for x, y in ((10, 10), (decoded.width - 10, 10), (10, decoded.height - 10)):
        assert _pixel(decoded, x, y) == pytest.approx(_pixel(expected, x, y), abs=12)


def _clear_with_dot() -> Image.Image:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (5, 5, 15, 15))
    return image


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "PA"])
def test_decode_lays_what_is_clear_on_white(mode: str) -> None:
    image = _clear_with_dot().convert(mode)
    data = _bytes(image, "TIFF" if mode == "PA" else "PNG")

    decoded = decode(data).image

    assert _pixel(decoded, 0, 0) == (255, 255, 255)
    assert _pixel(decoded, 10, 10) != (255, 255, 255)


@pytest.mark.parametrize("transparency", [0, bytes([0, 128, 255])])
def test_decode_lays_a_palette_with_clear_entries_on_white(transparency: int | bytes) -> None:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([10, 10, 10, 200, 0, 0, 0, 0, 200])

    assert _pixel(decode(_bytes(image, transparency=transparency)).image, 0, 0) == (255, 255, 255)


def test_decode_mixes_half_clear_colours_with_white() -> None:
    image = Image.new("RGBA", (4, 4), (255, 0, 0, 128))

    assert _pixel(decode(_bytes(image)).image, 1, 1) == pytest.approx((255, 127, 127), abs=1)


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "YCbCr"])
def test_decode_gives_rgb_for_every_mode(mode: str) -> None:
    data = _bytes(Image.new("RGB", (9, 9), "white").convert(mode), "TIFF")

    assert _pixel(decode(data).image, 4, 4) == pytest.approx((255, 255, 255), abs=2)


def test_decode_reads_a_cmyk_jpeg() -> None:
    assert _pixel(decode(_bytes(_scene().convert("CMYK"), "JPEG", quality=95)).image, 5, 35) == pytest.approx(
        (200, 20, 20), abs=8
    )


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_decode_keeps_the_steps_of_16_bit_grey(kind: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)

    decoded = np.asarray(decode(_bytes(Image.fromarray(ramp), kind)).image)[..., 0]

    assert decoded == pytest.approx(np.arange(256).reshape(16, 16), abs=1)


def test_decode_refuses_numbers_that_are_no_grey() -> None:
    wild = Image.fromarray(np.full((4, 4), -5, dtype=np.int32))

    assert _reason(_bytes(wild, "TIFF")) is Undecodable.UNSUPPORTED


def test_decode_converts_an_embedded_profile_to_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"....", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"....", b"bXYZ", 1)

    same = decode(_bytes(_scene(), icc_profile=srgb)).image
    other = decode(_bytes(_scene(), icc_profile=swapped), longest_side_px=30).image

    assert np.asarray(same, dtype=int) == pytest.approx(np.asarray(_scene(), dtype=int), abs=1)
    assert _pixel(other, 3, 17) == pytest.approx((20, 20, 200), abs=3)


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200])
def test_decode_passes_over_a_damaged_profile(profile: bytes) -> None:
    assert np.asarray(decode(_bytes(_scene(), icc_profile=profile)).image) == pytest.approx(np.asarray(_scene()))


def test_decode_passes_over_a_profile_of_another_colour_space() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert _pixel(decode(_bytes(Image.new("L", (5, 5), 77), icc_profile=srgb)).image, 2, 2) == (77, 77, 77)


def test_decode_takes_the_first_frame() -> None:
    frames = [Image.new("RGB", (9, 9), shade) for shade in ("red", "blue")]

    for kind in ("GIF", "WEBP", "TIFF", "PNG"):
        data = _bytes(frames[0], kind, save_all=True, append_images=frames[1:])
        assert _pixel(decode(data).image, 4, 4) == pytest.approx((255, 0, 0), abs=8)


def test_decode_never_enlarges_and_keeps_the_shape() -> None:
    data = _bytes(_scene(3000, 2000), "JPEG")

    assert decode(data, longest_side_px=512).image.size == (512, 341)
    assert decode(_bytes(_scene()), longest_side_px=512).image.size == (60, 40)


def test_decode_leaves_no_metadata_behind() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "at home"
    data = _bytes(_scene(), "JPEG", exif=exif, comment=b"secret", dpi=(72, 72))

    decoded = decode(data).image

    assert decoded.info == {}
    assert b"at home" not in encode_jpeg(decoded)
    assert not Image.open(io.BytesIO(encode_jpeg(decoded))).getexif()


def test_decode_works_in_threads() -> None:
    data = [_bytes(_scene(), "JPEG"), b"\xff\xd8\xff", _png_header(20_000, 20_000), _bytes(_scene())] * 10

    def outcome(each: bytes) -> str:
        try:
            return decode(each).format
        except UndecodableError as error:
            return error.reason

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(outcome, data))

    assert outcomes == [outcome(each) for each in data]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMATS), st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_decode_only_ever_raises_its_own_error(kind: tuple[str, dict[str, Any]], seed: int, changes: int) -> None:
    rng = np.random.default_rng(seed)
    data = np.frombuffer(_bytes(_scene(), kind[0], **kind[1]), dtype=np.uint8).copy()
    data[rng.integers(0, len(data), changes)] = rng.integers(0, 256, changes)

    with suppress(UndecodableError):
        assert decode(data.tobytes(), longest_side_px=32, max_pixels=1_000_000).image.mode == "RGB"


@given(st.binary(max_size=40))
def test_looks_like_picture_agrees_with_what_decode_recognises(data: bytes) -> None:
    with pytest.raises(UndecodableError) as caught:
        decode(data)

    assert looks_like_picture(data) == (caught.value.reason not in {Undecodable.EMPTY, Undecodable.NOT_A_PICTURE})


def test_picture_suffixes_are_in_lower_case_with_their_dot() -> None:
    assert {
        ".jpg",
        ".jpeg",
        ".png",
        ".webp",
        ".gif",
        ".tif",
        ".tiff",
        ".bmp",
        ".heic",
        ".heif",
        ".avif",
    } <= PICTURE_SUFFIXES
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in PICTURE_SUFFIXES)


def test_encode_jpeg_gives_the_same_bytes_for_the_same_picture() -> None:
    described = _scene()
    described.info.update(comment=b"where we live", icc_profile=b"x", exif=b"Exif\0\0")

    assert encode_jpeg(described, 80) == encode_jpeg(_scene(), 80)
    assert len(encode_jpeg(_scene(), 95)) > len(encode_jpeg(_scene(), 30))


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(1, 2000))
def test_fitted_size_is_within_and_never_larger(width_px: int, height_px: int, longest_side_px: int) -> None:
    fitted = fitted_size((width_px, height_px), longest_side_px)

    assert 1 <= fitted[0] <= width_px
    assert 1 <= fitted[1] <= height_px
    assert max(fitted) == min(longest_side_px, max(width_px, height_px))


def test_fit_gives_a_copy_when_the_picture_is_small_enough() -> None:
    image = _scene()

    assert fit(image, 60) is not image
    assert fit(image, 30).size == (30, 20)
