"""The hero comes from the captions, or is so small that it may be in any drawing."""

from agents.craft.story.hero import DRAWN, choose_hero, is_drawn, is_hero, is_plural
from agents.craft.story.subject import read_caption
from tests.agents.craft.story.books import CAPTIONS, scenes


def test_named_creature_is_the_hero_wherever_it_stands() -> None:
    hero = choose_hero(scenes(*CAPTIONS[1:], CAPTIONS[0]), seed=3, title="")

    assert (hero.name, hero.noun) == ("Pip", "fox")


def test_title_decides_between_two_names() -> None:
    told = scenes("Pip the fox", "Mimi the cat")

    assert choose_hero(told, seed=0, title="The travels of Mimi").name == "Mimi"


def test_creature_without_a_name_keeps_its_noun() -> None:
    hero = choose_hero(scenes("our house", "a green dragon with a kite"), seed=0, title="")

    assert (hero.name, hero.noun, hero.subject) == ("the dragon", "green dragon with a kite", "it")


def test_several_creatures_are_a_plural_hero() -> None:
    hero = choose_hero(scenes("the three fat geese"), seed=0, title="")

    assert (hero.name, hero.subject) == ("the geese", "they")
    assert is_plural(hero)


def test_pronouns_follow_the_noun() -> None:
    assert choose_hero(scenes("Rosa the queen"), seed=0, title="").subject == "she"
    assert choose_hero(scenes("Papa"), seed=0, title="").possessive == "his"


def test_hero_is_drawn_when_nothing_lives_in_the_captions() -> None:
    heroes = {choose_hero(scenes("our house", ""), seed=seed, title="").name for seed in range(40)}

    assert heroes == set(DRAWN)
    assert is_drawn(choose_hero(scenes(""), seed=1, title=""))


def test_captions_that_speak_of_the_hero_are_its_own() -> None:
    named = choose_hero(scenes("Pip the fox"), seed=0, title="")
    common = choose_hero(scenes("a green dragon with a kite"), seed=0, title="")

    assert is_hero(read_caption("Pip in the boat"), named)
    assert not is_hero(read_caption("a pipe"), named)
    assert is_hero(read_caption("the dragon"), common)
    assert not is_hero(read_caption("a red dragon"), common)
