"""grid: lays the arranged renderings of a page into cells, and measures harmony and balance."""

import numpy as np

from agents.book.layout import Arrangement, Cell, Grid
from agents.craft.grid import GridShape, cells_for
from agents.craft.harmony import balance, harmony
from swarm import Step, agent


@agent(scope="page", needs=("arrange",), workers=2)
async def grid(step: Step, *, arrange: Arrangement) -> Grid:
    """Lays the arranged renderings of a page into cells, and measures harmony and balance."""
    return await step.run_blocking(_laid_out, arrange)


def _laid_out(arrangement: Arrangement) -> Grid:
    shape = cells_for(len(arrangement.pictures))
    cells = tuple(
        Cell(place.row, place.column, place.row_span, place.column_span, picture.path)
        for place, picture in zip(shape.cells, arrangement.pictures, strict=True)
    )
    return Grid(
        name=shape.name,
        rows=shape.rows,
        columns=shape.columns,
        cells=cells,
        pictures=arrangement.pictures,
        harmony=_harmony(arrangement),
        balance=_balance(arrangement, shape),
    )


def _harmony(arrangement: Arrangement) -> float:
    swatches = [swatch for picture in arrangement.pictures for swatch in picture.palette]
    colours = np.array([(s.colour.lightness, s.colour.a, s.colour.b) for s in swatches])
    return harmony(colours, np.array([swatch.share_ratio for swatch in swatches]))


def _balance(arrangement: Arrangement, shape: GridShape) -> float:
    means = [picture.mean for picture in arrangement.pictures]
    middles = [
        (
            (cell.column + cell.column_span / 2) / shape.columns - 0.5,
            (cell.row + cell.row_span / 2) / shape.rows - 0.5,
        )
        for cell in shape.cells
    ]
    areas = np.array([cell.row_span * cell.column_span for cell in shape.cells], dtype=np.float64)
    return balance(np.array([(m.lightness, m.a, m.b) for m in means]), np.array(middles), areas)
