"""review: measures one page against its gates, hears a critic if there is one, and sends it back to who can mend it."""

from loguru import logger

from agents.book.design import PageDesign
from agents.book.review import Critique, Review
from agents.book.story import PageBrief, PageText
from agents.craft.gates import critic_gates, first_to_mend, gates, mending_notes
from agents.services.errors import ServiceError
from agents.services.ports import Language
from swarm import Rework, Step, agent


@agent(
    scope="page",
    needs=("write", "design"),
    settings=("age",),
    ports=("language",),
    may_rework=("write", "design"),
    workers=8,
    deadline_s=600,
)
async def review(
    step: Step, *, brief: PageBrief, write: PageText, design: PageDesign, age: int, language: Language
) -> Review | Rework[Review]:
    """Measures one page against its gates, and sends it back to who can mend it."""
    found = await step.run_blocking(gates, brief, write, design, age=age)
    critique = None
    if all(gate.passed for gate in found) and brief.fixed_text is None:
        critique = await _criticised(step, language, brief, write, age)
        found = (*found, *critic_gates(critique))
    failed = first_to_mend(found)
    notes = mending_notes(failed, write, design, critique) if failed else ""
    reviewed = Review(found, approved=all(gate.passed for gate in found), notes=notes, reworks=step.round)
    if failed is None or failed.mender is None:
        return reviewed
    return Rework(failed.mender, notes, reviewed)


async def _criticised(step: Step, language: Language, brief: PageBrief, write: PageText, age: int) -> Critique | None:
    """What the critic says; a critic who cannot be had costs no page."""
    try:
        return await language.criticise(brief, write.text, age=age)
    except ServiceError as error:
        logger.bind(item=step.id.item, reason=str(error)).warning("page_not_criticised")
        return None
