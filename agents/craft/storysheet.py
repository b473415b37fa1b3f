"""The left sheet of a spread: how large the drawing, where the story, and in which size.

The drawing is whole and takes at least 45 % of the safe area (or as much as its shape can); the story stands below a
wide or square one and beside a tall one, between 22 and 18 pt. All sizes that fit are compared, and the most readable
and generous is taken. Where none fits, 17 and 16 pt are tried; where these do not fit either, `overflow_ratio` says by
how much, and the drawing gives way to the words.

Beside a drawing of 45 % of the safe area of a square sheet, the width that is left to a line is no choice: one of 3 : 4
leaves 73 mm, that is 23 characters at 18 pt. The other sizes of sheet leave more.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from agents.book.design import SQUARE, Box, PageSize, TextBlock
from agents.craft.picturelabel import Label, set_label
from agents.craft.storyplan import (
    ASIDE_GAP_MM,
    EASY_PT,
    LABEL_GAP_MM,
    SIZES_WORTH,
    SMALLEST_PT,
    Plan,
    Planner,
    Side,
    StoryWords,
    story_style,
)
from agents.craft.textblocks import moved, set_text
from agents.craft.typesetting import clean

_ORNAMENT_MM = 16.0
_EASY_SIZES = tuple(size_pt for size_pt in SIZES_WORTH if size_pt >= EASY_PT)
_SMALL_SIZES = tuple(size_pt for size_pt in SIZES_WORTH if size_pt < EASY_PT)


@dataclass(frozen=True, slots=True)
class StorySheet:
    """The boxes of a left sheet; `ornament` is a free place for a small decoration, where there is one.

    `overflow_ratio` is the needed over the given height of the story at 16 pt, `ease_ratio` at 18 pt.
    """

    side: Side
    drawing: Box
    story: TextBlock
    label: Label
    ornament: Box | None = None
    overflow_ratio: float = 0.0
    ease_ratio: float = 0.0


def lay_out_story(aspect_ratio: float, words: StoryWords, size: PageSize = SQUARE) -> StorySheet:
    """The best layout of the left sheet for a drawing of this shape (width over height)."""
    words = replace(words, story=clean(words.story))
    planner = Planner(aspect_ratio, words, size)
    plan = planner.best(_EASY_SIZES) or planner.best(_SMALL_SIZES) or planner.giving_way()
    return replace(
        _composed(plan, words, size.content),
        overflow_ratio=planner.overflow_ratio(SMALLEST_PT),
        ease_ratio=planner.overflow_ratio(EASY_PT),
    )


def _composed(plan: Plan, words: StoryWords, content: Box) -> StorySheet:
    match plan.side:
        case Side.BELOW:
            return _composed_below(plan, words, content)
        case Side.BELOW_LABEL_ASIDE:
            return _composed_aside(plan, words, content)
        case Side.BESIDE:
            return _composed_beside(plan, words, content)
        case _:
            assert_never(plan.side)


def _composed_below(plan: Plan, words: StoryWords, content: Box) -> StorySheet:
    story = _set_story(plan, words)
    spare_mm = max(0.0, plan.column.height_mm - story.box.height_mm)
    drawing = replace(plan.drawing, y_mm=plan.drawing.y_mm + 0.2 * spare_mm)
    label = set_label(words.caption, words.credit, drawing.width_mm)
    return StorySheet(
        side=plan.side,
        drawing=drawing,
        story=moved(_aligned(story, drawing, content), 0.0, 0.55 * spare_mm),
        label=label.moved(drawing.x_mm, drawing.bottom_mm + LABEL_GAP_MM),
    )


def _aligned(story: TextBlock, drawing: Box, content: Box) -> TextBlock:
    """The story under the drawing's left edge, where it needs no more lines there."""
    room_mm = content.right_mm - drawing.x_mm
    shifted = set_text(story.text, story_style(story.size_pt), drawing.x_mm, story.box.y_mm, room_mm)
    return shifted if len(shifted.lines) == len(story.lines) else story


def _composed_aside(plan: Plan, words: StoryWords, content: Box) -> StorySheet:
    story = _set_story(plan, words)
    spare_mm = max(0.0, plan.column.height_mm - story.box.height_mm)
    left_mm = plan.drawing.right_mm + ASIDE_GAP_MM
    label = set_label(words.caption, words.credit, content.right_mm - left_mm)
    top_mm = plan.drawing.bottom_mm - label.height_mm
    return StorySheet(
        side=plan.side,
        drawing=plan.drawing,
        story=moved(story, 0.0, 0.5 * spare_mm),
        label=label.moved(left_mm, top_mm),
        ornament=Box(left_mm, top_mm - 5.5, _ORNAMENT_MM, 3.0),
    )


def _composed_beside(plan: Plan, words: StoryWords, content: Box) -> StorySheet:
    story = _set_story(plan, words)
    label = set_label(words.caption, words.credit, plan.drawing.width_mm)
    group_mm = plan.drawing.height_mm + LABEL_GAP_MM + label.height_mm
    top_mm = content.y_mm + max(0.0, content.height_mm - group_mm) / 2
    drawing = replace(plan.drawing, y_mm=top_mm)
    spare_mm = max(0.0, content.height_mm - story.box.height_mm)
    middle_mm = drawing.y_mm + (drawing.height_mm - story.box.height_mm) / 2
    story_mm = min(max(middle_mm, content.y_mm), content.y_mm + spare_mm)
    has_room = story_mm - content.y_mm > 12.0
    return StorySheet(
        side=plan.side,
        drawing=drawing,
        story=moved(story, 0.0, story_mm - plan.column.y_mm),
        label=label.moved(drawing.x_mm, drawing.bottom_mm + LABEL_GAP_MM),
        ornament=Box(plan.column.x_mm, story_mm - 6.0, _ORNAMENT_MM, 3.0) if has_room else None,
    )


def _set_story(plan: Plan, words: StoryWords) -> TextBlock:
    style = story_style(plan.size_pt)
    return set_text(words.story, style, plan.column.x_mm, plan.column.y_mm, plan.column.width_mm)
