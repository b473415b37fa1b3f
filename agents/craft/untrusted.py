"""What a text that a model wrote may hold before anybody reads it: plain English words, and nothing that acts."""

import re

from agents.craft.familiar import is_familiar
from agents.craft.reading import words

_MARKUP = re.compile(r"<\s*[a-zA-Z/!?]|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});|```|\{\{|\}\}|\]\(")
_ADDRESS = re.compile(
    r"\b(?:https?|ftp|file|data|javascript):|\bwww\.|\S@\S+\.\w|\w\.(?:com|net|org|io|example)\b", re.IGNORECASE
)
_LEAST_ENGLISH_RATIO = 0.5
_FEW_WORDS = 6


def fault_of(text: str, *, most_chars: int, is_prose: bool = False) -> str:
    """What is wrong with a text, in words that may follow "the text is"; empty where nothing is.

    A text that `is_prose` must be English as well: at least half of its words (children's texts have nine tenths,
    texts in other languages less than three) are on the list of Dale and Chall. Short texts are not judged by that.
    """
    if not text.strip():
        return "empty"
    if len(text) > most_chars:
        return f"too long ({len(text)} characters, at most {most_chars} are wanted)"
    if _MARKUP.search(text):
        return "written with HTML or other markup: only plain words are wanted"
    if _ADDRESS.search(text):
        return "one with an address in it: only plain words are wanted"
    if any(not char.isprintable() and char != "\n" for char in text):
        return "one with control characters in it"
    if is_prose and english_ratio(text) < _LEAST_ENGLISH_RATIO:
        return "not in English"
    return ""


def english_ratio(text: str) -> float:
    """The share of the words that are familiar English ones; 1 for a text of few words."""
    found = words(text)
    if len(found) < _FEW_WORDS:
        return 1.0
    return sum(is_familiar(word.lower(), "dale_chall") for word in found) / len(found)
