"""Draw the sample book: a child's ten drawings and the renderings of each.

`python sample/draw.py [OUT]` writes OUT/inputs and OUT/outputs (OUT is this folder unless given);
`--only NAME` makes one drawing and its renderings, `--list` only says which rendering is of which.
The same library versions give the same bytes.
"""

import argparse
import io
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

import crafts
import crayon
import paints
from canvas import Field, to_image
from plate import Palette, Plate, compose
from scenes import scenes
from shapes import Scene

STYLES: Final[dict[str, Callable[[Plate], Field]]] = {
    "chalk": paints.chalk, "clay": crafts.clay, "felt": crafts.felt, "glass": crafts.stained_glass,
    "gouache": paints.gouache, "linocut": paints.linocut, "mosaic": crafts.mosaic,
    "night": paints.night, "oil": paints.oil, "paper": crafts.paper_cut, "pencil": paints.pencil,
    "pixel": paints.pixel, "polygons": crafts.low_poly, "scratch": paints.scratch,
    "stitched": crafts.stitched, "watercolour": paints.watercolour,
}  # fmt: skip

PALETTES: Final = {
    "": Palette(),
    "dusk": Palette(contrast=0.95, lift=-0.02, chroma=0.9, tint=(0.05, 0.025)),
    "mint": Palette(contrast=0.9, lift=0.03, chroma=0.85, tint=(-0.04, 0.01)),
    "pastel": Palette(contrast=0.72, lift=0.1, chroma=0.72),
    "autumn": Palette(contrast=1.0, lift=-0.03, tint=(0.02, 0.05)),
    "ocean": Palette(contrast=1.0, lift=-0.02, chroma=0.9, tint=(-0.025, -0.045)),
}

RENDERINGS: Final = {
    "fox-pip": "watercolour felt paper glass oil clay chalk pixel linocut stitched:mint gouache:dusk polygons",
    "house-smoke": "watercolour night clay:dusk mosaic",
    "robot-flower": "gouache oil:mint paper:pastel pixel stitched glass clay",
    "dragon-kite": "watercolour paper felt glass gouache:dusk mosaic clay oil chalk linocut pencil "
    "polygons:mint pixel stitched scratch night watercolour:dusk",
    "whale-boat": "watercolour:mint paper clay oil:dusk linocut glass felt:ocean gouache chalk",
    "snail-castle": "watercolour clay:pastel",
    "owl-tree": "felt chalk oil",
    "rocket-moon": "gouache paper clay scratch pixel:dusk stitched glass mosaic watercolour polygons felt oil chalk",
    "rainbow-sheep": "",
    "party-cake": "paper",
}

RENAMED: Final = {  # files seldom keep the name that they should have
    "fox-pip-clay": "IMG_2041",
    "fox-pip-oil": "Pip the Fox v2 FINAL",
    "dragon-kite-felt": "dragon kite (1)",
    "dragon-kite-night": "IMG_2057",
    "whale-boat-glass": "WhaleBoat_glass",
    "rocket-moon-scratch": "download (3)",
    "robot-flower-pixel": "robot_v3",
}

INPUT_PX, OUTPUT_PX = 1120, 640  # longest sides
INPUT_BYTES, OUTPUT_BYTES = 150_000, 76_000  # at most


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to make: a drawing, or a rendering when it has a style."""

    path: str  # relative to the sample folder
    scene: str
    style: str = ""
    palette: str = ""


def jobs() -> Iterator[Job]:
    """All pictures of the sample, each drawing followed by its renderings."""
    for scene, renderings in RENDERINGS.items():
        yield Job(f"inputs/{scene}.jpg", scene)
        for rendering in renderings.split():
            style, _, palette = rendering.partition(":")
            name = "-".join(filter(None, (scene, style, palette)))
            ending = "png" if style == "pixel" else "jpg"
            yield Job(f"outputs/{RENAMED.get(name, name)}.{ending}", scene, style, palette)


def make(out: Path, job: Job) -> None:
    """Make one picture below `out`."""
    rng = np.random.default_rng(zlib.crc32(job.path.encode()))
    target = out / job.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if not job.style:
        image = crayon.draw(_scene(job.scene), rng, INPUT_PX)
    else:
        plate = compose(_scene(job.scene), PALETTES[job.palette], rng, OUTPUT_PX)
        image = to_image(STYLES[job.style](plate))
    if target.suffix == ".png":
        image.quantize(64).save(target, optimize=True)
    else:
        target.write_bytes(_jpeg(image, OUTPUT_BYTES if job.style else INPUT_BYTES))


@cache
def _scene(name: str) -> Scene:
    return next(scene for scene in scenes() if scene.name == name)


def _jpeg(image: Image.Image, limit_bytes: int) -> bytes:
    """The best quality, from 86 down to 50, that stays within the limit."""
    for quality in range(86, 49, -3):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= limit_bytes:
            break
    return buffer.getvalue()


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description="Draw the sample pictures.")
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--only", choices=RENDERINGS, help="one drawing and its renderings")
    parser.add_argument("--list", action="store_true", help="print input and output, draw nothing")
    wanted = parser.parse_args()
    chosen = [job for job in jobs() if wanted.only in (None, job.scene)]
    if wanted.list:
        print(*(f"inputs/{job.scene}.jpg\t{job.path}" for job in chosen if job.style), sep="\n")
        return
    with ProcessPoolExecutor() as pool:
        for _ in pool.map(partial(make, wanted.out), chosen):
            pass


if __name__ == "__main__":
    main()
