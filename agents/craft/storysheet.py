"""The left sheet of a spread: how large the drawing, where the story, and in which size.

The drawing is whole and takes at least 45 % of the safe area (or as much as its shape can); the story stands below a
wide or square one and beside a tall one, between 22 and 16 pt. All sizes that fit are compared, and the most readable
and generous is taken. Where none fits, `overflow_ratio` says by how much, and the drawing gives way to the words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import MappingProxyType

from agents.book.design import SAFE_MM, TRIM_MM, Box, TextBlock
from agents.craft.picturelabel import Label, set_label
from agents.craft.textblocks import Style, moved, set_text
from agents.craft.typesetting import Measure, clean, count_lines, text_height_mm

MIN_DRAWING_RATIO = 0.458  # a little more than promised: the hairline round the drawing is taken from it
MAX_CHARS = 60
FOLIO_MM = 7.0
SAFE = Box(SAFE_MM, SAFE_MM, TRIM_MM - 2 * SAFE_MM, TRIM_MM - 2 * SAFE_MM)
CONTENT = replace(SAFE, height_mm=SAFE.height_mm - FOLIO_MM)
_SIZES_WORTH: Mapping[float, float] = MappingProxyType(
    {22.0: 1.0, 21.0: 1.0, 20.0: 0.99, 19.0: 0.96, 18.0: 0.92, 17.0: 0.72, 16.0: 0.55}
)
_SMALLEST_PT = min(_SIZES_WORTH)
_GENEROUS_RATIO = 0.56
_GIVING_WAY_RATIOS = (0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1)
_BELOW_GAP_MM = 4.0
_BESIDE_GAP_MM = 8.0
_ASIDE_GAP_MM = 6.0
_ASIDE_MIN_MM = 36.0
_LABEL_GAP_MM = 1.5
_ORNAMENT_MM = 16.0


@dataclass(frozen=True, slots=True)
class StoryWords:
    """What is to be set on the sheet; caption and credit may be empty."""

    story: str
    caption: str = ""
    credit: str = ""


class Side(Enum):
    """Where the story stands, and in the first two cases the drawing's label."""

    BELOW = auto()
    BELOW_LABEL_ASIDE = auto()
    BESIDE = auto()


@dataclass(frozen=True, slots=True)
class StorySheet:
    """The boxes of a left sheet; `ornament` is a free place for a small decoration, where there is one."""

    side: Side
    drawing: Box
    story: TextBlock
    label: Label
    overflow_ratio: float
    ornament: Box | None

    @property
    def drawing_ratio(self) -> float:
        """The drawing's share of the safe area."""
        return self.drawing.area_mm2 / SAFE.area_mm2


def lay_out_story(aspect_ratio: float, words: StoryWords) -> StorySheet:
    """The best layout of the left sheet for a drawing of this shape (width over height)."""
    words = replace(words, story=clean(words.story))
    plans = [plan for size_pt in _SIZES_WORTH for plan in _plans(aspect_ratio, words, size_pt)]
    if fitting := [plan for plan in plans if plan.overflow_ratio <= 1]:
        best = max(fitting, key=lambda plan: _worth(plan, aspect_ratio))
        return _composed(best, words, best.overflow_ratio)
    overflow_ratio = min(plan.overflow_ratio for plan in plans)
    return _composed(_giving_way(aspect_ratio, words), words, overflow_ratio)


def story_style(size_pt: float) -> Style:
    """The style of the story: the smaller the type, the tighter it may stand."""
    leading_ratio = 1.45 if size_pt >= 18 else 1.4 if size_pt >= 17 else 1.35
    return Style(size_pt, leading_ratio, max_chars=MAX_CHARS)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One way to share the sheet between the drawing and the column of the story."""

    side: Side
    drawing: Box
    column: Box
    size_pt: float
    need_mm: float

    @property
    def overflow_ratio(self) -> float:
        return round(self.need_mm / max(self.column.height_mm, 1.0), 6)


def _plans(
    aspect_ratio: float,
    words: StoryWords,
    size_pt: float,
    least_ratio: float = MIN_DRAWING_RATIO,
) -> Iterator[_Plan]:
    yield _below(aspect_ratio, words, size_pt, least_ratio)
    yield from _below_label_aside(aspect_ratio, words, size_pt, least_ratio)
    yield from _beside(aspect_ratio, words, size_pt, least_ratio)


def _worth(plan: _Plan, aspect_ratio: float) -> float:
    """How good a plan is: the size of the type and of the drawing, the length of the lines, the natural side."""
    char_mm = story_style(plan.size_pt).font.width_mm("a good tale", plan.size_pt) / 11
    chars = plan.column.width_mm / char_mm
    is_natural = (plan.side is Side.BESIDE) == (aspect_ratio < 0.86)
    return (
        0.4 * _SIZES_WORTH[plan.size_pt]
        + 0.4 * min(1.0, plan.drawing.area_mm2 / SAFE.area_mm2 / _GENEROUS_RATIO)
        + 0.45 * min(1.0, max(0.0, (chars - 14) / 21))
        + 0.15 * is_natural
    )


def _giving_way(aspect_ratio: float, words: StoryWords) -> _Plan:
    """For words that are too long: the plan with the largest drawing that lets them all stand."""
    plans: list[_Plan] = []
    for least_ratio in _GIVING_WAY_RATIOS:
        plans = list(_plans(aspect_ratio, words, _SMALLEST_PT, least_ratio))
        if fitting := [plan for plan in plans if plan.overflow_ratio <= 1]:
            return max(fitting, key=lambda plan: plan.drawing.area_mm2)
    return min(plans, key=lambda plan: plan.overflow_ratio)


def _below(aspect_ratio: float, words: StoryWords, size_pt: float, least_ratio: float) -> _Plan:
    """The story under the drawing and its label."""
    need_mm = _story_height_mm(words.story, size_pt, CONTENT.width_mm)
    drawing = _over(aspect_ratio, need_mm + 7.0, least_ratio)
    for _ in range(2):  # the label's height hangs on the drawing's width
        under_mm = set_label(words.caption, words.credit, drawing.width_mm).height_mm
        drawing = _over(aspect_ratio, need_mm + under_mm + _LABEL_GAP_MM, least_ratio)
    centred_mm = CONTENT.x_mm + (CONTENT.width_mm - drawing.width_mm) / 2
    top_mm = drawing.bottom_mm + _LABEL_GAP_MM + under_mm + _BELOW_GAP_MM
    column = replace(CONTENT, y_mm=top_mm, height_mm=CONTENT.bottom_mm - top_mm)
    return _Plan(Side.BELOW, replace(drawing, x_mm=centred_mm), column, size_pt, need_mm)


def _below_label_aside(aspect_ratio: float, words: StoryWords, size_pt: float, least_ratio: float) -> Iterator[_Plan]:
    """The story under the drawing, whose label stands at its side, if a drawing of due size leaves room for that."""
    need_mm = _story_height_mm(words.story, size_pt, CONTENT.width_mm)
    most_mm = CONTENT.width_mm - _ASIDE_GAP_MM - _ASIDE_MIN_MM
    drawing = _over(aspect_ratio, need_mm, least_ratio)
    if drawing.width_mm > most_mm:
        drawing = _due(aspect_ratio, _over(aspect_ratio, need_mm, least_ratio), least_ratio)
    if drawing.width_mm > most_mm:
        return
    top_mm = drawing.bottom_mm + _BELOW_GAP_MM
    column = replace(CONTENT, y_mm=top_mm, height_mm=CONTENT.bottom_mm - top_mm)
    yield _Plan(Side.BELOW_LABEL_ASIDE, drawing, column, size_pt, need_mm)


def _beside(aspect_ratio: float, words: StoryWords, size_pt: float, least_ratio: float) -> Iterator[_Plan]:
    """The story at the drawing's right: the largest drawing for which the words fit, else the least."""
    most_mm = CONTENT.width_mm * 0.72
    rest_mm = CONTENT.height_mm - set_label(words.caption, words.credit, most_mm / 2).height_mm
    largest = _largest(aspect_ratio, most_mm, rest_mm - _LABEL_GAP_MM)
    least = _due(aspect_ratio, largest, least_ratio)
    for step in range(8):
        width_mm = largest.width_mm + (least.width_mm - largest.width_mm) * step / 7
        drawing = replace(CONTENT, width_mm=width_mm, height_mm=width_mm / aspect_ratio)
        left_mm = drawing.right_mm + _BESIDE_GAP_MM
        column = replace(CONTENT, x_mm=left_mm, width_mm=CONTENT.right_mm - left_mm)
        need_mm = _story_height_mm(words.story, size_pt, column.width_mm)
        plan = _Plan(Side.BESIDE, drawing, column, size_pt, need_mm)
        if plan.overflow_ratio <= 1 or step == 7:
            yield plan


def _over(aspect_ratio: float, under_mm: float, least_ratio: float, most_mm: float = CONTENT.width_mm) -> Box:
    """The drawing over so much text: as large as that allows, but of its due size at least."""
    whole_mm = CONTENT.height_mm - _BELOW_GAP_MM
    allowed = _largest(aspect_ratio, most_mm, whole_mm - under_mm)
    due = _due(aspect_ratio, _largest(aspect_ratio, most_mm, whole_mm), least_ratio)
    return allowed if allowed.area_mm2 > due.area_mm2 else due


def _largest(aspect_ratio: float, width_mm: float, height_mm: float) -> Box:
    fitted_mm = max(1.0, min(width_mm, height_mm * aspect_ratio))
    return replace(CONTENT, width_mm=fitted_mm, height_mm=fitted_mm / aspect_ratio)


def _due(aspect_ratio: float, largest: Box, least_ratio: float) -> Box:
    """The drawing at the least share of the safe area, or the largest where that is smaller."""
    width_mm = (least_ratio * SAFE.area_mm2 * aspect_ratio) ** 0.5
    if width_mm >= largest.width_mm:
        return largest
    return replace(CONTENT, width_mm=width_mm, height_mm=width_mm / aspect_ratio)


def _story_height_mm(story: str, size_pt: float, width_mm: float) -> float:
    style = story_style(size_pt)
    lines = count_lines(story, style.font, size_pt, Measure(width_mm, style.max_chars))
    return text_height_mm(lines, size_pt, style.leading_ratio)


def _composed(plan: _Plan, words: StoryWords, overflow_ratio: float) -> StorySheet:
    match plan.side:
        case Side.BELOW:
            return _composed_below(plan, words, overflow_ratio)
        case Side.BELOW_LABEL_ASIDE:
            return _composed_aside(plan, words, overflow_ratio)
        case Side.BESIDE:
            return _composed_beside(plan, words, overflow_ratio)


def _composed_below(plan: _Plan, words: StoryWords, overflow_ratio: float) -> StorySheet:
    story = _set_story(plan, words)
    spare_mm = max(0.0, plan.column.height_mm - story.box.height_mm)
    drawing = replace(plan.drawing, y_mm=plan.drawing.y_mm + 0.2 * spare_mm)
    label = set_label(words.caption, words.credit, drawing.width_mm)
    return StorySheet(
        side=plan.side,
        drawing=drawing,
        story=moved(_aligned(story, drawing), 0.0, 0.55 * spare_mm),
        label=label.moved(drawing.x_mm, drawing.bottom_mm + _LABEL_GAP_MM),
        overflow_ratio=overflow_ratio,
        ornament=None,
    )


def _aligned(story: TextBlock, drawing: Box) -> TextBlock:
    """The story under the drawing's left edge, where it needs no more lines there."""
    room_mm = CONTENT.right_mm - drawing.x_mm
    shifted = set_text(story.text, story_style(story.size_pt), drawing.x_mm, story.box.y_mm, room_mm)
    return shifted if len(shifted.lines) == len(story.lines) else story


def _composed_aside(plan: _Plan, words: StoryWords, overflow_ratio: float) -> StorySheet:
    story = _set_story(plan, words)
    spare_mm = max(0.0, plan.column.height_mm - story.box.height_mm)
    left_mm = plan.drawing.right_mm + _ASIDE_GAP_MM
    label = set_label(words.caption, words.credit, CONTENT.right_mm - left_mm)
    top_mm = plan.drawing.bottom_mm - label.height_mm
    return StorySheet(
        side=plan.side,
        drawing=plan.drawing,
        story=moved(story, 0.0, 0.5 * spare_mm),
        label=label.moved(left_mm, top_mm),
        overflow_ratio=overflow_ratio,
        ornament=Box(left_mm, top_mm - 5.5, _ORNAMENT_MM, 3.0),
    )


def _composed_beside(plan: _Plan, words: StoryWords, overflow_ratio: float) -> StorySheet:
    story = _set_story(plan, words)
    label = set_label(words.caption, words.credit, plan.drawing.width_mm)
    group_mm = plan.drawing.height_mm + _LABEL_GAP_MM + label.height_mm
    top_mm = CONTENT.y_mm + max(0.0, CONTENT.height_mm - group_mm) / 2
    drawing = replace(plan.drawing, y_mm=top_mm)
    spare_mm = max(0.0, CONTENT.height_mm - story.box.height_mm)
    middle_mm = drawing.y_mm + (drawing.height_mm - story.box.height_mm) / 2
    story_mm = min(max(middle_mm, CONTENT.y_mm), CONTENT.y_mm + spare_mm)
    has_room = story_mm - CONTENT.y_mm > 12.0
    return StorySheet(
        side=plan.side,
        drawing=drawing,
        story=moved(story, 0.0, story_mm - plan.column.y_mm),
        label=label.moved(drawing.x_mm, drawing.bottom_mm + _LABEL_GAP_MM),
        overflow_ratio=overflow_ratio,
        ornament=Box(plan.column.x_mm, story_mm - 6.0, _ORNAMENT_MM, 3.0) if has_room else None,
    )


def _set_story(plan: _Plan, words: StoryWords) -> TextBlock:
    style = story_style(plan.size_pt)
    return set_text(words.story, style, plan.column.x_mm, plan.column.y_mm, plan.column.width_mm)
