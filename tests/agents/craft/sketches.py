"""Made drawings and renderings for tests: a few shapes at places of their own, redrawn in other colours."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Pixels = NDArray[np.uint8]


def drawing(number: int, *, side_px: int = 160) -> Pixels:
    """Drawing `number`: dark outlines on white; another number has other shapes elsewhere."""
    return _drawn(number, side_px, "white", [(30, 30, 30)] * 5, filled=False)


def rendering(number: int, variant: int, *, side_px: int = 160) -> Pixels:
    """The same shapes filled with colours on a coloured ground, slightly blurred; each variant has its own colours."""
    rng = np.random.default_rng(1000 * number + variant)
    ground, *inks = (tuple(int(level) for level in rng.integers(0, 256, 3)) for _ in range(6))
    return _drawn(number, side_px, ground, inks, filled=True)


def _drawn(
    number: int, side_px: int, ground: str | tuple[int, ...], inks: list[tuple[int, ...]], *, filled: bool
) -> Pixels:
    rng = np.random.default_rng(number)
    image = Image.new("RGB", (side_px, side_px), ground)
    draw = ImageDraw.Draw(image)
    for ink in inks:
        left, top = (int(x) for x in rng.integers(0, side_px * 2 // 3, 2))
        width, height = (int(x) for x in rng.integers(side_px // 6, side_px // 2, 2))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((left, top, left + width, top + height), fill=ink if filled else None, outline=(30, 30, 30), width=3)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(1)) if filled else image)
