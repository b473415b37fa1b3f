"""review: measures one page against its gates, and sends it back to who can mend it."""

from agents.book.design import PageDesign
from agents.book.review import Review
from agents.book.story import PageBrief, PageText
from agents.craft.gates import first_to_mend, gates, mending_notes
from swarm import Rework, Step, agent


@agent(scope="page", needs=("write", "design"), settings=("age",), may_rework=("write", "design"), workers=2)
async def review(
    step: Step, *, brief: PageBrief, write: PageText, design: PageDesign, age: int
) -> Review | Rework[Review]:
    """Measures one page against its gates, and sends it back to who can mend it."""
    found = await step.run_blocking(gates, brief, write, design, age=age)
    failed = first_to_mend(found)
    notes = mending_notes(failed, write, design) if failed else ""
    reviewed = Review(found, approved=all(gate.passed for gate in found), notes=notes, reworks=step.round)
    if failed is None or failed.mender is None:
        return reviewed
    return Rework(failed.mender, notes, reviewed)
