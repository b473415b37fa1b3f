"""What a model wrote is let through only where it is plain English words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.craft.story import write_page
from agents.craft.untrusted import english_ratio, fault_of
from tests.agents.craft.story.books import CAPTIONS, retell, scenes
from tests.peers.openai_faults import GERMAN, HOSTILE

STORY = "Pip the fox ran up the hill. “Is that my kite?” said Pip; the owl nodded — and off it flew!\nWhat a day…"


def _fault(text: str) -> str:
    return fault_of(text, most_chars=400, is_prose=True)


def test_plain_story_has_no_fault() -> None:
    assert _fault(STORY) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("The fox ran. " * 40, "too long"),
        (HOSTILE, "markup"),
        ("The fox < b > ran", "markup"),
        ("Tom &amp; Pip ran up the hill", "markup"),
        ("```The fox ran```", "markup"),
        ("{{hero}} ran", "markup"),
        ("[The fox](javascript) ran", "markup"),
        ("See https://evil.example/x", "address"),
        ("See www.evil.example", "address"),
        ("Write to fox@evil.example now", "address"),
        ("Visit evil.com today", "address"),
        ("javascript:alert(1)", "address"),
        ("The fox\x00 ran", "control"),
        ("The fox \u202e ran", "control"),
        (GERMAN, "not in English"),
        ("Le petit renard marche dans la forêt et il voit un grand arbre avec des pommes", "not in English"),
        ("Лиса бежала по лесу и увидела большое дерево", "not in English"),
    ],
)
def test_fault_is_named(text: str, said: str) -> None:
    assert said in _fault(text)


def test_names_need_not_be_english() -> None:
    assert fault_of("Żaneta Błękitna", most_chars=40) == ""


def test_stories_of_our_own_are_english_by_far() -> None:
    told = retell(scenes(*CAPTIONS))

    assert min(english_ratio(text) for text in told.texts) > 0.8
    assert [fault_of(text, most_chars=1200, is_prose=True) for text in told.texts] == [""] * len(told.texts)
    assert write_page(told.briefs[0], age=5, seed=0)


@given(st.text(max_size=300))
def test_whatever_passes_holds_no_tag(text: str) -> None:
    if not fault_of(text, most_chars=300):
        assert "<script" not in text.lower()
        assert "http://" not in text.lower()
