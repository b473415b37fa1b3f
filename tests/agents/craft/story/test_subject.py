"""Captions become phrases where they name a thing, and quotations where they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.craft.story.lexicon import Sort
from agents.craft.story.subject import read_caption, subject_of
from tests.agents.craft.story.books import scene


@pytest.mark.parametrize(
    ("caption", "a", "the"),
    [
        ("a green dragon with a kite", "a green dragon with a kite", "the green dragon"),
        ("rocket to the moon", "a rocket to the moon", "the rocket"),
        ("owl at night", "an owl at night", "the owl"),
        ("A owl", "an owl", "the owl"),
        ("a hour", "an hour", "the hour"),
        ("an unicorn", "a unicorn", "the unicorn"),
        ("our house with smoke", "our house with smoke", "our house"),
        ("Zoë's dog", "Zoë’s dog", "Zoë’s dog"),
        ("the boat and the whale", "the boat and the whale", "the whale"),
        ("sheep and the rainbow", "the sheep and the rainbow", "the sheep"),
        ("a robot that waters flowers", "a robot that waters flowers", "the robot"),
        ("snow", "some snow", "the snow"),
        ("flowers", "some flowers", "the flowers"),
        ("sun", "the sun", "the sun"),
        ("this is my dog!", "my dog", "my dog"),
        ("DRAGON", "a dragon", "the dragon"),
        ("Green Dragon", "a green dragon", "the green dragon"),
        ("the three fat geese", "the three fat geese", "the three fat geese"),
        ("2 cats", "2 cats", "the 2 cats"),
        ("a zorblax", "a zorblax", "the zorblax"),
        ("🦊 an old unicorn", "an old unicorn", "the old unicorn"),
    ],
)
def test_caption_becomes_a_phrase_when_it_names_a_thing(caption: str, a: str, the: str) -> None:
    subject = read_caption(caption)

    assert (subject.a, subject.the) == (a, the)


@pytest.mark.parametrize(
    ("caption", "name", "noun"),
    [
        ("Pip the fox", "Pip", "fox"),
        ("PIP THE FOX", "Pip", "fox"),
        ("my cat Mimi", "Mimi", "cat"),
        ("Mimi, my cat", "Mimi", "cat"),
        ("a dog called Bello with a ball", "Bello", "dog"),
        ("Captain Fluff the brave pirate", "Captain Fluff", "brave pirate"),
        ("Mama", "Mama", ""),
        ("Grandpa in the garden", "Grandpa", ""),
    ],
)
def test_caption_gives_a_name_when_it_holds_one(caption: str, name: str, noun: str) -> None:
    subject = read_caption(caption)

    assert (subject.name, subject.noun, subject.sort) == (name, noun, Sort.CREATURE)


@pytest.mark.parametrize(
    "caption",
    ["I am in the garden", "Mama is sleeping", "me and papa at the beach", "happy", "Axolotl in a cup", "Лиса",
     "<script>alert(1)</script>", "Save the whale"],
)  # fmt: skip
def test_caption_is_only_quoted_when_it_is_no_phrase(caption: str) -> None:
    subject = read_caption(caption)

    assert subject.label
    assert not subject.a


@pytest.mark.parametrize("caption", ["", "   ", "🦊🦊", "123", "…!?", "{}"])
def test_caption_says_nothing_when_it_has_no_word(caption: str) -> None:
    assert read_caption(caption).label == ""


def test_long_caption_is_cut_where_a_new_part_begins() -> None:
    subject = read_caption("a dragon with a tail in the garden of my grandma on a sunny day")

    assert subject.a == "a dragon with a tail"
    assert len(subject.label.split()) <= 6


def test_file_name_serves_when_there_is_no_caption() -> None:
    assert subject_of(scene(0, names=("green", "dragon"))).a == "a green dragon"
    assert subject_of(scene(0, names=("zorp", "final"))).a == ""
    assert subject_of(scene(0, "owl at night", names=("dragon",))).the == "the owl"


@given(st.text(max_size=400))
def test_any_caption_can_be_read(caption: str) -> None:
    subject = read_caption(caption)

    for phrase in (subject.label, subject.a, subject.the):
        assert phrase == " ".join(phrase.split())
        assert not set('{}<>"\n“”') & set(phrase)
    assert len(subject.label.split()) <= 6
    assert len(subject.a.split()) <= 12


def test_subject_ends_when_a_couple_is_longer_than_a_phrase_may_be() -> None:
    subject = read_caption("the robot and the very big flower")

    assert subject is not None
    assert "robot" in subject.a
