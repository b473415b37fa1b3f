"""Pictures scaled to the size at which they appear in the book."""

from dataclasses import dataclass

from swarm import Blob


@dataclass(frozen=True, slots=True)
class ScaledPicture:
    """A master (by its digest) scaled for a box in mm at so many pixels an inch: a JPEG or PNG without metadata."""

    master: str
    width_mm: float
    height_mm: float
    dpi: int
    blob: Blob
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class ScaledPage:
    """The pictures of one page at every resolution that the book's formats need."""

    pictures: tuple[ScaledPicture, ...]
