"""The colours of a page, taken from its drawing: a paper, an ink that is easy to read on it, an accent.

A theme sets how light and how strong each is: calm and bright papers are light, those of night are dark.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from agents.book.design import Theme
from agents.book.picture import Oklab, Swatch
from agents.craft.colour import contrast_ratio, from_hex, oklab, srgb, to_hex

READABLE_CONTRAST = 7.0
VISIBLE_CONTRAST = 3.0
_VISIBLY_OTHER = 0.012
_COLOURLESS = 0.045
_EDGE_STEP = 0.1
_DARK = 0.5
_NIGHT = Oklab(0.3, -0.01, -0.12)
_CAST_RATIO = 0.7
_WARM = Oklab(0.9, 0.005, 0.06)  # a drawing in pencil gets a warm, creamy paper


@dataclass(frozen=True, slots=True)
class _Tone:
    """How light a ground is (0..1), how much of a drawing's chroma it takes, and at most how much it has."""

    lightness: float
    strength: float
    most: float


@dataclass(frozen=True, slots=True)
class _Mood:
    """The tones of a theme: of its pages and its cover, and the lightness at which ink and accent begin.

    Papers and inks may have a cast: then most of their hue is that of the theme, and some is the drawing's.
    """

    paper: _Tone
    cover: _Tone
    ink: float
    accent: float
    most_accent: float
    cast: Oklab | None = None


_MOODS: Mapping[Theme, _Mood] = MappingProxyType(
    {
        Theme.CALM: _Mood(_Tone(0.96, 0.25, 0.03), _Tone(0.89, 0.6, 0.075), ink=0.3, accent=0.68, most_accent=0.15),
        Theme.BRIGHT: _Mood(_Tone(0.935, 0.7, 0.055), _Tone(0.83, 1.0, 0.13), ink=0.26, accent=0.62, most_accent=0.2),
        Theme.NIGHT: _Mood(
            _Tone(0.28, 0.4, 0.045), _Tone(0.24, 0.5, 0.06), ink=0.94, accent=0.8, most_accent=0.14, cast=_NIGHT
        ),
    }
)


@dataclass(frozen=True, slots=True)
class PageColours:
    """Paper, text and decoration as `#rrggbb`, and the contrast of the text on the paper by WCAG 2.2."""

    tint: str
    ink: str
    accent: str
    contrast_ratio: float


def page_colours(*palettes: Sequence[Swatch], theme: Theme = Theme.CALM) -> PageColours:
    """The colours of a page: all of one hue, that of the drawing's most telling colour.

    The drawing's palette comes first; where it has no colour to speak of, the palettes after it decide together.
    """
    drawing, others = palettes[:1], palettes[1:]
    telling = _telling(swatch for palette in drawing for swatch in palette)
    telling = telling or _telling(swatch for palette in others for swatch in palette)
    return _colours(telling or _WARM, _MOODS[theme].paper, _MOODS[theme])


def cover_colours(accent: str, theme: Theme = Theme.CALM) -> PageColours:
    """The colours of a cover: the ground of a stronger tint, in the hue of a page's accent."""
    return _colours(_from_hex(accent), _MOODS[theme].cover, _MOODS[theme])


def plainest(colours: PageColours) -> PageColours:
    """The same paper with the ink that stands out most from it, black or white."""
    ink = max(("#000000", "#ffffff"), key=lambda ink: contrast_of(ink, colours.tint))
    return PageColours(colours.tint, ink, colours.accent, contrast_of(ink, colours.tint))


def contrast_of(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.2, from 1 to 21."""
    return contrast_ratio(from_hex(one), from_hex(other))


def matte_colour(mean: Oklab, tint: str) -> str:
    """A soft ground for a picture that does not fill its cell: its mean colour, nearer to the paper and calmer."""
    paper = _from_hex(tint)
    soft = Oklab(
        0.3 * mean.lightness + 0.7 * paper.lightness - 0.02,
        0.6 * mean.a + 0.4 * paper.a,
        0.6 * mean.b + 0.4 * paper.b,
    )
    return _to_hex(_in_gamut(soft))


def edge_colour(tint: str) -> str:
    """The hairline round a drawing, which sets it off from the page: the tint, somewhat darker (at night lighter)."""
    paper = _from_hex(tint)
    step = _EDGE_STEP if paper.lightness < _DARK else -_EDGE_STEP
    return _to_hex(_in_gamut(Oklab(paper.lightness + step, paper.a, paper.b)))


def _colours(telling: Oklab, ground: _Tone, mood: _Mood) -> PageColours:
    hue = _cast(telling, mood.cast) if mood.cast else telling
    chroma = math.hypot(telling.a, telling.b)
    tint = _to_hex(_toned(hue, ground.lightness, min(max(ground.strength * chroma, ground.most / 2), ground.most)))
    ink = _readable(hue, mood.ink, min(0.5 * chroma, 0.045), tint, READABLE_CONTRAST)
    accent = _readable(telling, mood.accent, min(max(chroma, 0.07), mood.most_accent), tint, VISIBLE_CONTRAST)
    return PageColours(tint, ink, accent, contrast_of(ink, tint))


def _cast(telling: Oklab, cast: Oklab) -> Oklab:
    """The drawing's colour, drawn towards that of the theme."""
    a, b = (_CAST_RATIO * of + (1 - _CAST_RATIO) * own for of, own in ((cast.a, telling.a), (cast.b, telling.b)))
    return Oklab(telling.lightness, a, b)


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


def _readable(hue: Oklab, lightness: float, chroma: float, ground: str, wanted_ratio: float) -> str:
    """The hue so much darker than this lightness (on a dark ground lighter) that the contrast is had."""
    step = 0.02 if _from_hex(ground).lightness < _DARK else -0.02
    while True:
        colour = _to_hex(_toned(hue, lightness, chroma))
        if not 0 < lightness < 1 or contrast_of(colour, ground) >= wanted_ratio:
            return colour
        lightness += step


def _toned(hue: Oklab, lightness: float, chroma: float) -> Oklab:
    """The hue at another lightness and chroma, the chroma lowered until a screen can show it."""
    now = math.hypot(hue.a, hue.b) or 1.0
    return _in_gamut(Oklab(min(max(lightness, 0.0), 1.0), hue.a * chroma / now, hue.b * chroma / now))


def _in_gamut(colour: Oklab) -> Oklab:
    for step in range(21):
        keep = 1 - step / 20
        calmer = Oklab(colour.lightness, colour.a * keep, colour.b * keep)
        shown = _from_hex(_to_hex(calmer))
        if math.dist(_numbers(shown), _numbers(calmer)) < _VISIBLY_OTHER:
            break
    return calmer


def _to_hex(colour: Oklab) -> str:
    red, green, blue = srgb(np.array(_numbers(colour)))
    return to_hex((red, green, blue))


def _from_hex(text: str) -> Oklab:
    lightness, a, b = oklab(np.array(from_hex(text), np.uint8))
    return Oklab(float(lightness), float(a), float(b))


def _numbers(colour: Oklab) -> tuple[float, float, float]:
    return colour.lightness, colour.a, colour.b
