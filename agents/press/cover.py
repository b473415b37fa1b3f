"""The cover as a picture: sheet 0 painted with the same boxes, lines and letters as the page and the print have."""

import io
from importlib.resources import as_file, files
from typing import assert_never

from PIL import Image, ImageDraw, ImageFont

from agents.book.contents import Contents
from agents.book.design import Box, Doodle, PageSize, Panel, PlacedPicture, Sheet, TextBlock
from agents.craft.typesetting import FONT_FILES, MM_PER_PT, face, printable
from agents.press.album import Album
from agents.press.scaling import COVER_DPI

COVER_PX = 1200
_FINE = 2  # painted larger and scaled down, for smooth edges
_QUALITY = 90


def make_cover(contents: Contents, album: Album) -> bytes:
    """`cover.jpg`: the cover as an sRGB JPEG, 1200 px wide, without metadata."""
    large = paint(contents.cover, contents.size, album, COVER_PX * _FINE)
    small = large.resize(
        (COVER_PX, round(COVER_PX / contents.size.aspect_ratio)), Image.Resampling.LANCZOS, reducing_gap=None
    )
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=_QUALITY, optimize=True, subsampling=0)
    return stream.getvalue()


def paint(sheet: Sheet, size: PageSize, album: Album, width_px: int) -> Image.Image:
    """Any sheet as a picture of so many pixels across."""
    image = Image.new("RGB", (width_px, round(width_px / size.aspect_ratio)), sheet.tint)
    easel = _Easel(image, width_px / size.width_mm, sheet.ink, album)
    for element in sheet.elements:
        match element:
            case PlacedPicture():
                easel.picture(element)
            case TextBlock():
                easel.text(element)
            case Panel():
                easel.panel(element)
            case Doodle():
                easel.doodle(element)
            case _:
                assert_never(element)
    return image


class _Easel:
    """A picture in the making; `scale` is in pixels a millimetre."""

    def __init__(self, image: Image.Image, scale: float, ink: str, album: Album) -> None:
        self._image = image
        self._draw = ImageDraw.Draw(image)
        self._scale = scale
        self._ink = ink
        self._album = album

    def picture(self, picture: PlacedPicture) -> None:
        if picture.matte:
            self.panel(picture.matte)
        left, top, right, bottom = self._corners(picture.box)
        size = (max(1, right - left), max(1, bottom - top))
        data = self._album.scaled(picture, COVER_DPI).data
        with Image.open(io.BytesIO(data)) as opened:
            pixels = opened.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        mask = Image.new("L", size)
        box = (0, 0, size[0] - 1, size[1] - 1)
        ImageDraw.Draw(mask).rounded_rectangle(box, picture.corner_mm * self._scale, fill=255)
        self._image.paste(pixels, (left, top), mask)

    def panel(self, panel: Panel) -> None:
        self._draw.rounded_rectangle(self._corners(panel.box), panel.corner_mm * self._scale, fill=panel.colour)

    def doodle(self, doodle: Doodle) -> None:
        points = [(x * self._scale, y * self._scale) for x, y in doodle.points_mm]
        width = doodle.width_mm * self._scale
        self._draw.line(points, doodle.colour, round(width), joint="curve")
        for x, y in (points[0], points[-1]):
            self._draw.circle((x, y), width / 2, fill=doodle.colour)

    def text(self, block: TextBlock) -> None:
        em = block.size_pt * MM_PER_PT * self._scale
        font = _font(block.face, em)
        for at, line in enumerate(block.lines):
            drawn = printable(line, face(block.face))
            width = face(block.face).width_em(drawn) * em
            spare = block.box.width_mm * self._scale - width
            shift = {"left": 0.0, "center": spare / 2, "right": spare}[block.align]
            baseline = block.box.y_mm * self._scale + em * (at * block.leading_ratio + block.baseline_ratio)
            place = (block.box.x_mm * self._scale + shift, baseline)
            self._draw.text(place, drawn, self._ink, font, anchor="ls")

    def _corners(self, box: Box) -> tuple[int, int, int, int]:
        return (
            round(box.x_mm * self._scale),
            round(box.y_mm * self._scale),
            round(box.right_mm * self._scale),
            round(box.bottom_mm * self._scale),
        )


def _font(name: str, em_px: float) -> ImageFont.FreeTypeFont:
    with as_file(files("agents.press").joinpath("fonts", FONT_FILES[name])) as path:
        return ImageFont.truetype(path, em_px, layout_engine=ImageFont.Layout.BASIC)
