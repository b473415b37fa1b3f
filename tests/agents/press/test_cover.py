import io
from dataclasses import replace

import pytest
from PIL import Image, ImageColor

from agents.book.design import SQUARE, Box, Doodle, Panel, PlacedPicture, Sheet, TextBlock
from agents.craft.textblocks import Style, set_text
from agents.press.album import Album
from agents.press.cover import make_cover, paint
from swarm import Blob
from tests.agents.volumes import IMPRINT, Shelf, jpeg


def test_cover_is_a_square_picture_on_the_tint_without_metadata() -> None:
    shelf = Shelf()
    book = shelf.book(1)

    with Image.open(io.BytesIO(make_cover(book, Album(shelf.read)))) as cover:
        corner = cover.convert("RGB").getpixel((2, 2))
        assert cover.size == (1200, 1200)
        assert "exif" not in cover.info

    assert corner == pytest.approx(ImageColor.getrgb(book.cover.tint), abs=3)


def test_same_book_has_the_same_cover() -> None:
    shelf = Shelf()

    assert make_cover(shelf.book(1), Album(shelf.read)) == make_cover(shelf.book(1), Album(shelf.read))


@pytest.mark.parametrize("title", ["", "🦊", "日本語", "a" * 300])
def test_any_title_can_be_painted(title: str) -> None:
    shelf = Shelf()

    assert make_cover(shelf.book(1, imprint=replace(IMPRINT, title=title)), Album(shelf.read))


def test_elements_are_painted_where_their_boxes_are() -> None:
    picture = PlacedPicture(
        "a.jpg",
        Blob("0" * 64, 1),
        100,
        100,
        Box(120, 20, 60, 60),
        "A picture",
        matte=Panel(Box(110, 10, 80, 80), "#00ff00"),
    )
    sheet = Sheet(
        0,
        "Test",
        "#ffffff",
        "#000000",
        (
            Panel(Box(10, 10, 80, 80), "#ff0000"),
            picture,
            Doodle(((20, 150), (90, 150)), 4, "#0000ff"),
            set_text("HHHH", Style(60, 1.2, face="bold"), 120, 140, 80),
        ),
    )

    image = paint(sheet, SQUARE, Album(lambda _: jpeg(100, 100, mark="x")), 1080)

    def at(x_mm: float, y_mm: float) -> tuple[int, ...]:
        pixel = image.getpixel((round(x_mm * 5), round(y_mm * 5)))
        assert isinstance(pixel, tuple)
        return pixel

    assert at(50, 50) == (255, 0, 0)
    assert at(113, 50) == (0, 255, 0)
    assert at(123, 50) not in {(0, 255, 0), (255, 255, 255)}
    assert at(50, 150) == (0, 0, 255)
    assert at(5, 5) == (255, 255, 255)
    letters = image.crop((600, 700, 1000, 830)).convert("L")
    assert min(letters.tobytes()) < 40


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_text_is_painted_at_its_side(align: str) -> None:
    block: TextBlock = set_text("H", Style(72, 1.2, align=align), 20, 20, 160)
    sheet = Sheet(0, "Test", "#ffffff", "#000000", (block,))

    image = paint(sheet, SQUARE, Album(lambda _: b""), 1080).convert("L")

    box = image.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box
    middle_mm = (box[0] + box[2]) / 2 / 5
    assert middle_mm == pytest.approx({"left": 29, "center": 100, "right": 171}[align], abs=3)
