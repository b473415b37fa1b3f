"""The contents of a volume: everything that a press needs to make the book in any format."""

from dataclasses import dataclass

from agents.book.design import SQUARE, PageDesign, PageSize, PlacedPicture, Sheet, Theme
from agents.book.picture import Picture


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a book says of itself. Author and dedication may be empty.

    `language` is a BCP 47 tag, `date` an ISO date, `age` that of its readers; `made_with` names the implementation
    of each part in the order in which it is told.
    """

    title: str
    author: str
    dedication: str
    language: str
    date: str
    age: int
    made_with: tuple[tuple[str, str], ...]
    book_id: str
    seed: int


@dataclass(frozen=True, slots=True)
class LooseDrawing:
    """A drawing that has no renderings: it stands among "More drawings" at the back."""

    picture: Picture
    caption: str = ""
    name_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """A whole book, laid out: its cover (sheet 0) and its sheets 1, 2, … with an even number of them.

    `hero` is the picture of the title page. The sheets hold the pages' elements again, ready to be drawn in order.
    """

    imprint: Imprint
    cover: Sheet
    sheets: tuple[Sheet, ...]
    pages: tuple[PageDesign, ...]
    more_drawings: tuple[PlacedPicture, ...] = ()
    hero: PlacedPicture | None = None
    size: PageSize = SQUARE
    theme: Theme = Theme.CALM

    def __post_init__(self) -> None:
        if [sheet.number for sheet in self.sheets] != list(range(1, len(self.sheets) + 1)):
            raise ValueError("the sheets of a book are numbered 1, 2, …")
        if len(self.sheets) % 2:
            raise ValueError("a book has an even number of sheets")

    @property
    def spreads(self) -> tuple[tuple[Sheet, ...], ...]:
        """What lies open together: the first sheet alone, then pairs, then the last one alone."""
        inner = self.sheets[1:-1]
        pairs = tuple(inner[at : at + 2] for at in range(0, len(inner), 2))
        return (self.sheets[:1], *pairs, self.sheets[-1:])
