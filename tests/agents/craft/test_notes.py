"""What picture files say of their source is found, and nothing else is kept."""

import io
import time
from typing import Any

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from agents.book.picture import Notes
from agents.craft.decoding import open_picture
from agents.craft.notes import Source, notes_likeness

UUID = "8f14e45f-ceea-467f-a1d2-91f5c1b1a0b7"
XMP = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
 xmpMM:DocumentID="xmp.did:{UUID}"><dc:title>Dragon with a kite</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"""


def _notes(kind: str, **options: Any) -> Notes:
    target = io.BytesIO()
    Image.new("RGB", (8, 8)).save(target, kind, **options)
    opened = open_picture(target.getvalue())
    opened.decode()
    return opened.notes


def _png_text(**texts: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_itxt(key, text) if not text.isascii() else info.add_text(key, text)
    return info


def test_notes_hold_the_words_and_the_source_of_a_png() -> None:
    workflow = '{"12": {"class_type": "LoadImage", "inputs": {"image": "my drawings/Fox Pip (2).PNG"}}}'

    notes = _notes("PNG", pnginfo=_png_text(parameters="a fox in the snow, Steps: 20", prompt=workflow))

    assert {"fox", "snow"} <= set(notes.words)
    assert "fox pip (2).png" in notes.names


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_notes_hold_exif_descriptions_of_every_kind(kind: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "the whale, after whale-boat.jpg"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"UNICODE\0" + "ein Käfer".encode("utf-16")

    notes = _notes(kind, exif=exif)

    assert notes.names == ("whale-boat.jpg",)
    assert {"whale", "käfer"} <= set(notes.words)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_notes_hold_identifiers_and_the_title_of_xmp(kind: str) -> None:
    options = {"pnginfo": _png_text(**{"XML:com.adobe.xmp": XMP})} if kind == "PNG" else {"xmp": XMP.encode()}

    notes = _notes(kind, **options)

    assert notes.identifiers == (UUID.replace("-", ""),)
    assert {"dragon", "kite"} <= set(notes.words)
    assert "rdf" not in notes.words


def test_notes_say_nothing_of_times_and_places() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = "2025:05:01 10:00:00"
    exif[ExifTags.Base.Make] = "Phonemaker"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "Norden"

    assert _notes("JPEG", exif=exif) == Notes()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["a" * 200_000, "a.b" * 70_000, '"' * 200_000, "/\\" * 90_000, "x.png" * 40_000])
def test_notes_are_quick_whatever_the_text(text: str) -> None:
    began = time.process_time()

    notes = _notes("PNG", pnginfo=_png_text(comment=text))

    assert time.process_time() - began < 5
    assert len(notes.names) <= 300


SOURCES = (
    Source("inputs/fox-pip.jpg", "aa" * 32, Notes()),
    Source("inputs/IMG_2031.jpg", "bb" * 32, Notes(identifiers=("c" * 32, "d" * 32), words=("dragon", "kite"))),
    Source("inputs/whale.png", "cc" * 32, Notes(identifiers=("d" * 32,))),
)


@pytest.mark.parametrize(
    ("output", "best"),
    [
        (Notes(names=("img_2031.jpg",)), 1),
        (Notes(identifiers=("bb" * 32,)), 1),
        (Notes(identifiers=("c" * 32,)), 1),
        (Notes(words=("dragon", "flying", "kite")), 1),
        (Notes(words=("fox", "oil", "painting", "pip")), 0),
        (Notes(words=("sea", "whale")), 2),
    ],
)
def test_notes_likeness_is_full_for_the_drawing_that_is_named(output: Notes, best: int) -> None:
    likeness = notes_likeness(SOURCES, [output])

    assert likeness[0].argmax() == best
    assert likeness[0, best] == pytest.approx(1)
    assert sorted(likeness[0])[-2] == 0


@pytest.mark.parametrize("output", [Notes(), Notes(words=("blue", "steps")), Notes(identifiers=("d" * 32,))])
def test_notes_likeness_is_nothing_for_what_says_nothing_or_is_shared(output: Notes) -> None:
    assert notes_likeness(SOURCES, [output]).max() == 0
