"""Plain English words for colours, as a child would say them.

The colour is taken to OKLCh (lightness 0..1, chroma from 0, hue in degrees) and named by ranges set by eye on the
sRGB colours of common paints and pens. Source of the space: Björn Ottosson, "A perceptual color space for image
processing", 2020. Near a border two people would not agree either; what is pale, muddy or very dark is not clear.
"""

import math
from collections.abc import Sequence

from agents.book.picture import Oklab, Swatch

GREY_CHROMA = 0.035
"""Below this chroma a colour is white, grey or black."""
CLEAR_CHROMA = 0.085
"""From this chroma on a hue is clear enough to be named to a child."""
CLEAR_BROWN_CHROMA = 0.05
LEAST_SHARE_RATIO = 0.02
"""A colour that covers less of the picture is not spoken of."""

_HUES = ((12.0, "pink"), (39.0, "red"), (75.0, "orange"), (117.0, "yellow"), (172.0, "green"), (275.0, "blue"),
         (322.0, "purple"), (360.0, "pink"))  # fmt: skip


def colour_name(colour: Oklab) -> str:
    """One of red, orange, yellow, green, blue, purple, pink, brown, black, grey, white."""
    chroma, hue = _chroma(colour), _hue_degrees(colour)
    if chroma < GREY_CHROMA or colour.lightness < 0.2:
        return _grey_name(colour.lightness)
    if 25 <= hue < 100 and _is_brown(colour.lightness, chroma, hue):
        return "brown"
    if (hue < 45 or hue >= 340) and colour.lightness > 0.7:
        return "pink"
    if hue >= 350 or hue < 12:
        return "pink" if colour.lightness > 0.55 else "red"
    return next(name for limit, name in _HUES if hue < limit)


def is_clear(colour: Oklab) -> bool:
    """Whether everybody would give the colour the same name: no greys, nothing pale or muddy."""
    name = colour_name(colour)
    if name in {"white", "grey", "black"} or not 0.25 < colour.lightness < 0.98:
        return False
    return _chroma(colour) >= (CLEAR_BROWN_CHROMA if name == "brown" else CLEAR_CHROMA)


def clear_colours(palette: Sequence[Swatch]) -> tuple[str, ...]:
    """The names of the clear colours of a palette, each once, in the palette's order."""
    named = (colour_name(s.colour) for s in palette if s.share_ratio >= LEAST_SHARE_RATIO and is_clear(s.colour))
    return tuple(dict.fromkeys(named))


def _is_brown(lightness: float, chroma: float, hue: float) -> bool:
    return lightness < (0.48 if hue < 40 else 0.6) and chroma < (0.13 if hue < 40 else 0.15)


def _grey_name(lightness: float) -> str:
    if lightness > 0.9:
        return "white"
    return "black" if lightness < 0.32 else "grey"


def _chroma(colour: Oklab) -> float:
    return math.hypot(colour.a, colour.b)


def _hue_degrees(colour: Oklab) -> float:
    return math.degrees(math.atan2(colour.b, colour.a)) % 360
