"""The grid of a page: which rendering stands in which cell."""

from dataclasses import dataclass

from agents.book.picture import Picture


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The renderings of one page in the order of their cells, so that neighbours harmonise."""

    grid: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid in units of cells from 0; row and column may be halves where a row is centred."""

    row: float
    column: float
    row_span: int
    column_span: int
    image: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one page, with template fit `harmony` and visual `balance`, both 0..1."""

    name: str
    rows: int
    columns: int
    cells: tuple[Cell, ...]
    pictures: tuple[Picture, ...]
    harmony: float
    balance: float

    def __post_init__(self) -> None:
        if len(self.cells) != len(self.pictures):
            raise ValueError("each cell holds one picture")
