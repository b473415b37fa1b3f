"""Small sources for tests: drawings that nobody mixes up, each with renderings of its own."""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SIDE_PX = 200
NAMES = ("fish", "house", "sun")
_INKS = ("#c83c28", "#2860b0", "#2c8a48", "#b07818", "#7038a0", "#107878")
_PAPERS = ("#ffffff", "#fff4d8", "#dceaff", "#e4f6dc")


def drawing(number: int, style: int = 0) -> Image.Image:
    """Scribble `number` (style 0), or a rendering of it: other colours, other paper, softer edges."""
    chance = random.Random(number)
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), _PAPERS[style % len(_PAPERS)])
    pen = ImageDraw.Draw(image)
    for place in range(4):
        points = [(chance.randrange(10, 190), chance.randrange(10, 190)) for _ in range(4)]
        ink = _INKS[(number + place + style) % len(_INKS)]
        if place % 2:
            pen.polygon(points, fill=ink)
        else:
            pen.line(points, fill=ink, width=9)
    return image.filter(ImageFilter.GaussianBlur(style * 0.6))


def make_source(root: Path, *, names: Sequence[str] = NAMES, renderings: int = 2) -> Path:
    """Write a source below `root`: `inputs/NAME.png` and `outputs/NAME-1.png`, `outputs/NAME-2.png`, …"""
    for heap in ("inputs", "outputs"):
        (root / heap).mkdir(parents=True)
    for number, name in enumerate(names):
        drawing(number).save(root / "inputs" / f"{name}.png")
        for style in range(1, renderings + 1):
            drawing(number, style).save(root / "outputs" / f"{name}-{style}.png")
    return root
