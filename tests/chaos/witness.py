"""An agent that costs money: it writes down each call in a file of its own, whatever the journal says."""

from pathlib import Path

LEDGER = "WITNESS_LEDGER"
ROLE = "witness"
CODE = f'''"""witness: looks at a page, for money."""

import os

from agents.book.review import Review
from agents.book.story import PageBrief
from swarm import Kind, Step, agent


@agent(scope="page", needs=("review",), before="bind", kind=Kind.PAID)
async def {ROLE}(step: Step, *, brief: PageBrief, review: Review) -> str:
    """Looks at a page, for money."""
    with open(os.environ["{LEDGER}"], "a") as ledger:
        ledger.write(step.id.item + "\\n")
    return f"seen {{brief.item}}"
'''


def calls(ledger: Path) -> list[str]:
    """The item of each call that was ever made."""
    return ledger.read_text("utf-8").splitlines() if ledger.exists() else []
