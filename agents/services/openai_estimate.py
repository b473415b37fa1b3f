"""What the services will cost, said before any of them is asked: calls, tokens and dollars by stage."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from agents.book.settings import Settings
from agents.services.openai_prompts import CRITIC, PAGE, PICTURE, PLAN

_CHARS_A_TOKEN = 4
_SCHEMA_TOKENS = 150
_PLACE_TOKENS, _DRAWING_TOKENS = 450, 90
_PICTURE_TOKENS = 300
_THOUGHT_TOKENS = 500
"""What models that think before they answer spend on that; others come to less."""
_PLAN_TOKENS, _BEAT_TOKENS = 300, 100
_PAGE_TOKENS, _CRITIQUE_TOKENS, _DESCRIPTION_TOKENS = 130, 60, 80
_REPAIRS = 2
_TRIES = 2
"""Answers that are of no use are asked for once more; a text that is flagged is written once more."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """What a stage will come to. `most_usd` is for a book of which every page is redone as often as it may be, and
    every answer repaired; None for models whose price nobody knows."""

    stage: str
    calls: int
    input_tokens: int
    output_tokens: int
    usd: float | None
    most_usd: float | None


@dataclass(frozen=True, slots=True)
class _Kind:
    """Calls of one kind: how many, to which model, and the tokens of each."""

    stage: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    times: int


def estimate(settings: Settings, *, drawings: int, pictures: int) -> tuple[Estimated, ...]:
    """The stages of a book of so many drawings and pictures in all, as if nothing of it had been asked before.

    One page is reckoned for each drawing. Tokens are about right for the prompts as they are, and a guess for what
    comes back: the bill may well be half or twice as high.
    """
    pages = min(drawings, settings.max_pages or drawings)
    by_stage: dict[str, list[_Kind]] = {}
    for kind in _kinds(settings, pages, pictures):
        by_stage.setdefault(kind.stage, []).append(kind)
    return tuple(_summed(settings, stage, kinds) for stage, kinds in by_stage.items())


def estimate_as_text(stages: tuple[Estimated, ...]) -> str:
    """A table for people."""
    if not stages:
        return "Nothing is paid for: language and vision are offline. With --online, OpenAI would be asked."
    rows = [["stage", "calls", "tokens in", "tokens out", "US dollars", "at most"]]
    for one in (*stages, _total(stages)):
        dollars = ("not known" if usd is None else f"{usd:.4f}" for usd in (one.usd, one.most_usd))
        rows.append([one.stage, str(one.calls), str(one.input_tokens), str(one.output_tokens), *dollars])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join([*lines, "An estimate, as if nothing had been asked before; nothing was paid for."])


def estimate_as_json(stages: tuple[Estimated, ...]) -> dict[str, object]:
    """The same for programs."""
    return {one.stage: {f.name: getattr(one, f.name) for f in fields(one)[1:]} for one in (*stages, _total(stages))}


def _kinds(settings: Settings, pages: int, pictures: int) -> Iterator[_Kind]:
    reworks = 1 + settings.max_reworks
    if settings.is_moderated:
        yield _Kind("settings", settings.moderation_model, 1, 0, 0, 1)
        yield _Kind("look", settings.moderation_model, pictures, 0, 0, 1)
    if settings.vision == "openai":
        asked = _tokens(PICTURE) + _PICTURE_TOKENS
        yield _Kind("look", settings.vision_model, pictures, asked, _THOUGHT_TOKENS + _DESCRIPTION_TOKENS, _REPAIRS)
        yield _Kind("look", settings.embedding_model, pictures, _DESCRIPTION_TOKENS, 0, _REPAIRS)
    if settings.language == "openai":
        model = settings.language_model
        planned = _THOUGHT_TOKENS + 3 * (_PLAN_TOKENS + _BEAT_TOKENS * pages)
        yield _Kind("sequence", model, 1, _tokens(PLAN) + _DRAWING_TOKENS * pages, planned, _REPAIRS)
        page, critic = _tokens(PAGE) + _PLACE_TOKENS, _tokens(CRITIC) + _PLACE_TOKENS + _PAGE_TOKENS
        yield _Kind("write", model, pages, page, _THOUGHT_TOKENS + _PAGE_TOKENS, _REPAIRS * _TRIES * reworks)
        if settings.is_moderated:
            yield _Kind("write", settings.moderation_model, pages, 0, 0, 1)
        yield _Kind("review", model, pages, critic, _THOUGHT_TOKENS + _CRITIQUE_TOKENS, _REPAIRS * reworks)


def _tokens(text: str) -> int:
    return len(text) // _CHARS_A_TOKEN + _SCHEMA_TOKENS


def _summed(settings: Settings, stage: str, kinds: list[_Kind]) -> Estimated:
    usd: float | None = 0.0
    most: float | None = 0.0
    for kind in kinds:
        price = settings.price(kind.model)
        if price is None or usd is None or most is None:
            usd = most = None
            continue
        one = price.usd(input_tokens=kind.input_tokens, output_tokens=kind.output_tokens)
        usd += kind.calls * one
        most += kind.calls * kind.times * one
    return Estimated(
        stage,
        sum(kind.calls for kind in kinds),
        sum(kind.calls * kind.input_tokens for kind in kinds),
        sum(kind.calls * kind.output_tokens for kind in kinds),
        usd,
        most,
    )


def _total(stages: tuple[Estimated, ...]) -> Estimated:
    dollars = [[getattr(one, name) for one in stages] for name in ("usd", "most_usd")]
    usd, most = (None if None in known else sum(known) for known in dollars)
    calls, taken, given = (sum(getattr(one, n) for one in stages) for n in ("calls", "input_tokens", "output_tokens"))
    return Estimated("total", calls, taken, given, usd, most)
