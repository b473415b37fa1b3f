"""The gates of a page: what is demanded of it, measured, with the role that can mend what fails."""

from collections.abc import Sequence

from agents.book.design import PageDesign
from agents.book.review import Critique, Gate
from agents.book.story import PageBrief, PageText
from agents.craft.pagegates import bounded as _gate
from agents.craft.pagegates import design_gates
from agents.craft.reading import measure

MIN_WORDS, MAX_WORDS = 50, 100
LONGEST_SENTENCE_WORDS = 15
_YOUNG = 5
_SLACK = 0.97
LEAST_SCORE = 0.5
"""What a critic must find at least, of 1."""


def gates(brief: PageBrief, text: PageText, design: PageDesign, *, age: int) -> tuple[Gate, ...]:
    """All gates of a page, for a reader of this age in years. A person's fixed text is measured, never sent back."""
    is_own = brief.fixed_text is not None
    return (
        *design_gates(brief, design, is_own=is_own),
        *_words_and_reading(text, age, is_own=is_own),
    )


def critic_gates(critique: Critique | None) -> tuple[Gate, ...]:
    """A gate for each score of a critic; none without one."""
    scores = critique.scores if critique else ()
    return tuple(_gate(f"critic: {name}", score, least=LEAST_SCORE, mender="write") for name, score in scores)


def mending_notes(gate: Gate, text: PageText, design: PageDesign, critique: Critique | None = None) -> str:
    """What the mender of a failed gate is to do, in words that the storyteller understands."""
    if critique and gate.name.startswith("critic"):
        return f"{gate.name} is {gate.figure:g} of 1: {critique.advice or 'tell it better'}"
    if gate.name in {"fit", "type size", "drawing"}:
        overflow_ratio = design.overflow_ratio if gate.name == "fit" else design.ease_ratio
        fitting = max(MIN_WORDS, int(text.words / max(overflow_ratio, 1.0) * _SLACK))
        return f"the text does not fit: at most {fitting} words"
    if gate.name == "words":
        few = gate.figure < MIN_WORDS
        return f"at least {MIN_WORDS} words" if few else f"at most {MAX_WORDS} words"
    return f"{gate.name} is {gate.figure:g}, demanded is {gate.demand}"


def first_to_mend(found: Sequence[Gate]) -> Gate | None:
    """The first failed gate that somebody can mend."""
    return next((gate for gate in found if not gate.passed and gate.mender is not None), None)


def _words_and_reading(text: PageText, age: int, *, is_own: bool) -> tuple[Gate, ...]:
    measured = measure(text.text)
    mean, grade, spache = (8.0, 3.5, 3.5) if age <= _YOUNG else (10.0, 4.5, 4.5)
    mender = None if is_own else "write"
    longest = float(measured.longest_sentence_words)
    within = MIN_WORDS <= measured.words <= MAX_WORDS
    return (
        Gate("words", within or is_own, float(measured.words), f"{MIN_WORDS} to {MAX_WORDS}", mender),
        _gate("mean sentence", measured.mean_sentence_words, most=mean, mender=mender, is_excused=is_own),
        _gate("longest sentence", longest, most=LONGEST_SENTENCE_WORDS, mender=mender, is_excused=is_own),
        _gate("reading grade", measured.flesch_kincaid, most=grade, mender=mender, is_excused=is_own),
        _gate("Spache grade", measured.spache, most=spache, mender=mender, is_excused=is_own),
    )
