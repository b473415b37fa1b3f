"""Every format and colour space gives the colours that it holds, within 2 levels where nothing is lost."""

import io
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from agents.craft.decoding import decode

PATCHES = ((200, 30, 30), (30, 160, 40), (40, 60, 200), (240, 200, 40), (128, 128, 128), (255, 255, 255), (12, 12, 12))
SIDE_PX = 32


def _chart() -> Image.Image:
    chart = Image.new("RGB", (SIDE_PX * len(PATCHES), SIDE_PX))
    for place, colour in enumerate(PATCHES):
        chart.paste(colour, (place * SIDE_PX, 0, (place + 1) * SIDE_PX, SIDE_PX))
    return chart


def _read(image: Image.Image, kind: str, **options: Any) -> list[tuple[float, ...]]:
    """The mean colour of the middle of each patch, after writing and decoding."""
    pillow_heif.register_heif_opener()
    target = io.BytesIO()
    image.save(target, kind, **options)
    pixels = np.asarray(decode(target.getvalue()).image, dtype=float)
    middles = (pixels[8:24, place * SIDE_PX + 8 : place * SIDE_PX + 24] for place in range(len(PATCHES)))
    return [tuple(middle.mean(axis=(0, 1))) for middle in middles]


def _assert_near(found: list[tuple[float, ...]], expected: Any, within: float = 2) -> None:
    assert np.abs(np.array(found) - np.array(expected, dtype=float)).max() <= within


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 98, "subsampling": 0}),
        ("JPEG", {"quality": 98, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 98}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_deflate"}),
        ("BMP", {}),
        ("GIF", {}),
        ("AVIF", {"quality": 98}),
        ("HEIF", {"quality": 98}),
    ],
)
def test_a_format_gives_the_colours_it_holds(kind: str, options: dict[str, Any]) -> None:
    _assert_near(_read(_chart(), kind, **options), PATCHES)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "GIF"])
def test_a_palette_gives_its_colours(kind: str) -> None:
    _assert_near(_read(_chart().quantize(16, dither=Image.Dither.NONE), kind), PATCHES)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_grey_stays_grey(kind: str) -> None:
    grey = _chart().convert("L")
    expected = [[grey.getpixel((place * SIDE_PX + 9, 9))] * 3 for place in range(len(PATCHES))]

    _assert_near(_read(grey, kind, **({"quality": 98} if kind == "JPEG" else {})), expected)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_is_rounded_to_8(kind: str) -> None:
    levels = [round(place * 65535 / (len(PATCHES) - 1)) for place in range(len(PATCHES))]
    grey = np.repeat(np.array(levels, dtype=np.uint16), SIDE_PX)[None].repeat(SIDE_PX, axis=0)

    _assert_near(_read(Image.fromarray(grey), kind), [[level / 257] * 3 for level in levels], within=1)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_gives_the_colours_it_stands_for(kind: str) -> None:
    options = {"quality": 98, "subsampling": 0} if kind == "JPEG" else {}

    _assert_near(_read(_chart().convert("CMYK"), kind, **options), PATCHES, within=3)


def test_lab_gives_srgb() -> None:
    srgb, lab = (ImageCms.createProfile(name) for name in ("sRGB", "LAB"))
    chart = ImageCms.profileToProfile(_chart(), srgb, lab, outputMode="LAB")
    assert chart is not None

    _assert_near(_read(chart, "TIFF"), PATCHES, within=9)  # 8 bits of LAB are no finer in a strong blue


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_what_is_clear_lies_on_white(kind: str) -> None:
    clear = _chart().convert("RGBA")
    clear.putalpha(Image.new("L", clear.size, 128))
    options: dict[str, Any] = (
        {"lossless": True} if kind == "WEBP" else {"quality": 98} if kind in {"AVIF", "HEIF"} else {}
    )

    _assert_near(_read(clear, kind, **options), (np.array(PATCHES) * 128 + 255 * 127) / 255)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_an_embedded_profile_is_obeyed(kind: str) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"....", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"....", b"bXYZ", 1)
    swapped = swapped.replace(b"s\0R\0G\0B", b"o\0t\0h\0e").replace(b"sRGB", b"othr")
    by_kind: dict[str, dict[str, Any]] = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}
    options = by_kind.get(kind, {})

    found = _read(_chart(), kind, icc_profile=swapped, **options)

    _assert_near(found, [colour[::-1] for colour in PATCHES], within=3)
