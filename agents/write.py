"""write: tells the story of one page."""

from collections.abc import Awaitable, Callable

from agents.book.story import PageBrief, PageText
from agents.craft.reading import measure
from agents.services.ports import Language, Moderation
from swarm import Step, StepError, agent


@agent(
    scope="page",
    settings=("age", "seed"),
    ports=("language", "text_moderation"),
    workers=8,
    may_fall_back=True,
    deadline_s=900,
)
async def write(
    step: Step, *, brief: PageBrief, age: int, seed: int, language: Language, text_moderation: Moderation
) -> PageText:
    """Tells the story of one page, or keeps the person's own text."""
    made_with = "person" if brief.fixed_text else language.identity

    async def told(notes: str, rejected: str) -> str:
        return await language.write(brief, age=age, seed=seed, notes=notes, rejected=rejected)

    text = brief.fixed_text or await _decent(told, step.notes, _text_of(step.rejected), text_moderation)
    measured = measure(text)
    return PageText(
        text=text,
        words=measured.words,
        reading_grade=round(measured.flesch_kincaid, 2),
        spache=round(measured.spache, 2),
        dale_chall=round(measured.dale_chall, 2),
        made_with=made_with,
    )


async def _decent(told: Callable[[str, str], Awaitable[str]], notes: str, rejected: str, moderation: Moderation) -> str:
    """A text that moderation lets through: one that is flagged is written once more, with the category as note."""
    text = await told(notes, rejected)
    (flagged,) = await moderation.check_texts([text])
    if not flagged:
        return text
    text = await told(f"moderation flags it ({', '.join(flagged)}): leave out all that is of that kind", text)
    (flagged,) = await moderation.check_texts([text])
    if flagged:
        raise StepError(f"moderation flags the text twice ({', '.join(flagged)})", code="flagged", retryable=True)
    return text


def _text_of(rejected: object) -> str:
    return rejected.text if isinstance(rejected, PageText) else ""
