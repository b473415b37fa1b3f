"""The gates of a page's design, measured on what will be drawn: nothing that the design says of itself is believed."""

from collections.abc import Iterator

from agents.book.design import Box, PageDesign, TextBlock
from agents.book.review import Gate
from agents.book.story import PageBrief
from agents.craft.pagedesign import page_sheets
from agents.craft.storyplan import EASY_PT, MAX_CHARS, SMALLEST_PT
from agents.craft.textblocks import widest_mm
from agents.craft.tint import READABLE_CONTRAST, contrast_of

MIN_DRAWING_RATIO = 0.45
MIN_LEADING_RATIO = 1.35
MIN_SIZE_PT = 10.0
_ROUNDING_MM = 0.01
_AS_LARGE_AS_CAN_BE = 0.85


def design_gates(brief: PageBrief, design: PageDesign, *, is_own: bool) -> tuple[Gate, ...]:
    """Completeness, alternative texts, contrast, fit and type of a page. Where `is_own`, a person wrote the text: then
    it may be set at 16 pt, and nobody is asked to shorten it."""
    writer = None if is_own else "write"
    texts = [block for sheet in page_sheets(design) for block in sheet.texts]
    least_pt = SMALLEST_PT if is_own else EASY_PT
    return (
        _complete(brief, design),
        bounded("alternative texts", _described_ratio(design), least=1.0, mender="design"),
        bounded("contrast", contrast_of(design.ink, design.tint), least=READABLE_CONTRAST, mender="design"),
        bounded("fit", design.overflow_ratio, most=1.0, mender=writer),
        bounded("type size", design.story.size_pt, least=least_pt, mender=writer),
        bounded("smallest type", min(block.size_pt for block in texts), least=MIN_SIZE_PT, mender="design"),
        bounded("leading", design.story.leading_ratio, least=MIN_LEADING_RATIO, mender="design"),
        bounded("longest line", max(map(len, design.story.lines), default=0), most=MAX_CHARS, mender="design"),
        bounded("outside the safe area", _stray_mm(design), most=_ROUNDING_MM, mender="design"),
        bounded("drawing", design.drawing_ratio, least=MIN_DRAWING_RATIO, mender=writer, is_excused=_is_full(design)),
    )


def bounded(
    name: str,
    figure: float,
    *,
    least: float | None = None,
    most: float | None = None,
    mender: str | None,
    is_excused: bool = False,
) -> Gate:
    """A gate that demands a figure within one bound."""
    passed = (least is None or figure >= least) and (most is None or figure <= most)
    demand = f"at least {least:g}" if least is not None else f"at most {most:g}"
    return Gate(name, passed or is_excused, round(figure, 4), demand, mender)


def _complete(brief: PageBrief, design: PageDesign) -> Gate:
    wanted = {brief.drawing.path, *(picture.path for picture in brief.renderings)}
    placed = {design.drawing.path, *(picture.path for picture in design.renderings)}
    return bounded("completeness", len(placed & wanted) / len(wanted), least=1.0, mender="design")


def _described_ratio(design: PageDesign) -> float:
    """The share of the pictures whose alternative text has words, and not those of a file name."""
    pictures = (design.drawing, *design.renderings)
    return sum(_says_something(picture.alt, picture.path) for picture in pictures) / len(pictures)


def _says_something(alt: str, path: str) -> bool:
    name = path.rpartition("/")[2]
    return len(alt.split()) > 1 and alt != name and any(character.isalpha() for character in alt)


def _stray_mm(design: PageDesign) -> float:
    """How far the farthest of all drawn boxes reaches out of the safe area."""
    return max((_outside_mm(box, design.size.safe) for box in _drawn(design)), default=0.0)


def _drawn(design: PageDesign) -> Iterator[Box]:
    for sheet in page_sheets(design):
        yield from (picture.outer_box for picture in sheet.pictures)
        yield from (_inked(block) for block in sheet.texts if block.lines)


def _inked(block: TextBlock) -> Box:
    """The box of the letters themselves."""
    width_mm = widest_mm(block)
    spare_mm = block.box.width_mm - width_mm
    left_mm = block.box.x_mm + {"left": 0.0, "center": spare_mm / 2, "right": spare_mm}[block.align]
    return Box(left_mm, block.box.y_mm, width_mm, block.box.height_mm)


def _outside_mm(box: Box, safe: Box) -> float:
    return max(
        0.0, safe.x_mm - box.x_mm, safe.y_mm - box.y_mm, box.right_mm - safe.right_mm, box.bottom_mm - safe.bottom_mm
    )


def _is_full(design: PageDesign) -> bool:
    """Whether the drawing's own shape keeps it from being larger."""
    content, box = design.size.content, design.drawing.box
    is_as_high = box.height_mm >= _AS_LARGE_AS_CAN_BE * content.height_mm
    return is_as_high or box.width_mm >= _AS_LARGE_AS_CAN_BE * content.width_mm
