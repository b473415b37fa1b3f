"""The offline storyteller: deterministic stories in English from captions, file names and colours, without a model.

propose      three proposals for order and outline (order, hero, outline, shapes)
page         the text of one page from its brief (compose, fit, limits, voice)
subject      what a caption lets the story say
pools        the sentences that pages draw from; shapes: the plots, one file each
"""

from agents.craft.story.page import write_page
from agents.craft.story.propose import propose

__all__ = ["propose", "write_page"]
