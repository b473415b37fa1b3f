"""Formats: which kinds of picture files there are, how they begin and end, and what they are called."""

import re
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of picture file: Pillow's name for it, a pattern of its first bytes, and its suffixes."""

    name: str
    magic: re.Pattern[bytes]
    suffixes: tuple[str, ...]


_BRANDS = rb"(?s).{4}ftyp(?:%s|(?:mif1|msf1).{4}(?:.{4})*?%s)"
FORMATS: Final = (
    Format("JPEG", re.compile(rb"\xff\xd8\xff"), (".jpg", ".jpeg", ".jpe", ".jfif")),
    Format("PNG", re.compile(rb"\x89PNG\r\n\x1a\n"), (".png",)),
    Format("WEBP", re.compile(rb"(?s)RIFF.{4}WEBP"), (".webp",)),
    Format("GIF", re.compile(rb"GIF8[79]a"), (".gif",)),
    Format("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]"), (".tif", ".tiff")),
    Format("BMP", re.compile(rb"(?s)BM.{4}\0\0\0\0"), (".bmp", ".dib")),
    Format("AVIF", re.compile(_BRANDS % (b"avi[fs]", b"avi[fs]")), (".avif",)),
    Format("HEIF", re.compile(_BRANDS % (b"he[iv][cxms]", b"he[iv][cxms]")), (".heic", ".heif", ".hif")),
)
PICTURE_SUFFIXES: Final = frozenset(suffix for kind in FORMATS for suffix in kind.suffixes)
_BOXED: Final = frozenset({"AVIF", "HEIF"})


def looks_like_picture(first_bytes: bytes) -> bool:
    """Whether a file that begins so (`HEAD_BYTES` are enough) is of a kind that can be decoded."""
    return format_of(first_bytes) is not None


def format_of(first_bytes: bytes) -> Format | None:
    """The kind of a file that begins so, if it is one of ours."""
    return next((kind for kind in FORMATS if kind.magic.match(first_bytes[:HEAD_BYTES])), None)


def is_cut_off(kind: Format, data: bytes) -> bool:
    """Whether the end of the file is missing, where that can be told without decoding and a decoder would not tell.

    Pillow stops reading a PNG at its last pixel, and libheif takes a file that is cut for one of another kind.
    """
    if kind.name == "PNG":
        return data.rfind(b"IEND") < data.find(b"IDAT")
    return kind.name in _BOXED and _boxes_end(data) > len(data)


def turns_itself(data: bytes) -> bool:
    """Whether a HEIF file holds turns of its own (`irot`, `imir`), which a decoder carries out; EXIF then only repeats
    them. Some writers put the turn into EXIF alone."""
    head = data[: data.find(b"mdat")]
    return b"irot" in head or b"imir" in head


def _boxes_end(data: bytes) -> int:
    """Where the boxes of the file (ISO 14496-12, 4.2) end by their own account; its length where the last is open."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        if size < 8:
            return len(data)
        at += size
    return at
