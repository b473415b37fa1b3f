"""Whom the hero speaks with on a page: the drawing's thing where it is known, else the drawing itself."""

from agents.book.story import Hero, Scene
from agents.craft.colournames import clear_colours
from agents.craft.story.hero import is_hero
from agents.craft.story.subject import subject_of


def partner_of(scene: Scene, hero: Hero) -> str:
    """The phrase for it ("the owl", "the red drawing"); empty for a drawing of the hero, and where nothing is known."""
    subject = subject_of(scene)
    if is_hero(subject, hero):
        return ""
    if subject.a:
        return subject.the
    colours = clear_colours(scene.palette)
    return f"the {colours[0]} drawing" if colours else ""
