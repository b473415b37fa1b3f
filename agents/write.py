"""write: tells the story of one page."""

from agents.book.story import PageBrief, PageText
from agents.craft.reading import measure
from agents.services.ports import Language
from swarm import Step, agent


@agent(
    scope="page",
    settings=("age", "seed"),
    ports=("language",),
    workers=8,
    may_fall_back=True,
)
async def write(step: Step, *, brief: PageBrief, age: int, seed: int, language: Language) -> PageText:
    """Tells the story of one page, or keeps the person's own text."""
    made_with = "person" if brief.fixed_text else language.identity
    text = brief.fixed_text or await language.write(
        brief, age=age, seed=seed, notes=step.notes, rejected=_text_of(step.rejected)
    )
    measured = measure(text)
    return PageText(
        text=text,
        words=measured.words,
        reading_grade=round(measured.flesch_kincaid, 2),
        spache=round(measured.spache, 2),
        dale_chall=round(measured.dale_chall, 2),
        made_with=made_with,
    )


def _text_of(rejected: object) -> str:
    return rejected.text if isinstance(rejected, PageText) else ""
