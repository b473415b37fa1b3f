"""The draft of book.toml: valid TOML whatever the drawings are called."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from agents.book.settings import Settings
from agents.services.draft import draft_toml

ANY_NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(st.lists(ANY_NAME, unique=True, max_size=6))
def test_a_draft_has_a_blank_caption_for_each_drawing_whatever_it_is_called(names: list[str]) -> None:
    assert tomllib.loads(draft_toml(names)) == {"captions": dict.fromkeys(names, "")}


def test_the_lines_that_a_draft_offers_are_settings_once_their_mark_is_taken_away() -> None:
    offered = [line.removeprefix("# ") for line in draft_toml([]).splitlines() if " = " in line]

    document = tomllib.loads("\n".join(offered))

    assert set(document) == {"title", "author", "age", "dedication", "date"}
    assert Settings.model_validate(document).author == "Mia"
