"""Decoding: foreign bytes become an upright sRGB picture on white, or one error that says why not."""

import functools
import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PIL import ExifTags, Image

from agents.book.picture import Notes
from agents.craft.colourspace import NoGreyError, has_srgb, in_srgb
from agents.craft.formats import Format, format_of, is_cut_off, turns_itself
from agents.craft.notes import notes_of

MAX_PIXELS: Final = 64_000_000


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
class Decoded:
    """A picture in mode RGB without metadata, the size in px of its upright original, and its format's name."""

    image: Image.Image
    width_px: int
    height_px: int
    format: str


@dataclass(frozen=True, slots=True)
class OpenedPicture:
    """A picture whose header was read and found good, and none of whose pixels are decoded yet."""

    image: Image.Image
    kind: Format
    is_turned: bool = False

    @property
    def is_plain_jpeg(self) -> bool:
        """Whether it is a JPEG that shows upright and in sRGB as it lies, so that nothing in it need be changed."""
        return self.kind.name == "JPEG" and self._turn() is None and has_srgb(self.image)

    @property
    def notes(self) -> Notes:
        """What the picture says of where it comes from."""
        with _decoder_errors(self.kind):
            return notes_of(self.image)

    def decode(self, longest_side_px: int | None = None, *, may_be_larger: bool = False) -> Decoded:
        """The picture; see `decode`. To be called once. One that `may_be_larger` is not resized after decoding, which
        takes longer than the decoding: a JPEG is then less than twice `longest_side_px` long."""
        with _decoder_errors(self.kind):
            size = self.image.size
            small = size if longest_side_px is None else fitted_size(size, longest_side_px)
            if small != size:
                self.image.draft(None, small)
            self.image.load()
            turn = self._turn()  # only now: TIFF turns itself when it is loaded
            picture = in_srgb(self.image, self.image.size if may_be_larger else small)
            if turn is not None:
                picture = picture.transpose(turn)
            bare = picture.copy() if picture is self.image else picture
            bare.info.clear()
            return Decoded(bare, *(size if turn not in _SIDEWAYS else size[::-1]), format=self.kind.name)

    def _turn(self) -> Image.Transpose | None:
        if self.is_turned:
            return None
        try:
            stored = self.image.getexif().get(ExifTags.Base.Orientation, 1)
            # pillow-heif sets EXIF's orientation to 1 and keeps what it was
            return _TURNS.get(self.image.info.get("original_orientation") or stored)
        except Exception:  # a picture whose EXIF cannot be read is shown as it lies
            return None


def open_picture(data: bytes, *, max_pixels: int = MAX_PIXELS) -> OpenedPicture:
    """Read the header of a picture and hold it against the limits.

    The size is held against `max_pixels` (and Pillow's own limit of 89 million) before any pixel is decoded. Raises
    UndecodableError for whatever a decoder raises. Safe in threads; silences Pillow's warnings in the process.
    """
    kind = _recognised(data)
    with _decoder_errors(kind):
        if is_cut_off(kind, data):
            raise _cut_off(kind)
        if kind.name == "HEIF":
            _learn_heif()
        image = Image.open(io.BytesIO(data), formats=(kind.name,))
        _check_size(image.size, max_pixels)
        return OpenedPicture(image, kind, is_turned=kind.name == "HEIF" and turns_itself(data))


def decode(data: bytes, *, longest_side_px: int | None = None, max_pixels: int = MAX_PIXELS) -> Decoded:
    """The picture in `data`, upright (EXIF), in 8-bit sRGB (by its ICC profile), laid on white, first frame only.

    `longest_side_px` asks for a picture at most that long, never enlarged; JPEG is then decoded at a fraction of its
    size. A GIF needs its first frame whole, every other kind all of its bytes. A damaged ICC profile or EXIF is passed
    over, 16 bits are rounded to 8.

    Raises UndecodableError as `open_picture` does. Costs about 30 ms for a 6 Mpx JPEG at 512 px, and up to 4 bytes a
    pixel twice over for other kinds; HEIC costs ten times as much as JPEG.
    """
    return open_picture(data, max_pixels=max_pixels).decode(longest_side_px)


def fitted_size(size: tuple[int, int], longest_side_px: int) -> tuple[int, int]:
    """`size` (width, height) scaled so that its longer side is at most `longest_side_px`: never up, each at least 1."""
    ratio = min(1.0, longest_side_px / max(size))
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def fit(image: Image.Image, longest_side_px: int) -> Image.Image:
    """A copy of the picture whose longer side is at most `longest_side_px`; never enlarged."""
    size = fitted_size(image.size, longest_side_px)
    return image.copy() if size == image.size else image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


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
_SIGNS_OF_TRUNCATION: Final = ("truncated", "unexpected end", "end of file", "not enough", "create decoder")


@functools.cache
def _learn_heif() -> None:
    """Teach Pillow to read HEIC, when the first one comes."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)


def _recognised(data: bytes) -> Format:
    if not data:
        raise UndecodableError(Undecodable.EMPTY, "The file is empty.")
    kind = format_of(data)
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
    except NoGreyError as error:
        raise UndecodableError(Undecodable.UNSUPPORTED, "The picture has more than 16 bits a colour.") from error
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
