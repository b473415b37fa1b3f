import io

import numpy as np
import pytest
from PIL import Image

from agents.book.design import Box
from agents.press.scaling import scaled, trim_window
from tests.agents.volumes import jpeg


def test_picture_gets_the_pixels_that_its_box_needs() -> None:
    picture = scaled(jpeg(2000, 1000), Box(0, 0, 101.6, 50.8), 300)

    assert (picture.width_px, picture.height_px) == (1200, 600)
    assert _opened(picture.data).size == (1200, 600)


def test_small_picture_is_not_enlarged() -> None:
    picture = scaled(jpeg(400, 300), Box(0, 0, 200, 150), 300)

    assert (picture.width_px, picture.height_px) == (400, 300)


def test_picture_is_trimmed_evenly_to_the_shape_of_its_box() -> None:
    assert trim_window((1000, 500), 1.0) == (250, 0, 750, 500)
    assert trim_window((500, 1000), 1.0) == (0, 250, 500, 750)
    assert trim_window((500, 500), 1.0) == (0, 0, 500, 500)


def test_small_picture_is_trimmed_to_shape_without_being_enlarged() -> None:
    picture = scaled(jpeg(400, 300), Box(0, 0, 100, 100), 300)

    assert (picture.width_px, picture.height_px) == (300, 300)


@pytest.mark.parametrize("dpi", [200, 300])
def test_same_picture_has_the_same_bytes_and_name(dpi: int) -> None:
    one, other = (scaled(jpeg(900, 700), Box(0, 0, 60, 45), dpi) for _ in range(2))

    assert one == other
    assert one.name == other.name


def test_nothing_but_pixels_is_kept() -> None:
    stream = io.BytesIO()
    image = Image.new("RGB", (300, 300), "red")
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    image.save(stream, "JPEG", exif=exif, icc_profile=b"profile", comment=b"secret")

    data = scaled(stream.getvalue(), Box(0, 0, 20, 20), 300).data

    assert not {"exif", "icc_profile", "comment", "xmp"} & _opened(data).info.keys()
    assert b"home" not in data
    assert b"secret" not in data


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_any_jpeg_becomes_rgb(mode: str) -> None:
    stream = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (200, 300), dtype=np.uint8)
    Image.fromarray(noise).convert(mode).save(stream, "JPEG")

    assert _opened(scaled(stream.getvalue(), Box(0, 0, 20, 20), 300).data).mode == "RGB"


def _opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
