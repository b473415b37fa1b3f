"""Front matter: title page, colophon, dedication."""

from dataclasses import replace

from agents.book.contents import Imprint
from agents.book.design import Box, Element, Sheet, TextRole
from agents.craft import wording
from agents.craft.coversheet import title_block
from agents.craft.doodles import line
from agents.craft.pagedesign import edged
from agents.craft.scheme import Scheme, stacked
from agents.craft.textblocks import Style, moved, set_text, set_within

_SMALL_HEADING = Style(13, 1.4, face="bold", role=TextRole.HEADING)
_SMALL = Style(11, 1.5, max_chars=70)
_AUTHOR = Style(20, 1.4, align="center")
_DEDICATION = Style(20, 1.5, align="center", max_chars=45)
_OWNER = Style(26, 1.3, face="display", align="center")
OWNER = "This book belongs to"


def title_sheet(imprint: Imprint, look: Scheme) -> Sheet:
    """Title, the hero picture, and the author."""
    safe = look.safe
    title = title_block(imprint.title, Box(safe.x_mm + 6, safe.y_mm + 4, safe.width_mm - 12, 62))
    ruled_mm = title.box.bottom_mm + 4
    elements: list[Element] = [look.rule(ruled_mm), title]
    foot_mm = safe.bottom_mm
    if author := wording.one_line(imprint.author, 80):
        block = set_within(author, _AUTHOR, Box(safe.x_mm, 0, safe.width_mm, 10), (20, 17, 14, 12))
        foot_mm -= block.box.height_mm
        elements.append(moved(block, 0, foot_mm))
    if look.hero:
        room = Box(safe.x_mm, ruled_mm + 7, safe.width_mm, max(20.0, foot_mm - ruled_mm - 13))
        elements.append(edged(look.hero, room, look.colours.tint))
    return look.sheet(1, wording.one_line(imprint.title, 120), elements)


def imprint_sheet(imprint: Imprint, look: Scheme) -> Sheet:
    """The colophon: who made what, with which programs, in which type, and which book this is."""
    blocks = stacked(
        [
            ("About this book", _SMALL_HEADING, 1.5),
            (_how_it_was_made(imprint), _SMALL, 3.0),
            (_made_with(imprint), _SMALL, 3.0),
            (_TYPE, _SMALL, 3.0),
            (f"{imprint.date} · seed {imprint.seed} · book {imprint.book_id}", _SMALL, 0.0),
        ],
        width_mm=min(look.safe.width_mm * 0.8, 155.0),
    )
    height_mm = blocks[-1].box.bottom_mm
    lowered = [moved(block, look.safe.x_mm, look.safe.bottom_mm - height_mm) for block in blocks]
    return look.sheet(2, "About this book", lowered)


_TYPE = (
    "Set in Andika, a typeface by SIL for those who learn to read, and Grandstander by Tyler Finck. "
    "Both are free under the SIL Open Font License."
)


def _how_it_was_made(imprint: Imprint) -> str:
    author = wording.one_line(imprint.author, 80)
    made = dict(imprint.made_with)
    words = made.get("language", "offline")
    teller = "a storytelling program" if words == "offline" else f"a language model ({words})"
    return (
        f"The drawings on the left-hand pages were made by {author or 'a child'}, by hand. "
        "The pictures on the right-hand pages were made from those drawings by a machine, an image model. "
        f"The story was put together by a machine as well, {teller}, unless a person wrote it. "
        f"For readers of about {imprint.age} years."
    )


def _made_with(imprint: Imprint) -> str:
    parts = ", ".join(f"{part} ({maker})" for part, maker in imprint.made_with)
    return f"Made with Doodlebound{': ' if parts else ''}{parts}."


def dedication_sheet(imprint: Imprint, look: Scheme) -> Sheet:
    """The dedication, else a line for the name of the owner."""
    if not imprint.dedication.strip():
        return owner_sheet(3, look)
    safe = look.safe
    room = Box(safe.x_mm + 20, 0, safe.width_mm - 40, safe.height_mm - 30)
    text = set_within(imprint.dedication, _DEDICATION, room, (20, 18, 16, 14, 12, 10))
    top_mm = safe.y_mm + max(16.0, 0.42 * (safe.height_mm - text.box.height_mm))
    return look.sheet(3, "Dedication", [look.mark(top_mm - 9, 5.0), moved(text, 0, top_mm)])


def owner_sheet(number: int, look: Scheme) -> Sheet:
    """A line for the name of the book's owner."""
    top_mm = 0.36 * look.size.height_mm
    text = set_text(OWNER, _OWNER, look.safe.x_mm, top_mm, look.safe.width_mm)
    ruled = line(look.middle_mm - 55, text.box.bottom_mm + 26, 110, look.colours.ink)
    small = replace(_SMALL, align="center", size_pt=12)
    given = set_text("who was given it by", small, look.safe.x_mm, text.box.bottom_mm + 33, look.safe.width_mm)
    below = line(look.middle_mm - 55, given.box.bottom_mm + 22, 110, look.colours.ink)
    return look.sheet(number, OWNER, [look.mark(top_mm - 11, 6.0), text, ruled, given, below])
