"""Flat art: pictures of few colours, like ink on paper: a palette keeps them exactly and in fewer bytes than a JPEG."""

import io

import numpy as np
from PIL import Image

MOST_COLOURS = 256


def flat_png(image: Image.Image) -> bytes | None:
    """A PNG with a palette of an RGB picture that has at most 256 colours, None for any other; no metadata.

    The same picture gives the same bytes. A picture of more colours costs next to nothing.
    """
    colours = image.getcolors(MOST_COLOURS)
    if colours is None:
        return None
    palette = np.array(sorted(colour for _, colour in colours), dtype=np.uint8)
    pixels = np.asarray(image).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    places = palette.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    flat = Image.fromarray(np.searchsorted(places, pixels).astype(np.uint8), "P")
    flat.putpalette(palette.tobytes())
    target = io.BytesIO()
    flat.save(target, "PNG", optimize=True)
    return target.getvalue()


def smaller(jpeg: bytes, png: bytes | None) -> bytes:
    """The PNG, where there is one and it is no larger; it loses nothing."""
    return jpeg if png is None or len(png) > len(jpeg) else png
