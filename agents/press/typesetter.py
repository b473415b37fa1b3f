"""The typesetter: Typst sets what lies in a folder, and a last touch does what Typst cannot, or not as fast.

Typst decodes each picture to embed it unchanged, which took nine tenths of its time and most of its memory. It is
given stand-ins of one pixel under the same names, and the pictures are put into their places afterwards.
"""

import datetime as dt
import io
import struct
from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import pikepdf
import typst
from PIL import Image

from agents.craft.jpegs import JPEG_START
from agents.press.errors import PressError

_SET = "set"
"""The folder below the work that the typesetter reads."""


def typeset(work: Path, date: str) -> bytes:
    """The PDF of `contents.json` and the pictures that it names, JPEG or PNG with a palette, all in the folder.

    Raises PressError.
    """
    pictures = {stand_in(path): path for suffix in ("jpg", "png") for path in work.glob(f"*.{suffix}")}
    _lay_out(work, pictures)
    return _finished(_compiled(work / _SET, date), pictures)


def stand_in_name(picture: Path) -> str:
    """By which name the typesetter is to know a picture."""
    return f"{picture.stem}.jpg"


def stand_in(picture: Path) -> bytes:
    """A JPEG of one pixel that bears a picture's name, and is embedded byte by byte."""
    said = picture.name.encode()
    return b"\xff\xd8\xff\xfe" + (len(said) + 2).to_bytes(2, "big") + said + _pixel()[2:]


@cache
def _pixel() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (1, 1)).save(stream, "JPEG", subsampling=0)
    return stream.getvalue()


def _lay_out(work: Path, pictures: dict[bytes, Path]) -> None:
    folder = work / _SET
    folder.mkdir(exist_ok=True)
    for data, path in pictures.items():
        (folder / stand_in_name(path)).write_bytes(data)
    (work / "contents.json").replace(folder / "contents.json")


def _compiled(work: Path, date: str) -> bytes:
    noon = dt.datetime.fromisoformat(date).replace(hour=12, tzinfo=dt.UTC)
    press = files("agents.press")
    main = work / "book.typ"
    main.write_bytes(press.joinpath("templates", "book.typ").read_bytes())
    with as_file(press.joinpath("fonts")) as fonts_folder:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts_folder])
        try:
            return typst.compile(
                main,
                root=work,
                font_paths=fonts,
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=["ua-1", "a-2a"],
                timestamp=noon,
            )
        except typst.TypstError as error:
            raise PressError("The PDF", f"the typesetter says: {error.message}") from error


def _finished(pdf: bytes, pictures: dict[bytes, Path]) -> bytes:
    """What the typesetter cannot say: that the book lies open as spreads, and that its bleed reaches to the edge; and
    the pictures in the place of their stand-ins."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.Root.PageLayout = pikepdf.Name.TwoPageRight if len(document.pages) > 1 else pikepdf.Name.SinglePage
        for page in document.pages:
            page.bleedbox = page.mediabox
        for drawn in document.objects:
            if isinstance(drawn, pikepdf.Stream) and drawn.get("/Subtype") == "/Image":
                _put(pictures[drawn.read_raw_bytes()], drawn)
        document.save(
            stream,
            deterministic_id=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        )
    return stream.getvalue()


def _put(picture: Path, place: pikepdf.Stream) -> None:
    data = picture.read_bytes()
    if data.startswith(JPEG_START):
        with Image.open(io.BytesIO(data)) as image:
            place.Width, place.Height = image.size
        place.write(data, filter=pikepdf.Name.DCTDecode)
    else:
        _put_png(data, place)


def _put_png(data: bytes, place: pikepdf.Stream) -> None:
    """A PNG's pixels are packed as a PDF takes them (PNG, 10; PDF 32000-1, 7.4.4.4)."""
    chunks = list(_chunks(data))
    header, colours = (next(body for kind, body in chunks if kind == wanted) for wanted in (b"IHDR", b"PLTE"))
    place.Width, place.Height, place.BitsPerComponent = *struct.unpack(">II", header[:8]), header[8]
    highest = len(colours) // 3 - 1
    place.ColorSpace = pikepdf.Array([pikepdf.Name.Indexed, place.ColorSpace, highest, pikepdf.String(colours)])
    columns = {"Predictor": 15, "Colors": 1, "BitsPerComponent": header[8], "Columns": int(place.Width)}
    parameters = pikepdf.Dictionary({f"/{name}": value for name, value in columns.items()})
    pixels = b"".join(body for kind, body in chunks if kind == b"IDAT")
    place.write(pixels, filter=pikepdf.Name.FlateDecode, decode_parms=parameters)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12
