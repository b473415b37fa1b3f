"""Preparing: from the bytes of a picture file to all that the book needs of it, with one decoding."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from agents.book.picture import Blemish, Heap, Notes, Oklab, Swatch
from agents.craft.blemishes import blemishes
from agents.craft.colour import mean_oklab, palette
from agents.craft.decoding import fit, fitted_size, open_picture
from agents.craft.flatart import flat_png, smaller
from agents.craft.jpegs import bare_jpeg, encode_jpeg
from agents.craft.sheet import Sheet, find_sheet
from agents.craft.straighten import straighten

MASTER_PX: Final = {Heap.INPUT: 2250, Heap.OUTPUT: 1280}
"""The longest side that the book can use: 7.5 in of drawing and 4.2 in of rendering at 300 dpi."""
THUMBNAIL_PX: Final = 512
_PALETTE_PX: Final = 64


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture ready for the book; `before` is a thumbnail of the photograph in which the `sheet` was found."""

    size_px: tuple[int, int]
    master: bytes
    thumbnail: bytes
    pixels: NDArray[np.uint8]
    mean: Oklab
    palette: tuple[Swatch, ...]
    notes: Notes
    blemishes: tuple[Blemish, ...]
    sheet: Sheet | None = None
    before: bytes = b""


def prepare(data: bytes, heap: Heap, *, max_pixels: int, may_straighten: bool) -> Prepared:
    """Read a picture file; where it is a drawing, also look for a sheet of paper in it and straighten that.

    A JPEG that is upright and in sRGB is its own master, with its metadata cut out: nothing is encoded anew, and where
    no sheet is looked for, it is decoded at a fraction of its size. Raises UndecodableError.
    """
    opened = open_picture(data, max_pixels=max_pixels)
    looks_for_sheet = may_straighten and heap is Heap.INPUT
    own_master = bare_jpeg(data) if opened.is_plain_jpeg else None
    wanted_px = MASTER_PX[heap] if own_master is None or looks_for_sheet else THUMBNAIL_PX
    decoded = opened.decode(wanted_px, may_be_larger=own_master is not None and looks_for_sheet)
    image, size_px = decoded.image, (decoded.width_px, decoded.height_px)
    thumbnail = fit(image, THUMBNAIL_PX)
    sheet, before = find_sheet(thumbnail) if looks_for_sheet else None, b""
    if sheet is not None:
        before, own_master = encode_jpeg(thumbnail), None
        image = straighten(image, sheet, MASTER_PX[heap])
        size_px, thumbnail = image.size, fit(image, THUMBNAIL_PX)
    pixels = _pixels(thumbnail)
    few = _pixels(thumbnail.resize(fitted_size(thumbnail.size, _PALETTE_PX), Image.Resampling.BOX))
    return Prepared(
        size_px=size_px,
        master=smaller(encode_jpeg(image, quality=92), flat_png(image)) if own_master is None else own_master,
        thumbnail=encode_jpeg(thumbnail),
        pixels=pixels,
        mean=Oklab(*mean_oklab(few)),
        palette=tuple(Swatch(Oklab(s.lightness, s.a, s.b), s.share_ratio) for s in palette(few)),
        notes=opened.notes,
        blemishes=blemishes(pixels, size_px),
        sheet=sheet,
        before=before,
    )


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image, dtype=np.uint8)
