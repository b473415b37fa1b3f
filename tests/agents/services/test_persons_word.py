"""A person's word is taken when it agrees with the source and with itself, and refused in one sentence else."""

from typing import Any

import pytest

from agents.book.settings import Settings
from agents.services.errors import SettingsError
from agents.services.persons_word import check_word

DRAWINGS = ("inputs/a.png", "inputs/b.png")
RENDERINGS = ("outputs/x.png", "outputs/y.png")
A, B = DRAWINGS
X, Y = RENDERINGS


def test_check_word_takes_what_agrees() -> None:
    settings = Settings.model_validate({"pairs": {A: [X]}, "ban": {B: [X], A: [Y]}, "order": {A: [X]}})

    check_word(settings, DRAWINGS, RENDERINGS)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"pairs": {"inputs/c.png": [X]}}, "no drawing of the source"),
        ({"pairs": {A: ["outputs/xx.png"]}}, "did you mean outputs/x.png?"),
        ({"ban": {A: ["outputs/q.png"]}}, r"\[ban\] names"),
        ({"order": {A: [X, X]}}, "twice"),
        ({"pairs": {A: [X], B: [X]}}, "it has only one page"),
        ({"order": {A: [X], B: [X]}}, "it has only one page"),
        ({"pairs": {A: [X]}, "ban": {A: [X]}}, r"\[ban\] forbids it"),
        ({"pairs": {A: [X]}, "order": {B: [X]}}, r"\[order\] puts"),
        ({"ban": {A: [X]}, "order": {A: [X]}}, r"\[order\] puts"),
    ],
)
def test_check_word_refuses_what_is_not_there_or_contradicts(tables: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        check_word(Settings.model_validate(tables), DRAWINGS, RENDERINGS)
