"""An agent with little time, to hang and to crash: nobody needs it, so that it may never cost the book a page."""

ROLE = "shaky"
DEADLINE_S = 1.5
CODE = f'''"""shaky: says that it has seen a page."""

from agents.book.review import Review
from agents.book.story import PageBrief
from swarm import Step, agent


@agent(scope="page", needs=("review",), before="bind", deadline_s={DEADLINE_S})
async def {ROLE}(step: Step, *, brief: PageBrief, review: Review) -> str:
    """Says that it has seen a page."""
    return f"saw {{brief.item}}"
'''
