"""The words of a book beside its story: what pictures are called, and their alternative texts.

All of it is said in English and only from what is known: a caption, the words of a file name, colours.
"""

from collections.abc import Sequence

from agents.book.picture import Swatch
from agents.book.story import Scene
from agents.craft.colournames import clear_colours, colour_name, is_clear
from agents.craft.typesetting import clean

_LABEL_CHARS = 90
_COLOURS = 2
_MOSTLY_RATIO = 0.3


def label(caption: str, name_words: Sequence[str]) -> str:
    """What a drawing is called: its caption, else the words of its file name, else nothing."""
    if said := one_line(caption, _LABEL_CHARS):
        return said
    words = " ".join(word for word in (clean(word) for word in name_words) if word.isalpha())
    return shortened(words[:1].upper() + words[1:], _LABEL_CHARS) if len(words) > 2 else ""


def one_line(text: str, max_chars: int) -> str:
    """Cleaned text without line ends, shortened."""
    return shortened(" ".join(clean(text).split("\n")), max_chars)


def shortened(text: str, max_chars: int) -> str:
    """The text, or its first words with an ellipsis where it has more characters than that."""
    if len(text) <= max_chars:
        return text
    head = text[: max_chars - 1]
    is_whole = text[max_chars - 1] == " " or " " not in head
    return (head if is_whole else head[: head.rfind(" ")]).rstrip(" ,;:.–—") + "…"


def drawing_alt(caption: str, name_words: Sequence[str], palette: Sequence[Swatch]) -> str:
    """The alternative text of a child's drawing."""
    if name := label(caption, name_words):
        return f"Child's drawing: {name}"
    colours = clear_colours(palette)[:_COLOURS]
    return f"Child's drawing in {_listed(colours)}" if colours else "Child's drawing"


def rendering_alt(scene: Scene, palette: Sequence[Swatch], *, nth: int, count: int) -> str:
    """The alternative text of the nth of so many renderings, counted from 1."""
    parts = [f"A rendering of {label(scene.caption, scene.name_words) or 'the drawing'}"]
    if count > 1:
        parts.append(f"{nth} of {count}")
    if colours := clear_colours(palette)[:_COLOURS]:
        clear_ratio = sum(s.share_ratio for s in palette if is_clear(s.colour))
        word = "mostly" if clear_ratio >= _MOSTLY_RATIO else "with some"
        parts.append(f"{word} {_listed(colours)}")
    elif palette:
        parts.append(f"mostly {colour_name(palette[0].colour)}")
    return ", ".join(parts)


def credit(author: str) -> str:
    """Who drew, to stand at a drawing."""
    name = one_line(author, 60)
    return f"drawn by {name}" if name else ""


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
