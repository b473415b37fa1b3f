"""Typesetting sums: how wide the book's letters are, and where its lines break.

Widths come from the fonts' advance tables. Every renderer sets the book's faces without kerning, so that the sum of
the advances is what it draws; all widths are therefore known here once, and no renderer measures again.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from fontTools.ttLib import TTFont

MM_PER_PT = 25.4 / 72
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
FONT_FILES: Mapping[str, str] = MappingProxyType(
    {"regular": "Andika-Regular.ttf", "bold": "Andika-Bold.ttf", "display": "Grandstander-ExtraBold.ttf"}
)
_MISSING_EM = 1.3  # a renderer falls back to some other font there: leave it room
_WIDOW_RATIO = 0.35
_JOINERS = "\u200c\u200d"
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Face:
    """One font: its advances in em by character, and the height of its letters in em (both positive)."""

    name: str
    advances_em: Mapping[int, float]
    ascent_em: float
    descent_em: float

    def has(self, character: str) -> bool:
        """Whether the font can draw this character."""
        return ord(character) in self.advances_em

    def width_em(self, text: str) -> float:
        """The width of one line of text, as a multiple of its size."""
        return sum(self._advance_em(character) for character in text)

    def width_mm(self, text: str, size_pt: float) -> float:
        """The width of one line of text in mm."""
        return self.width_em(text) * size_pt * MM_PER_PT

    def baseline_em(self, leading_ratio: float) -> float:
        """How far the baseline lies under the top of its line, where the spare leading is halved round the letters."""
        return (leading_ratio - self.ascent_em - self.descent_em) / 2 + self.ascent_em

    def _advance_em(self, character: str) -> float:
        advance_em = self.advances_em.get(ord(character))
        if advance_em is not None:
            return advance_em
        return 0.0 if _hangs_on(character) else _MISSING_EM


@cache
def face(name: str) -> Face:
    """The face `regular`, `bold` or `display`, read once a process. Raises KeyError for another name."""
    with (
        files("agents").joinpath("press", "fonts", FONT_FILES[name]).open("rb") as stream,
        TTFont(stream, lazy=True) as font,
    ):
        unit = font["head"].unitsPerEm
        advances = font["hmtx"]
        return Face(
            name=name,
            advances_em=MappingProxyType(
                {
                    code: 0.0 if _hangs_on(chr(code)) else advances[glyph][0] / unit
                    for code, glyph in font.getBestCmap().items()
                }
            ),
            ascent_em=font["hhea"].ascent / unit,
            descent_em=-font["hhea"].descent / unit,
        )


def clean(text: str) -> str:
    """Text as it may be set: composed (NFC), one space between words, lines kept, empty ones dropped.

    Controls and invisible format marks (among them those that turn the writing direction) are dropped; what is no
    character at all (half of a surrogate pair, from a file name that is not UTF-8) becomes a replacement mark.
    """
    is_harmless = text.replace("\n", "").isprintable()
    marked = text if is_harmless else "".join(_cleaned(character) for character in text)
    lines = map(_single_spaced, unicodedata.normalize("NFC", marked).split("\n"))
    return "\n".join(line for line in lines if line)


def printable(text: str, font: Face) -> str:
    """Text in which each character that the font lacks is a replacement mark (one for a joined emoji)."""
    out: list[str] = []
    missing = joined = False
    for character in text:
        if _is_joining(character):
            joined = missing
            continue
        if font.has(character):
            out.append(character)
            missing = joined = False
        elif _drawable(spelled := unicodedata.normalize("NFKD", character), font):
            out.append(spelled)
            missing = joined = False
        elif not (missing and (joined or _hangs_on(character))):
            out.append(REPLACEMENT)
            missing, joined = True, False
        else:
            joined = False
    return "".join(out)


def can_draw(text: str, font: Face) -> bool:
    """Whether the font has each character of cleaned text."""
    return all(font.has(character) or character == "\n" for character in text)


@dataclass(frozen=True, slots=True)
class Measure:
    """The room of a line: its width in mm and the most characters that read well in it."""

    width_mm: float
    max_chars: int = 10_000


def break_lines(text: str, font: Face, size_pt: float, measure: Measure) -> tuple[str, ...]:
    """Cleaned text in as few lines as there can be, evenly filled, without a short last word where that can be had.

    No line is wider than the measure; a word that is, is cut at its letters. No hyphens are set. The best breaks of
    the whole paragraph are found at once (Knuth and Plass, 1981, here with lines first and squared slack second);
    the cost is the number of words times the words of a line.
    """
    return tuple(
        line
        for paragraph in clean(text).split("\n")
        if paragraph
        for line in _best_lines(_words(paragraph, font, size_pt, measure), font, size_pt, measure)
    )


def count_lines(text: str, font: Face, size_pt: float, measure: Measure) -> int:
    """How many lines `break_lines` makes of cleaned text, for less work: filling them one by one needs no more."""
    space_mm = font.width_mm(" ", size_pt)
    count = 0
    for paragraph in text.split("\n"):
        width_mm, chars = measure.width_mm + 1, 0
        for word in _words(paragraph, font, size_pt, measure):
            word_mm = font.width_mm(word, size_pt)
            if _fits(width_mm + space_mm + word_mm, chars + 1 + len(word), measure):
                width_mm, chars = width_mm + space_mm + word_mm, chars + 1 + len(word)
            else:
                width_mm, chars, count = word_mm, len(word), count + 1
    return count


def is_widow(line: str, font: Face, size_pt: float, measure: Measure) -> bool:
    """Whether this last line is but one short word."""
    return " " not in line and font.width_mm(line, size_pt) < _WIDOW_RATIO * measure.width_mm


def text_height_mm(lines: int, size_pt: float, leading_ratio: float) -> float:
    """The height of so many lines."""
    return lines * size_pt * leading_ratio * MM_PER_PT


def _cleaned(character: str) -> str:
    if character in _LINE_ENDS:
        return "\n"
    if character in _JOINERS or character == "\N{NO-BREAK SPACE}":
        return character
    match unicodedata.category(character):
        case "Zs":
            return " "
        case "Cs":
            return REPLACEMENT
        case "Cn" if _is_noncharacter(ord(character)):
            return REPLACEMENT
        case "Cc":
            return " " if character == "\t" else ""
        case "Cf":
            return ""
        case _:
            return character


def _single_spaced(line: str) -> str:
    return " ".join(word for word in line.split(" ") if word)


def _is_noncharacter(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _hangs_on(character: str) -> bool:
    """Combining marks, skin tones and joiners take no room of their own."""
    return unicodedata.category(character) in {"Mn", "Me"} or _is_joining(character)


def _is_joining(character: str) -> bool:
    code = ord(character)
    return character in _JOINERS or 0xFE00 <= code <= 0xFE0F or 0x1F3FB <= code <= 0x1F3FF


def _drawable(spelled: str, font: Face) -> bool:
    return all(font.has(character) for character in spelled)


def _fits(width_mm: float, chars: int, measure: Measure) -> bool:
    return width_mm <= measure.width_mm + 1e-9 and chars <= measure.max_chars


def _words(paragraph: str, font: Face, size_pt: float, measure: Measure) -> list[str]:
    words: list[str] = []
    for word in paragraph.split(" "):
        words.extend(_pieces(word, font, size_pt, measure))
    return [word for word in words if word]


def _pieces(word: str, font: Face, size_pt: float, measure: Measure) -> list[str]:
    """A word, cut at its letters where it is wider than a line."""
    if font.width_mm(word, size_pt) <= measure.width_mm:
        return [word]
    pieces: list[str] = []
    piece = ""
    for character in word:
        longer = piece + character
        if piece and font.width_mm(longer, size_pt) > measure.width_mm:
            pieces.append(piece)
            longer = character
        piece = longer
    return [*pieces, piece]


def _best_lines(words: Sequence[str], font: Face, size_pt: float, measure: Measure) -> tuple[str, ...]:
    widths = [font.width_mm(word, size_pt) for word in words]
    space_mm = font.width_mm(" ", size_pt)
    best: list[tuple[bool, int, float]] = [(False, 0, 0.0)]
    starts = [0]
    for end in range(1, len(words) + 1):
        is_last = end == len(words)
        choices = []
        width_mm, chars = -space_mm, -1
        for start in range(end - 1, -1, -1):
            width_mm += space_mm + widths[start]
            chars += 1 + len(words[start])
            if start < end - 1 and not _fits(width_mm, chars, measure):
                break
            slack = 0.0 if is_last else (1 - width_mm / measure.width_mm) ** 2
            is_bad = is_last and end - start == 1 and width_mm < _WIDOW_RATIO * measure.width_mm
            _, lines, raggedness = best[start]
            choices.append(((is_bad and start > 0, lines + 1, raggedness + slack), start))
        cost, start = min(choices)
        best.append(cost)
        starts.append(start)
    return _joined(words, starts)


def _joined(words: Sequence[str], starts: Sequence[int]) -> tuple[str, ...]:
    lines: list[str] = []
    end = len(words)
    while end:
        lines.append(" ".join(words[starts[end] : end]))
        end = starts[end]
    return tuple(reversed(lines))
