"""Which words a list counts as familiar: the words on it, and the regular forms of them.

Spache's revised list of 1974 (1,063 words that readers of the first three grades know) and the new Dale-Chall list of
1995 (2,942 words that fourth graders know) stand in `wordlists`. Both were made for American English, so British
spellings of their words are taken as the American ones. A third list, `familiar_words.txt`, was chosen for this project
and only serves to tell common words from names in captions.
"""

from functools import cache, lru_cache
from importlib import resources
from typing import Literal

WordList = Literal["spache", "dale_chall"]

_BRITISH = {
    "colour": "color", "favourite": "favorite", "neighbour": "neighbor", "grey": "gray", "centre": "center",
    "honour": "honor", "mum": "mom", "pyjamas": "pajamas", "practise": "practice", "plough": "plow",
    "goodbye": "good-bye", "hallo": "hello", "harbour": "harbor", "jewellery": "jewelry", "theatre": "theater",
}  # fmt: skip
_ENDINGS = ("s", "es", "d", "ed", "ing", "r", "er", "st", "est", "ly", "y")


@lru_cache(maxsize=16_384)
def is_familiar(word: str, listed: WordList) -> bool:
    """Whether a word, or one that it is a regular form of (s, 's, ed, ing, er, est, ly, y), is on the list."""
    known = word_list(listed)
    return any(_BRITISH.get(stem, stem) in known for stem in _stems(word.lower().replace("’", "'")))


@cache
def word_list(listed: WordList) -> frozenset[str]:
    """The words of a list, in lower case."""
    text = resources.files("agents.craft.wordlists").joinpath(f"{listed}.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def familiar_words() -> frozenset[str]:
    """The words of `familiar_words.txt`, in lower case."""
    listed = resources.files("agents.craft").joinpath("familiar_words.txt")
    return frozenset(listed.read_text(encoding="utf-8").split())


def _stems(word: str) -> list[str]:
    bare = word.rstrip("'").removesuffix("'s")
    stems = [word, bare]
    for ending in _ENDINGS:
        if not bare.endswith(ending) or len(bare) <= len(ending) + 1:
            continue
        stem = bare[: -len(ending)]
        stems += [stem, stem + "e"]
        if len(stem) > 2 and stem[-1] == stem[-2]:
            stems.append(stem[:-1])
        if stem.endswith("i"):
            stems.append(stem[:-1] + "y")
    return stems
