"""Plans for the left sheet of a spread: each way to share it between the drawing and the column of its story."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import MappingProxyType

from agents.book.design import Box, PageSize
from agents.craft.picturelabel import set_label
from agents.craft.textblocks import Style
from agents.craft.typesetting import Measure, count_lines, text_height_mm

MIN_DRAWING_RATIO = 0.4575  # a little more than promised: the hairline round the drawing is taken from it
MIN_CHARS, MAX_CHARS = 35, 60
"""The characters of a good line. Beside a drawing it may be shorter, but not under `_MIN_CHARS_BESIDE`."""
_MIN_CHARS_BESIDE = 20
EASY_PT, SMALLEST_PT = 18.0, 16.0
SIZES_WORTH: Mapping[float, float] = MappingProxyType(
    {22.0: 1.0, 21.0: 1.0, 20.0: 0.99, 19.0: 0.96, 18.0: 0.92, 17.0: 0.72, 16.0: 0.55}
)
BELOW_GAP_MM = 4.0
ASIDE_GAP_MM = 6.0
LABEL_GAP_MM = 1.5
_BESIDE_GAP_MM = 7.0
_ASIDE_MIN_MM = 36.0
_GENEROUS_RATIO = 0.56
_GIVING_WAY_RATIOS = (0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1)


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
class Plan:
    """One way to share the sheet between the drawing and the column of the story."""

    side: Side
    drawing: Box
    column: Box
    size_pt: float
    need_mm: float

    @property
    def overflow_ratio(self) -> float:
        """The needed over the given height of the story; at most 1 where it fits."""
        return round(self.need_mm / max(self.column.height_mm, 1.0), 6)


@dataclass(frozen=True, slots=True)
class Planner:
    """All plans for one drawing (width over height) and its words on a sheet of one size."""

    aspect_ratio: float
    words: StoryWords
    size: PageSize

    def best(self, sizes_pt: tuple[float, ...]) -> Plan | None:
        """The most readable and generous of the plans in these sizes that fit, if any does."""
        plans = (plan for size_pt in sizes_pt for plan in self.plans(size_pt, MIN_DRAWING_RATIO))
        return max((plan for plan in plans if plan.overflow_ratio <= 1), key=self._worth, default=None)

    def overflow_ratio(self, size_pt: float) -> float:
        """The overflow of the best plan in this size."""
        return min(plan.overflow_ratio for plan in self.plans(size_pt, MIN_DRAWING_RATIO))

    def giving_way(self) -> Plan:
        """For words that are too long: the plan with the largest drawing that lets them all stand."""
        plans: list[Plan] = []
        for least_ratio in _GIVING_WAY_RATIOS:
            plans = list(self.plans(SMALLEST_PT, least_ratio))
            if fitting := [plan for plan in plans if plan.overflow_ratio <= 1]:
                return max(fitting, key=lambda plan: plan.drawing.area_mm2)
        return min(plans, key=lambda plan: plan.overflow_ratio)

    def plans(self, size_pt: float, least_ratio: float) -> Iterator[Plan]:
        """Every side of the drawing that the story can stand at, fitting or not."""
        yield self._below(size_pt, least_ratio)
        yield from self._below_label_aside(size_pt, least_ratio)
        yield from self._beside(size_pt, least_ratio)

    def _worth(self, plan: Plan) -> float:
        """How good a plan is: the size of the type and of the drawing, the length of the lines, the natural side."""
        chars = _chars(plan.column.width_mm, plan.size_pt)
        is_natural = (plan.side is Side.BESIDE) == (self.aspect_ratio < 0.86 * self.size.aspect_ratio)
        return (
            0.4 * SIZES_WORTH[plan.size_pt]
            + 0.4 * min(1.0, plan.drawing.area_mm2 / self.size.safe.area_mm2 / _GENEROUS_RATIO)
            + 0.45 * min(1.0, max(0.0, (chars - 14) / (MIN_CHARS - 14)))
            + 0.15 * is_natural
        )

    def _below(self, size_pt: float, least_ratio: float) -> Plan:
        """The story under the drawing and its label."""
        content = self.size.content
        need_mm = self._story_height_mm(size_pt, content.width_mm)
        drawing = self._over(need_mm + 7.0, least_ratio)
        for _ in range(2):  # the label's height hangs on the drawing's width
            under_mm = self._label_mm(drawing.width_mm)
            drawing = self._over(need_mm + under_mm + LABEL_GAP_MM, least_ratio)
        centred_mm = content.x_mm + (content.width_mm - drawing.width_mm) / 2
        column = self._under(drawing.bottom_mm + LABEL_GAP_MM + under_mm + BELOW_GAP_MM)
        return Plan(Side.BELOW, replace(drawing, x_mm=centred_mm), column, size_pt, need_mm)

    def _below_label_aside(self, size_pt: float, least_ratio: float) -> Iterator[Plan]:
        """The story under the drawing, whose label stands at its side, where a drawing of due size leaves room."""
        need_mm = self._story_height_mm(size_pt, self.size.content.width_mm)
        most_mm = self.size.content.width_mm - ASIDE_GAP_MM - _ASIDE_MIN_MM
        drawing = self._over(need_mm, least_ratio)
        if drawing.width_mm > most_mm:
            drawing = self._due(drawing, least_ratio)
        if drawing.width_mm <= most_mm:
            column = self._under(drawing.bottom_mm + BELOW_GAP_MM)
            yield Plan(Side.BELOW_LABEL_ASIDE, drawing, column, size_pt, need_mm)

    def _beside(self, size_pt: float, least_ratio: float) -> Iterator[Plan]:
        """The story at the drawing's right: the largest drawing for which the words fit, else the least."""
        content = self.size.content
        most_mm = content.width_mm * 0.72
        largest = self._largest(most_mm, content.height_mm - self._label_mm(most_mm / 2) - LABEL_GAP_MM)
        least = self._due(largest, least_ratio)
        for step in range(8):
            width_mm = largest.width_mm + (least.width_mm - largest.width_mm) * step / 7
            drawing = replace(content, width_mm=width_mm, height_mm=width_mm / self.aspect_ratio)
            left_mm = drawing.right_mm + _BESIDE_GAP_MM
            column = replace(content, x_mm=left_mm, width_mm=content.right_mm - left_mm)
            if _chars(column.width_mm, size_pt) < _MIN_CHARS_BESIDE:
                continue
            plan = Plan(Side.BESIDE, drawing, column, size_pt, self._story_height_mm(size_pt, column.width_mm))
            if plan.overflow_ratio <= 1 or step == 7:
                yield plan

    def _over(self, under_mm: float, least_ratio: float) -> Box:
        """The drawing over so much text: as large as that allows, but of its due size at least."""
        width_mm, whole_mm = self.size.content.width_mm, self.size.content.height_mm - BELOW_GAP_MM
        allowed = self._largest(width_mm, whole_mm - under_mm)
        due = self._due(self._largest(width_mm, whole_mm), least_ratio)
        return allowed if allowed.area_mm2 > due.area_mm2 else due

    def _under(self, top_mm: float) -> Box:
        content = self.size.content
        return replace(content, y_mm=top_mm, height_mm=content.bottom_mm - top_mm)

    def _largest(self, width_mm: float, height_mm: float) -> Box:
        fitted_mm = max(1.0, min(width_mm, height_mm * self.aspect_ratio))
        return replace(self.size.content, width_mm=fitted_mm, height_mm=fitted_mm / self.aspect_ratio)

    def _due(self, largest: Box, least_ratio: float) -> Box:
        """The drawing at the least share of the safe area, or the largest where that is smaller."""
        width_mm = (least_ratio * self.size.safe.area_mm2 * self.aspect_ratio) ** 0.5
        if width_mm >= largest.width_mm:
            return largest
        return replace(largest, width_mm=width_mm, height_mm=width_mm / self.aspect_ratio)

    def _label_mm(self, width_mm: float) -> float:
        return set_label(self.words.caption, self.words.credit, width_mm).height_mm

    def _story_height_mm(self, size_pt: float, width_mm: float) -> float:
        style = story_style(size_pt)
        lines = count_lines(self.words.story, style.font, size_pt, Measure(width_mm, style.max_chars))
        return text_height_mm(lines, size_pt, style.leading_ratio)


def _chars(width_mm: float, size_pt: float) -> float:
    """About how many characters of the story go into a line."""
    return width_mm / story_style(size_pt).font.width_mm("a good tale", size_pt) * 11


def story_style(size_pt: float) -> Style:
    """The style of the story: the smaller the type, the tighter it may stand."""
    leading_ratio = 1.45 if size_pt > EASY_PT else 1.35
    return Style(size_pt, leading_ratio, max_chars=MAX_CHARS)
