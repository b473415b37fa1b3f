"""Scaling: from a master picture to the sRGB JPEG that a box needs, and no larger; flat art becomes a PNG.

The same master, box and resolution give the same bytes. Nothing but pixels is written: no EXIF, no profile.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from PIL import Image

from agents.book.design import Box
from agents.craft.flatart import flat_png, smaller
from agents.craft.jpegs import JPEG_START
from swarm import Blob

PRINT_DPI = 300
SCREEN_DPI = 200
COVER_DPI = 282
"""Of the cover as a picture: it is painted twice as large as it is kept."""
_MM_PER_INCH = 25.4
_QUALITY = 90

Masters = Callable[[Blob], bytes]
"""Gives the bytes of a master picture; called in a thread, once for each picture and resolution."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A JPEG or PNG in sRGB and its size in pixels."""

    data: bytes
    width_px: int
    height_px: int

    @property
    def name(self) -> str:
        """A file name that tells nothing but the content."""
        return f"{sha256(self.data).hexdigest()[:20]}.{'jpg' if self.data.startswith(JPEG_START) else 'png'}"


def scaled(master: bytes, box: Box, dpi: int) -> Scaled:
    """The picture for a box in mm at so many pixels an inch, trimmed evenly to the box's shape, never enlarged.

    Where the master has fewer pixels than the box wants, its own are kept.
    """
    return scaled_to(master, box, (dpi,))[0]


def scaled_to(master: bytes, box: Box, dpis: Sequence[int]) -> tuple[Scaled, ...]:
    """The same at several resolutions, with one decoding; each is what `scaled` gives."""
    with Image.open(io.BytesIO(master)) as opened:
        width_px, height_px = _pixels(box, PRINT_DPI)
        opened.draft("RGB", (width_px * 2, height_px * 2))
        image = opened.convert("RGB")
    made: dict[tuple[int, int], Scaled] = {}
    window = trim_window(image.size, box.aspect_ratio)
    sizes = [_never_larger(_pixels(box, dpi), window) for dpi in dpis]
    for size_px in sizes:
        if size_px not in made:
            made[size_px] = _encoded(image, window, size_px)
    return tuple(made[size_px] for size_px in sizes)


def _encoded(image: Image.Image, window: tuple[float, float, float, float], size_px: tuple[int, int]) -> Scaled:
    resized = image.resize(size_px, Image.Resampling.LANCZOS, box=window, reducing_gap=3.0)
    resized.info.clear()  # a comment in the master would be written again
    stream = io.BytesIO()
    resized.save(stream, "JPEG", quality=_QUALITY, subsampling=0)
    return Scaled(smaller(stream.getvalue(), flat_png(resized)), *size_px)


def trim_window(size_px: tuple[int, int], aspect_ratio: float) -> tuple[float, float, float, float]:
    """The largest middle part of a picture that has that shape, as left, top, right, bottom in pixels."""
    width_px, height_px = size_px
    kept_width_px = min(float(width_px), height_px * aspect_ratio)
    kept_height_px = min(float(height_px), width_px / aspect_ratio)
    left, top = (width_px - kept_width_px) / 2, (height_px - kept_height_px) / 2
    return left, top, left + kept_width_px, top + kept_height_px


def _pixels(box: Box, dpi: int) -> tuple[int, int]:
    width_px, height_px = (max(1, round(side / _MM_PER_INCH * dpi)) for side in (box.width_mm, box.height_mm))
    return width_px, height_px


def _never_larger(wanted_px: tuple[int, int], window: tuple[float, float, float, float]) -> tuple[int, int]:
    left, top, right, bottom = window
    shrink = min(1.0, (right - left) / wanted_px[0], (bottom - top) / wanted_px[1])
    return max(1, round(wanted_px[0] * shrink)), max(1, round(wanted_px[1] * shrink))
