"""The language port over OpenAI: proposals, pages and a critic, each answer checked before anybody sees it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agents.book.review import Critique
from agents.book.story import Beat, Hero, Outline, PageBrief, Proposal, Scene
from agents.craft.colournames import clear_colours
from agents.craft.reading import word_count
from agents.craft.story.limits import MOST_WORDS, Limits, after_review, limits_for
from agents.craft.story.partner import partner_of
from agents.craft.story.propose import scored
from agents.craft.untrusted import fault_of
from agents.services.errors import BadAnswer
from agents.services.openai_answers import Asker, Prompt
from agents.services.openai_prompts import (
    CRITIC,
    LANGUAGE_VERSION,
    PAGE,
    PLAN,
    CriticScores,
    PageWords,
    PlannedBeat,
    PlannedStory,
    StoryPlan,
)

_PROPOSALS = 3
_THINKING_TOKENS = 3000
"""What a model may think before it answers; models that do not think leave it."""
_PAGE_TOKENS, _BEAT_TOKENS = 250, 60
_LINE_CHARS, _NAME_CHARS, _NOTES_CHARS = 300, 40, 600
_TEXT_CHARS = 1200
_PRONOUNS = {
    "she": ("she", "her", "her"),
    "he": ("he", "him", "his"),
    "it": ("it", "it", "its"),
    "they": ("they", "them", "their"),
}


class OpenAILanguage:
    """Tells stories by a model. What it costs, and that it is paid once, is the asker's business."""

    is_paid = True

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    @property
    def identity(self) -> str:
        """The model and the version of our prompts, which go into the keys of steps."""
        return f"openai:{self._asker.model}/{LANGUAGE_VERSION}"

    async def propose(self, scenes: Sequence[Scene], *, age: int, seed: int, title: str) -> tuple[Proposal, ...]:
        """Three proposals of the model, scored by our own scores. Raises ServiceError."""
        data = {
            "title": title,
            "age": age,
            "variation": seed,
            "pages": len(scenes),
            "drawings": [{"index": index, **_shown(scene)} for index, scene in enumerate(scenes)],
        }
        tokens = _THINKING_TOKENS + _PROPOSALS * (_PAGE_TOKENS + _BEAT_TOKENS * len(scenes))
        prompt = Prompt("story_plan", LANGUAGE_VERSION, PLAN, data, tokens)
        return await self._asker.ask(prompt, StoryPlan, lambda plan: _proposals(plan, scenes))

    async def write(self, brief: PageBrief, *, age: int, seed: int, notes: str, rejected: str) -> str:
        """The text of one page within the limits of the age, as the notes change them. Raises ServiceError."""
        limits = after_review(limits_for(age), notes, rejected)
        data = _place(brief, age) | {
            "variation": seed,
            "fewest_words": limits.fewest_words,
            "most_words": limits.most_words,
            "longest_sentence_words": limits.longest_sentence_words,
            "notes": notes[:_NOTES_CHARS],
            "rejected": rejected,
        }
        prompt = Prompt("page_text", LANGUAGE_VERSION, PAGE, data, _THINKING_TOKENS + _PAGE_TOKENS)
        return await self._asker.ask(prompt, PageWords, lambda answer: _page(answer.text, limits, rejected))

    async def criticise(self, brief: PageBrief, text: str, *, age: int) -> Critique | None:
        """The model's judgement of a page. Raises ServiceError."""
        data = _place(brief, age) | {"text": text}
        prompt = Prompt("critique", LANGUAGE_VERSION, CRITIC, data, _THINKING_TOKENS + _PAGE_TOKENS)
        return await self._asker.ask(prompt, CriticScores, _critique)


def _shown(scene: Scene) -> dict[str, Any]:
    """What a model may know of a drawing: not its path, which is nobody's business."""
    return {
        "caption": scene.caption,
        "file_name_words": list(scene.name_words),
        "description": scene.description,
        "colours": list(clear_colours(scene.palette)),
        "part": scene.part,
        "parts": scene.parts,
    }


def _place(brief: PageBrief, age: int) -> dict[str, Any]:
    """A page in its story."""
    beats = {"beat_before": brief.beat_before, "beat": brief.beat, "beat_after": brief.beat_after}
    return {
        "age": age,
        "page": brief.number,
        "pages": brief.page_count,
        "hero": asdict(brief.hero),
        "want": brief.want,
        "trouble": brief.trouble,
        "refrain": brief.refrain,
        **{name: asdict(beat) if beat else None for name, beat in beats.items()},
        "drawing": _shown(brief.scene),
    }


def _proposals(plan: StoryPlan, scenes: Sequence[Scene]) -> tuple[Proposal, ...]:
    if len(plan.proposals) != _PROPOSALS:
        raise BadAnswer(f"there are {len(plan.proposals)} proposals, and three are wanted")
    return tuple(_proposal(story, scenes) for story in plan.proposals)


def _proposal(story: PlannedStory, scenes: Sequence[Scene]) -> Proposal:
    if sorted(story.order) != list(range(len(scenes))):
        raise BadAnswer(f"`order` must list each index from 0 to {len(scenes) - 1} exactly once")
    if len(story.beats) != len(scenes):
        raise BadAnswer(f"there are {len(story.beats)} beats, and {len(scenes)} are wanted, one for each page")
    hero = Hero(
        _line("hero_name", story.hero_name, _NAME_CHARS),
        _line("hero_noun", story.hero_noun, _NAME_CHARS),
        *_PRONOUNS[story.hero_pronoun],
    )
    order = _with_parts_together(story.order, scenes)
    beats = [_beat(beat, scenes[index], hero) for beat, index in zip(story.beats, order, strict=True)]
    outline = Outline(
        _line("shape", story.shape, _NAME_CHARS),
        hero,
        _line("want", story.want),
        _line("trouble", story.trouble),
        _line("refrain", story.refrain),
        tuple(beats),
    )
    return scored(scenes, order, outline)


def _beat(beat: PlannedBeat, scene: Scene, hero: Hero) -> Beat:
    tension = min(1.0, max(0.0, beat.tension))  # which no number can pass, NaN least
    return Beat(beat.kind, _line("summary", beat.summary), round(tension, 4), partner_of(scene, hero))


def _with_parts_together(order: Sequence[int], scenes: Sequence[Scene]) -> tuple[int, ...]:
    """The parts of a drawing that fills several pages stand in a row, where the first of them was put."""
    parts: dict[str, list[int]] = {}
    for index in order:
        parts.setdefault(scenes[index].input, []).append(index)
    return tuple(index for group in parts.values() for index in sorted(group, key=lambda i: scenes[i].part))


def _page(text: str, limits: Limits, rejected: str) -> str:
    plain = " ".join(text.split())
    if fault := fault_of(plain, most_chars=_TEXT_CHARS, is_prose=True):
        raise BadAnswer(f"the text is {fault}")
    count, most = word_count(plain), min(MOST_WORDS, limits.most_words + 10)
    if not limits.fewest_words <= count <= most:
        wanted = f"{limits.fewest_words} to {limits.most_words}"
        raise BadAnswer(f"the text has {count} words, and {wanted} words are wanted")
    if plain == rejected:
        raise BadAnswer("the text is the one that was rejected")
    return plain


def _critique(answer: CriticScores) -> Critique:
    scores = {"story": answer.story, "language": answer.language, "warmth": answer.warmth}
    if not all(0 <= score <= 1 for score in scores.values()):
        raise BadAnswer("a score is not between 0 and 1")
    advice = " ".join(answer.advice.split())
    if advice and (fault := fault_of(advice, most_chars=_NOTES_CHARS)):
        raise BadAnswer(f"the advice is {fault}")
    return Critique(tuple((name, round(score, 4)) for name, score in scores.items()), advice)


def _line(name: str, text: str, most_chars: int = _LINE_CHARS) -> str:
    line = " ".join(text.split())
    if fault := fault_of(line, most_chars=most_chars, is_prose=most_chars > _NAME_CHARS):
        raise BadAnswer(f"`{name}` is {fault}")
    return line
