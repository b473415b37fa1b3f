"""The sheets of a book as plain data for the typesetter: numbers in mm and points, texts, names of picture files."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

from agents.book.contents import Imprint
from agents.book.design import Box, Doodle, Element, PageSize, Panel, PlacedPicture, Sheet, TextBlock
from agents.craft.typesetting import clean, face, printable

Data = dict[str, Any]  # JSON: the typesetter is the one who reads it
SourceOf = Callable[[PlacedPicture], str]


@dataclass(frozen=True, slots=True)
class Job:
    """What one PDF is made of: sheets of one size, and how much is printed beyond their trim, in mm.

    `bleed_mm` counts for the three outer edges; `inner_bleed_mm` for the edge at the spine, and there for covers only.
    """

    imprint: Imprint
    sheets: tuple[Sheet, ...]
    size: PageSize
    bleed_mm: float = 0.0
    inner_bleed_mm: float = 0.0


def job_data(job: Job, source_of: SourceOf) -> Data:
    """The whole job; `source_of` names the file of a picture. What the fonts lack is a replacement mark."""
    imprint = job.imprint
    language, region = language_parts(imprint.language)
    return {
        "title": _plain(imprint.title),
        "author": [name] if (name := _plain(imprint.author)) else [],
        "date": [int(part) for part in imprint.date.split("-")],
        "language": language,
        "region": region,
        "width": job.size.width_mm,
        "height": job.size.height_mm,
        "bleed": job.bleed_mm,
        "inner": job.inner_bleed_mm,
        "sheets": [_sheet(sheet, source_of) for sheet in job.sheets],
    }


def language_parts(tag: str) -> tuple[str, str | None]:
    """Language and region of a BCP 47 tag as the typesetter takes them; `und` where it is none."""
    found = re.fullmatch(r"([A-Za-z]{2,3})(?:-[A-Za-z]{4})?(?:-([A-Za-z]{2}))?(?:-.*)?", tag)
    if not found:
        return "und", None
    return found[1].lower(), found[2].upper() if found[2] else None


def _sheet(sheet: Sheet, source_of: SourceOf) -> Data:
    return {
        "tint": sheet.tint,
        "ink": sheet.ink,
        "elements": [_element(element, source_of) for element in sheet.elements],
    }


def _element(element: Element, source_of: SourceOf) -> Data:
    match element:
        case PlacedPicture():
            return _picture(element, source_of(element))
        case TextBlock():
            return _text(element)
        case Panel():
            return {"kind": "panel", **_panel(element)}
        case Doodle():
            return {
                "kind": "doodle",
                "points": [[_mm(x), _mm(y)] for x, y in element.points_mm],
                "width": element.width_mm,
                "colour": element.colour,
            }
        case _:
            assert_never(element)


def _picture(picture: PlacedPicture, source: str) -> Data:
    return {
        "kind": "picture",
        "source": source,
        "box": _box(picture.box),
        "corner": picture.corner_mm,
        "alt": _plain(picture.alt),
        "matte": _panel(picture.matte) if picture.matte else None,
    }


def _text(block: TextBlock) -> Data:
    font = face(block.face)
    return {
        "kind": "text",
        "role": block.role.value,
        "lines": [printable(line, font) for line in block.lines],
        "box": _box(block.box),
        "size": block.size_pt,
        "leading": block.leading_ratio,
        "baseline": block.baseline_ratio,
        "face": block.face,
        "align": block.align,
    }


def _panel(panel: Panel) -> Data:
    return {"box": _box(panel.box), "corner": panel.corner_mm, "colour": panel.colour}


def _box(box: Box) -> list[float]:
    return [_mm(box.x_mm), _mm(box.y_mm), _mm(box.width_mm), _mm(box.height_mm)]


def _mm(length: float) -> float:
    return round(length, 4)


def _plain(text: str) -> str:
    return " ".join(clean(text).split("\n"))
