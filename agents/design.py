"""design: lays out the spread of one page."""

from agents.book.design import PAGE_SIZES, PageDesign, Theme, Trim
from agents.book.layout import Grid
from agents.book.story import PageBrief, PageText
from agents.craft.pagedesign import Look, design_page
from swarm import Step, agent


@agent(scope="page", needs=("grid", "write"), settings=("author", "trim", "theme"), workers=2)
async def design(
    step: Step, *, brief: PageBrief, grid: Grid, write: PageText, author: str, trim: str, theme: str
) -> PageDesign:
    """Lays out the spread of one page: boxes, type, colours, alternative texts."""
    look = Look(PAGE_SIZES[Trim(trim)], Theme(theme), is_plain=step.notes.startswith("contrast"))
    return await step.run_blocking(design_page, brief, grid, write, author=author, look=look)
