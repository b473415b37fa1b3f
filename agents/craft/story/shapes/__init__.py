"""The story shapes, one file each. `SHAPES` are those that are proposed; `WALK` serves outlines made elsewhere."""

from agents.craft.story.shapes.bedtime import BEDTIME
from agents.craft.story.shapes.friend import FRIEND
from agents.craft.story.shapes.gift import GIFT
from agents.craft.story.shapes.grows import GROWS
from agents.craft.story.shapes.hide import HIDE
from agents.craft.story.shapes.lost import LOST
from agents.craft.story.shapes.parade import PARADE
from agents.craft.story.shapes.quest import QUEST
from agents.craft.story.shapes.race import RACE
from agents.craft.story.shapes.walk import WALK

__all__ = ["SHAPES", "WALK"]

SHAPES = {shape.name: shape for shape in (LOST, QUEST, GIFT, RACE, FRIEND, GROWS, BEDTIME, PARADE, HIDE)}
"""Each proposed shape by its name."""
