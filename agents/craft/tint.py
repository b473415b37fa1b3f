"""The colours of a page, taken from its drawing: a very light paper, an ink that is easy to read, an accent."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.book.picture import Oklab, Swatch
from agents.craft.colour import contrast_ratio, from_hex, oklab, srgb, to_hex

PAPER_LIGHTNESS = 0.96
GROUND_LIGHTNESS = 0.87
READABLE_CONTRAST = 7.0
VISIBLE_CONTRAST = 3.0
_VISIBLY_OTHER = 0.012
_COLOURLESS = 0.045
_EDGE_DARKER = 0.1
_WARM = Oklab(0.9, 0.005, 0.06)  # a drawing in pencil gets a warm, creamy paper


@dataclass(frozen=True, slots=True)
class PageColours:
    """Paper, text and decoration as `#rrggbb`, and the contrast of the text on the paper by WCAG 2.2."""

    tint: str
    ink: str
    accent: str
    contrast_ratio: float


def page_colours(*palettes: Sequence[Swatch]) -> PageColours:
    """The colours of a page: all of one hue, that of the drawing's most telling colour.

    The drawing's palette comes first; where it has no colour to speak of, the palettes after it decide together.
    """
    drawing, others = palettes[:1], palettes[1:]
    telling = _telling(swatch for palette in drawing for swatch in palette)
    telling = telling or _telling(swatch for palette in others for swatch in palette)
    return _colours(telling or _WARM, PAPER_LIGHTNESS, strength=0.25, most=0.03)


def cover_colours(accent: str) -> PageColours:
    """The colours of a cover: the ground of a stronger tint, in the hue of a page's accent."""
    return _colours(_from_hex(accent), GROUND_LIGHTNESS, strength=0.6, most=0.075)


def matte_colour(mean: Oklab, tint: str) -> str:
    """A soft ground for a picture that does not fill its cell: its mean colour, made lighter and calmer."""
    paper = _from_hex(tint)
    light = Oklab(
        0.3 * mean.lightness + 0.7 * paper.lightness - 0.02,
        0.6 * mean.a + 0.4 * paper.a,
        0.6 * mean.b + 0.4 * paper.b,
    )
    return _to_hex(_in_gamut(light))


def edge_colour(tint: str) -> str:
    """The hairline round a drawing, which sets white paper off from a light page: the tint, somewhat darker."""
    paper = _from_hex(tint)
    return _to_hex(_in_gamut(Oklab(paper.lightness - _EDGE_DARKER, paper.a, paper.b)))


def _colours(telling: Oklab, lightness: float, *, strength: float, most: float) -> PageColours:
    chroma = math.hypot(telling.a, telling.b)
    tint = _to_hex(_toned(telling, lightness, min(max(strength * chroma, most / 2), most)))
    ink = _dark_enough(telling, 0.3, min(0.5 * chroma, 0.045), tint, READABLE_CONTRAST)
    accent = _dark_enough(telling, 0.68, min(max(chroma, 0.07), 0.15), tint, VISIBLE_CONTRAST)
    return PageColours(tint, ink, accent, _contrast(ink, tint))


def _telling(palette: Iterable[Swatch]) -> Oklab | None:
    """The colour that one would name: much of it, and strong, and neither nearly white nor nearly black."""
    best, weight = None, 0.0
    for swatch in palette:
        chroma = math.hypot(swatch.colour.a, swatch.colour.b)
        if chroma < _COLOURLESS or not 0.2 < swatch.colour.lightness < 0.96:
            continue
        if (here := math.sqrt(swatch.share_ratio) * min(chroma, 0.15)) > weight:
            best, weight = swatch.colour, here
    return best


def _dark_enough(hue: Oklab, lightness: float, chroma: float, ground: str, wanted_ratio: float) -> str:
    while True:
        colour = _to_hex(_toned(hue, lightness, chroma))
        if lightness <= 0 or _contrast(colour, ground) >= wanted_ratio:
            return colour
        lightness -= 0.02


def _toned(hue: Oklab, lightness: float, chroma: float) -> Oklab:
    """The hue at another lightness and chroma, the chroma lowered until a screen can show it."""
    now = math.hypot(hue.a, hue.b) or 1.0
    return _in_gamut(Oklab(max(lightness, 0.0), hue.a * chroma / now, hue.b * chroma / now))


def _in_gamut(colour: Oklab) -> Oklab:
    for step in range(21):
        keep = 1 - step / 20
        calmer = Oklab(colour.lightness, colour.a * keep, colour.b * keep)
        shown = _from_hex(_to_hex(calmer))
        if math.dist(_numbers(shown), _numbers(calmer)) < _VISIBLY_OTHER:
            break
    return calmer


def _contrast(one: str, other: str) -> float:
    return contrast_ratio(from_hex(one), from_hex(other))


def _to_hex(colour: Oklab) -> str:
    red, green, blue = srgb(np.array(_numbers(colour)))
    return to_hex((red, green, blue))


def _from_hex(text: str) -> Oklab:
    lightness, a, b = oklab(np.array(from_hex(text), np.uint8))
    return Oklab(float(lightness), float(a), float(b))


def _numbers(colour: Oklab) -> tuple[float, float, float]:
    return colour.lightness, colour.a, colour.b
