"""Decoding: foreign bytes become an upright sRGB picture on white, or one error that says why not."""

import io
import math
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from PIL import ExifTags, Image, ImageCms

MAX_PIXELS: Final = 64_000_000
HEAD_BYTES: Final = 16


class Undecodable(StrEnum):
    """Why bytes could not become a picture."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not-a-picture"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported"


class UndecodableError(ValueError):
    """These bytes cannot be read as a picture; `detail` is a sentence of our own, never words out of the file."""

    def __init__(self, reason: Undecodable, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of picture file: Pillow's name for it, a pattern of its first bytes, and its suffixes."""

    name: str
    magic: re.Pattern[bytes]
    suffixes: tuple[str, ...]


FORMATS: Final = (
    Format("JPEG", re.compile(rb"\xff\xd8\xff"), (".jpg", ".jpeg", ".jpe", ".jfif")),
    Format("PNG", re.compile(rb"\x89PNG\r\n\x1a\n"), (".png",)),
    Format("WEBP", re.compile(rb"(?s)RIFF.{4}WEBP"), (".webp",)),
    Format("GIF", re.compile(rb"GIF8[79]a"), (".gif",)),
    Format("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]"), (".tif", ".tiff")),
    Format("BMP", re.compile(rb"(?s)BM.{4}\0\0\0\0"), (".bmp", ".dib")),
)
PICTURE_SUFFIXES: Final = frozenset(suffix for kind in FORMATS for suffix in kind.suffixes)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture in mode RGB without metadata, the size in px of its upright original, and its format's name."""

    image: Image.Image
    width_px: int
    height_px: int
    format: str


def looks_like_picture(first_bytes: bytes) -> bool:
    """Whether a file that begins so (`HEAD_BYTES` are enough) is of a kind that `decode` knows."""
    return _format_of(first_bytes) is not None


def decode(data: bytes, *, longest_side_px: int | None = None, max_pixels: int = MAX_PIXELS) -> Decoded:
    """The picture in `data`, upright (EXIF), in 8-bit sRGB (by its ICC profile), laid on white, first frame only.

    `longest_side_px` asks for a picture at most that long, never enlarged; JPEG is then decoded at a fraction of its
    size. The header's size is held against `max_pixels` (and Pillow's own limit of 89 million) before any pixel is
    decoded. A GIF needs its first frame whole, every other kind all of its bytes. A damaged ICC profile or EXIF is
    passed over. 16-bit grey is cut to 8 bits.

    Raises UndecodableError for whatever a decoder raises. Safe in threads; silences Pillow's warnings in the process.
    Costs about 40 ms for a 6 Mpx JPEG at 512 px, and up to 4 bytes a pixel twice over for other kinds.
    """
    kind = _recognised(data)
    with _decoder_errors(kind):
        image = Image.open(io.BytesIO(data), formats=(kind.name,))
        _check_size(image.size, max_pixels)
        _check_whole(kind, data)
        size = image.size
        small = size if longest_side_px is None else fitted_size(size, longest_side_px)
        if small != size:
            image.draft(None, (small[0] * 2, small[1] * 2))
        image.load()
        turn = _turn(image)
        flat = _on_white(image)
        if flat.size != small:
            flat = flat.resize(small, Image.Resampling.LANCZOS, reducing_gap=2.0)
        picture = _in_srgb(flat, image.info.get("icc_profile"))
        if turn is not None:
            picture = picture.transpose(turn)
        return Decoded(_bare(picture), *(size if turn not in _SIDEWAYS else size[::-1]), format=kind.name)


def fitted_size(size: tuple[int, int], longest_side_px: int) -> tuple[int, int]:
    """`size` (width, height) scaled so that its longer side is at most `longest_side_px`: never up, each at least 1."""
    ratio = min(1.0, longest_side_px / max(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def fit(image: Image.Image, longest_side_px: int) -> Image.Image:
    """A copy of the picture whose longer side is at most `longest_side_px`; never enlarged."""
    size = fitted_size(image.size, longest_side_px)
    return image.copy() if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def encode_jpeg(image: Image.Image, quality: int = 88) -> bytes:
    """A baseline JPEG of an RGB picture without any metadata; the same picture gives the same bytes. Quality 1..95."""
    target = io.BytesIO()
    _bare(image).save(target, "JPEG", quality=quality, optimize=True, progressive=False, subsampling="4:2:0")
    return target.getvalue()


_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS: Final = frozenset(_TURNS[orientation] for orientation in (5, 6, 7, 8))
_PROFILE_MODES: Final = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
_SIGNS_OF_TRUNCATION: Final = ("truncated", "unexpected end", "end of file", "not enough", "create decoder")


def _format_of(head: bytes) -> Format | None:
    return next((kind for kind in FORMATS if kind.magic.match(head)), None)


def _recognised(data: bytes) -> Format:
    if not data:
        raise UndecodableError(Undecodable.EMPTY, "The file is empty.")
    kind = _format_of(data[:HEAD_BYTES])
    if kind is None:
        raise UndecodableError(Undecodable.NOT_A_PICTURE, "The file is not a picture of a kind that can be read.")
    return kind


@contextmanager
def _decoder_errors(kind: Format) -> Iterator[None]:
    # Filters for the process, since a context of warnings is not safe in threads before Python 3.14.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
    try:
        yield
    except UndecodableError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise UndecodableError(Undecodable.TOO_LARGE, "The picture has too many pixels to be opened safely.") from error
    except Exception as error:  # decoders of foreign files raise anything
        raise _explained(kind, error) from error


def _explained(kind: Format, error: Exception) -> UndecodableError:
    said = str(error).lower()
    if isinstance(error, EOFError | struct.error | IndexError) or any(sign in said for sign in _SIGNS_OF_TRUNCATION):
        return _cut_off(kind)
    detail = f"The {kind.name} file is damaged, or of a variety that cannot be read."
    return UndecodableError(Undecodable.UNSUPPORTED, detail)


def _cut_off(kind: Format) -> UndecodableError:
    return UndecodableError(Undecodable.TRUNCATED, f"The {kind.name} file ends too early; a part of it is missing.")


def _check_size(size: tuple[int, int], max_pixels: int) -> None:
    pixels = math.prod(size)
    if pixels > max_pixels:
        detail = f"The picture has {pixels / 1e6:.0f} megapixels, more than the {max_pixels / 1e6:.0f} that are opened."
        raise UndecodableError(Undecodable.TOO_LARGE, detail)


def _check_whole(kind: Format, data: bytes) -> None:
    # Pillow stops reading a PNG at its last pixel; every other kind it holds to its end by itself.
    if kind.name == "PNG" and data.rfind(b"IEND") < data.find(b"IDAT"):
        raise _cut_off(kind)


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a picture whose EXIF cannot be read is shown as it lies
        return None


def _on_white(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        full = image.convert("RGBA")
        white = Image.new("RGBA", full.size, "white")
        return Image.alpha_composite(white, full).convert("RGB")
    if image.mode in _PROFILE_MODES:
        return image
    if image.mode.startswith("I;16") or image.mode == "I":
        return _eight_bits(image)
    return image.convert("L" if image.mode == "1" else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    grey = np.asarray(image).astype(np.int64)
    if grey.min() < 0 or grey.max() > 65535:
        raise UndecodableError(Undecodable.UNSUPPORTED, "The picture has more than 16 bits a colour.")
    return Image.fromarray((grey // 257).astype(np.uint8))


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if source.profile.xcolor_space == _PROFILE_MODES[image.mode]:
                converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image.convert("RGB")
    return image.convert("RGB")


def _bare(image: Image.Image) -> Image.Image:
    bare = image.copy()
    bare.info.clear()
    return bare
