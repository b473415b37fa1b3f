"""How hard a short English text is to read: words, sentences, syllables, and three grade formulas.

Sources of the formulas:

- Flesch-Kincaid grade: J. P. Kincaid, R. P. Fishburne, R. L. Rogers, B. S. Chissom, "Derivation of new readability
  formulas for Navy enlisted personnel", Naval Technical Training Command, Research Branch Report 8-75, 1975.
- Spache, revised: G. D. Spache, "Good reading for poor readers", 1974; the first form stands in The Elementary School
  Journal 53, 1953, pages 410 to 413. A word that is not on the list counts once, however often it stands there.
- Dale-Chall: E. Dale, J. S. Chall, "A formula for predicting readability", Educational Research Bulletin 27, 1948,
  pages 11 to 20, with the list of J. S. Chall, E. Dale, "Readability revisited", 1995. Each unlisted word counts.

Limits. All are meant for texts of 100 words and more; on one page they jump by half a grade for one long word, so
judge a book by them and a page by its sentence lengths. Syllables are counted from the spelling (see `syllables`).
Names count as familiar. Dale-Chall tells little below the fourth grade: to 4.9 a fourth grader reads it with ease.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agents.craft.familiar import WordList, is_familiar

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_END = re.compile(r"[.!?…]+[\"'”’)]*\s+|\n{2,}")
_OPENING = "\"'“‘("
_VOWELS = re.compile(r"[aeiouyàâäáãåèéêëìíîïòóôöõøùúûüýœæ]+")
_SPLIT_VOWELS = re.compile(
    r"[^aeiou]ia(?!l)|[^aeioughlnqst]io|eo(?=n|r\w|s)|ua(?=l|r[yi])|ying|[aeou]ing$|ism$|ë|ï|i[ae]t"
)

# Words of early readers that the rules get wrong.
_SYLLABLES = {
    "area": 3, "being": 2, "bicycle": 3, "chocolate": 3, "create": 2, "cried": 1, "diary": 3, "dinosaur": 3,
    "doing": 2, "dried": 1, "everybody": 4, "everyone": 3, "everything": 3, "everywhere": 3, "every": 2,
    "evening": 2, "fire": 1, "flower": 2, "fried": 1, "giant": 2, "goes": 1, "going": 2, "hour": 1, "idea": 3,
    "lion": 2, "lying": 2, "maybe": 2, "museum": 3, "naked": 2, "oasis": 3, "ocean": 2, "people": 2, "piano": 3,
    "poem": 2, "quiet": 2, "radio": 3, "real": 1, "really": 2, "riot": 2, "science": 2, "shoe": 1, "shoes": 1,
    "skiing": 2, "someone": 2, "something": 2, "sometimes": 2, "somewhere": 2, "somebody": 3, "tied": 1,
    "toe": 1, "toes": 1, "tried": 1, "trying": 2, "violin": 3, "whole": 1, "wicked": 2, "zoe": 2, "zoo": 1,
    "safety": 2, "lovely": 2, "homework": 2, "careful": 2, "carefully": 3, "spaceship": 2, "forever": 3,
    "something's": 2, "sunrise": 2, "cupcake": 2, "pancake": 2, "pancakes": 2, "hedgehog": 2, "bedtime": 2,
    "tiptoe": 2, "tiptoed": 2, "fireman": 2, "firefly": 3, "snowflake": 2, "rhythm": 2, "hundred": 2,
    "argue": 2, "colour": 2, "sideways": 2, "goodbye": 2, "created": 3, "ruin": 2, "fluid": 2, "cruel": 2,
    "recipe": 3, "karate": 3, "cafe": 2, "lioness": 3, "violet": 3, "hooray": 2, "business": 2, "wednesday": 2,
    "vegetable": 4, "camera": 3, "interesting": 4, "favourite": 3, "icecream": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Readability:
    """The measures of one text; lengths in words, the grades in US school years (below 0 is possible).

    `dale_chall` is a score on a scale of its own: to 4.9 fourth grade and below, to 5.9 fifth and sixth, to 6.9 eighth.
    """

    words: int
    sentences: int
    syllables: int
    mean_sentence_words: float
    longest_sentence_words: int
    flesch_kincaid: float
    spache: float
    dale_chall: float


def measure(text: str) -> Readability:
    """All measures at once; an empty text has zeros everywhere. Linear in the length of the text."""
    parts = [words(sentence) for sentence in sentences(text)]
    lengths = [len(part) for part in parts if part]
    if not lengths:
        return Readability(0, 0, 0, 0.0, 0, 0.0, 0.0, 0.0)
    word_count, sentence_count = sum(lengths), len(lengths)
    syllable_count = sum(syllables(word) for part in parts for word in part)
    rare_ratio = len(frozenset(unfamiliar(text, "spache"))) / word_count
    hard_ratio = sum(1 for _ in unfamiliar(text, "dale_chall")) / word_count
    return Readability(
        words=word_count,
        sentences=sentence_count,
        syllables=syllable_count,
        mean_sentence_words=word_count / sentence_count,
        longest_sentence_words=max(lengths),
        flesch_kincaid=flesch_kincaid_grade(word_count, sentence_count, syllable_count),
        spache=spache_grade(word_count, sentence_count, rare_ratio),
        dale_chall=dale_chall_score(word_count, sentence_count, hard_ratio),
    )


def flesch_kincaid_grade(word_count: int, sentence_count: int, syllable_count: int) -> float:
    """0.39 words a sentence + 11.8 syllables a word - 15.59. Counts must be positive."""
    return 0.39 * word_count / sentence_count + 11.8 * syllable_count / word_count - 15.59


def spache_grade(word_count: int, sentence_count: int, rare_ratio: float) -> float:
    """0.121 words a sentence + 0.082 per cent of words off the list (each counted once) + 0.659."""
    return 0.121 * word_count / sentence_count + 0.082 * 100 * rare_ratio + 0.659


def dale_chall_score(word_count: int, sentence_count: int, hard_ratio: float) -> float:
    """0.0496 words a sentence + 0.1579 per cent of words off the list; over 5 per cent of them + 3.6365."""
    score = 0.0496 * word_count / sentence_count + 0.1579 * 100 * hard_ratio
    return score + 3.6365 if hard_ratio > 0.05 else score


def word_count(text: str) -> int:
    """How many words; a hyphened word is one, a number is one, a lone dash is none."""
    return len(words(text))


def words(text: str) -> list[str]:
    """The words in order, as written, without the marks round them."""
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences in order.

    A sentence ends at . ! ? … (and closing quotes) before a capital, a digit or a blank line, so that “Stop!” said
    Pip is one. A full stop after a shortened word (Mr. Fox) is taken for an end: do not write such.
    """
    parts, start = [], 0
    for end in _END.finditer(text):
        following = text[end.end() :].lstrip(_OPENING)[:1]
        if not following.islower():
            parts.append(text[start : end.end()])
            start = end.end()
    parts.append(text[start:])
    return [part.strip() for part in parts if words(part)]


@lru_cache(maxsize=16_384)
def syllables(word: str) -> int:
    """Syllables of an English word, at least 1, from its spelling.

    Groups of vowels are counted, silent endings taken off, splits such as in "lion" added, and the worst exceptions
    listed. Rules and exceptions were fitted to some two hundred common words of early readers, where they are nearly
    always right; names and long words are guesses. A number counts as one.
    """
    return sum(_syllables_of_part(part) for part in re.split(r"[\-’']", word.lower()) if part) or 1


def _syllables_of_part(part: str) -> int:
    if part in _SYLLABLES:
        return _SYLLABLES[part]
    if part in {"s", "t", "d", "ll", "re", "ve", "m"}:  # what an apostrophe leaves behind
        return 0
    count = len(_VOWELS.findall(part)) + _hidden_vowels(part) - _silent_endings(part)
    return max(1, count)


def _hidden_vowels(part: str) -> int:
    """Vowels side by side that are spoken apart."""
    return len(_SPLIT_VOWELS.findall(part))


def _silent_endings(part: str) -> int:
    """Endings that are written and not spoken: -e, -es, -ed."""
    if re.search(r"[^aeiouylr]l(?:e|es|ed)$", part):  # lit-tle is spoken
        return 0
    if re.search(r"[^aeiou]ed$", part):
        return 0 if re.search(r"[td]ed$", part) or len(part) < 4 else 1
    if part.endswith("es"):
        return 0 if re.search(r"(?:s|x|z|ch|sh|c|g)es$|[aeiou]es$", part) else 1
    return 1 if re.search(r"[^aeiou]e$|gue$", part) and len(part) > 2 else 0


def unfamiliar(text: str, listed: WordList) -> Iterator[str]:
    """The words, in lower case, that are neither on the list (or regular forms of it) nor names, each as it comes.

    A name is a word that has a capital somewhere else than at the start of a sentence or of a speech. Of a hyphened
    word every part has to be familiar, unless the list has it whole.
    """
    names = _names(text)
    for found in words(text):
        word = found.lower().replace("’", "'")
        parts = [part for part in word.split("-") if part]
        if word in names or word.isdigit() or is_familiar(word, listed):
            continue
        if len(parts) < 2 or not all(part in names or is_familiar(part, listed) for part in parts):
            yield word


def _names(text: str) -> frozenset[str]:
    inner = re.findall(r"(?<=[\w,;:] )[^\W_]+(?:['’\-][^\W_]+)*", text)
    return frozenset(word.lower().replace("’", "'") for word in inner if word[0].isupper())
