import io

import numpy as np
from PIL import Image, ImageDraw

from agents.craft.flatart import flat_png, smaller
from agents.craft.jpegs import encode_jpeg


def line_art() -> Image.Image:
    image = Image.new("RGB", (400, 300), "white")
    pen = ImageDraw.Draw(image)
    for step in range(9):
        pen.ellipse((20 + 12 * step, 30, 300 + 9 * step, 280), outline="black", width=3)
    return image.resize((300, 225), Image.Resampling.LANCZOS)


def test_line_art_is_kept_to_the_pixel_and_is_smaller_than_a_jpeg() -> None:
    image = line_art()

    png = flat_png(image)

    assert png is not None
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")), np.asarray(image))
    assert smaller(encode_jpeg(image), png) == png == flat_png(image)
    assert Image.open(io.BytesIO(png)).info == {}


def test_picture_of_many_colours_stays_a_jpeg() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))

    assert flat_png(noise) is None
    assert smaller(b"jpeg", None) == b"jpeg"


def test_jpeg_is_taken_where_the_png_is_larger() -> None:
    assert smaller(b"jp", b"png") == b"jp"
