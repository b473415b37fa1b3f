"""Blemishes: what is wrong with a picture that can be shown all the same: blurred, tiny or nearly blank."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from agents.book.picture import Blemish, Flaw

_BLUR_SPAN: Final = 9
_EVERY: Final = 3
_BLURRED: Final = 0.66
_LEAST_PX: Final = 256
_GLANCE_PX: Final = 256
_MARK: Final = 12
_LEAST_MARKED_RATIO: Final = 0.002


def blemishes(pixels: NDArray[np.uint8], size_px: tuple[int, int]) -> tuple[Blemish, ...]:
    """The blemishes of an sRGB picture, given as its thumbnail of shape (height, width, 3) and its true size.

    Tiny is a longest side below 256 px, nearly blank a picture of which less than 0.2 % differ by 12 of 255 from the
    rest, and blurred one whose `blur` is above 0.66. About 3 ms.
    """
    found = []
    if (longest_px := max(size_px)) < _LEAST_PX:
        detail = f"it is only {longest_px} px long and will look coarse"
        found.append(Blemish(Flaw.TINY, detail))
    image = Image.fromarray(pixels)
    small = np.asarray(image.reduce(max(1, max(image.size) // _GLANCE_PX)), dtype=np.int16)
    away = np.abs(small - np.median(small, axis=(0, 1))).max(axis=2)
    if (away > _MARK).mean() < _LEAST_MARKED_RATIO:
        found.append(Blemish(Flaw.BLANK, "there is hardly anything to be seen in it"))
    elif blur(pixels) > _BLURRED:
        found.append(Blemish(Flaw.BLURRED, "it is out of focus or shaken"))
    return tuple(found)


def blur(pixels: NDArray[np.uint8]) -> float:
    """How blurred an sRGB picture of shape (height, width, 3) is: 0 sharp to 1; the lesser of both directions.

    How much of the difference between neighbours is left when the picture is blurred once more: a sharp one loses most
    of it. Sharp drawings and renderings lie at 0.1 to 0.55; blurred with a sigma of 3 px of 512, most lie above 0.7.
    What is soft all over on purpose may be taken for blurred.

    Source: Crete et al., The blur effect: perception and estimation with a new no-reference perceptual blur metric,
    2007; here on every third line only.
    """
    grey = np.asarray(Image.fromarray(pixels).convert("L"), dtype=np.float32)
    kept = []
    for lines in (grey[::_EVERY], grey.T[::_EVERY]):
        if lines.shape[1] < 2 * _BLUR_SPAN:
            continue
        blurred = ndimage.uniform_filter1d(lines, _BLUR_SPAN, axis=1, mode="nearest")
        own, other = (np.abs(np.diff(each, axis=1)) for each in (lines, blurred))
        total = float(own.sum())
        kept.append(1 - float(np.maximum(own - other, 0).sum()) / total if total > 0 else 0.0)
    return min(kept, default=0.0)
