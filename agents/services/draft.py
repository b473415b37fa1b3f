"""A draft of `book.toml` for the person to fill in: a blank caption for each drawing."""

import json
from collections.abc import Sequence

_HEAD = """\
# A draft for your next edition: fill it in, put it beside the folders with the pictures, and make the book again.
# What begins with a # is not read; take the # away to use a line.
# title = "The Day the Dragon Came"
# author = "Mia"
# age = 5
# dedication = "For Grandma"
# date = "2026-05-01"

# What the drawings show, in the child's own words: the story is told from it.
[captions]
"""


def draft_toml(drawings: Sequence[str]) -> str:
    """The text of the draft for these drawings, named by their paths; valid TOML whatever they are called."""
    return _HEAD + "".join(f'{_quoted(path)} = ""\n' for path in drawings)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
