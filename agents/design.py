"""design: lays out the spread of one page."""

from agents.book.design import PageDesign
from agents.book.layout import Grid
from agents.book.story import PageBrief, PageText
from agents.craft.pagedesign import design_page
from swarm import Step, agent


@agent(scope="page", needs=("grid", "write"), settings=("author",), workers=2)
async def design(step: Step, *, brief: PageBrief, grid: Grid, write: PageText, author: str) -> PageDesign:
    """Lays out the spread of one page: boxes, type, colours, alternative texts."""
    return await step.run_blocking(design_page, brief, grid, write, author=author)
