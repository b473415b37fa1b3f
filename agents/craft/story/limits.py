"""How long and how hard a page may be: by age, and by what a review said of the text before."""

import re
from dataclasses import dataclass, replace

from agents.craft.reading import measure

FEWEST_WORDS, MOST_WORDS = 50, 100
LONGEST_SENTENCE_WORDS = 15
_TARGETS = {3: (56, 76), 4: (60, 80), 5: (66, 86), 6: (74, 92), 7: (80, 98)}

_AT_MOST = re.compile(
    r"(?:at most|no more than|not more than|up to|maximum(?: of)?|max\.?)\s+(\d+)\s+words", re.IGNORECASE
)
_AT_LEAST = re.compile(
    r"(?:at least|no fewer than|no less than|not less than|minimum(?: of)?|min\.?)\s+(\d+)\s+words", re.IGNORECASE
)
_BETWEEN = re.compile(r"(\d+)\s*(?:to|-|–|and)\s*(\d+)\s+words", re.IGNORECASE)
_TOO_LONG = re.compile(r"too (?:long|many)|shorte[rn]|cut|fewer words|does not fit|overflow", re.IGNORECASE)
_TOO_SHORT = re.compile(r"too (?:short|few)|longer|more words", re.IGNORECASE)
_SENTENCES = re.compile(r"sentence", re.IGNORECASE)
_LEVEL = re.compile(r"reading|grade|level|spache|kincaid|too hard|difficult|simpler", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a page has to keep to: words, words a sentence, and the Flesch-Kincaid and Spache grades."""

    fewest_words: int
    target_words: int
    most_words: int
    mean_sentence_words: float
    longest_sentence_words: int
    flesch_kincaid: float
    spache: float


def limits_for(age: int) -> Limits:
    """The limits for a reader of 3 to 7 years; younger counts as 3, older as 7."""
    years = min(7, max(3, age))
    target, most = _TARGETS[years]
    young = years <= 5
    return Limits(
        fewest_words=FEWEST_WORDS,
        target_words=target,
        most_words=most,
        mean_sentence_words=8.0 if young else 10.0,
        longest_sentence_words=LONGEST_SENTENCE_WORDS,
        flesch_kincaid=2.0 if young else 3.0,
        spache=2.5 if young else 3.5,
    )


def after_review(limits: Limits, notes: str, rejected: str) -> Limits:
    """The limits as the notes of a review change them.

    A number of words in the notes is kept to, also below 50. Notes without a number ("too long", "sentences too
    long", "reading level") ask for a clear step away from the rejected text.
    """
    if not notes:
        return limits
    was = measure(rejected)
    about_sentences = _SENTENCES.search(notes) is not None
    changed = _with_numbers(limits, notes)
    if changed == limits and was.words and not about_sentences:
        changed = _step_away(limits, notes, was.words)
    if about_sentences and was.words:
        changed = replace(
            changed,
            mean_sentence_words=min(changed.mean_sentence_words, was.mean_sentence_words - 0.3),
            longest_sentence_words=min(changed.longest_sentence_words, was.longest_sentence_words - 1),
        )
    if _LEVEL.search(notes) and was.words:
        changed = replace(
            changed,
            flesch_kincaid=min(changed.flesch_kincaid, was.flesch_kincaid - 0.2),
            spache=min(changed.spache, was.spache - 0.2),
        )
    return changed


def _with_numbers(limits: Limits, notes: str) -> Limits:
    most, least, between = _AT_MOST.search(notes), _AT_LEAST.search(notes), _BETWEEN.search(notes)
    if between and not (most or least):
        return _within(limits, int(between[1]), int(between[2]))
    if most:
        limits = _within(limits, min(limits.fewest_words, int(most[1])), int(most[1]))
    if least:
        limits = _within(limits, int(least[1]), max(limits.most_words, min(int(least[1]) + 12, MOST_WORDS)))
    return limits


def _step_away(limits: Limits, notes: str, was_words: int) -> Limits:
    if _TOO_LONG.search(notes):
        most = was_words - max(4, was_words // 10)
        return _within(limits, min(limits.fewest_words, most), most)
    if _TOO_SHORT.search(notes):
        return _within(limits, was_words + 4, max(limits.most_words, min(was_words + 16, MOST_WORDS)))
    return limits


def _within(limits: Limits, fewest: int, most: int) -> Limits:
    fewest = min(fewest, most)
    target = min(max(limits.target_words, fewest + 2), max(most - 2, fewest))
    return replace(limits, fewest_words=fewest, target_words=target, most_words=most)
