"""Small books for the tests of design and press, with pictures drawn on the spot."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from PIL import Image, ImageDraw

from agents.book.contents import Contents, Imprint, LooseDrawing
from agents.book.design import PageDesign
from agents.book.layout import Cell, Grid
from agents.book.pair import Evidence, Match, Pair
from agents.book.picture import Heap, Oklab, Picture, Swatch
from agents.book.story import Beat, Hero, PageBrief, PageText, Scene
from agents.craft.flatart import flat_png
from agents.craft.matter import lay_out_book
from agents.craft.pagedesign import design_page
from swarm import Blob

STORY = (
    "Pip the fox went down to the sea. The sea was big and blue. “Hello, sea,” said Pip. “Will you play with me?” "
    "The sea said nothing, but it tickled Pip on the toes. Pip laughed and ran, and the sea ran after Pip. "
    "They ran all the way up the beach and all the way down again."
)
RED = (Swatch(Oklab(0.97, 0.0, 0.0), 0.8), Swatch(Oklab(0.63, 0.2, 0.11), 0.2))
IMPRINT = Imprint(
    title="Pip and the Sea",
    author="Mia",
    dedication="For Oma",
    language="en",
    date="2026-05-01",
    age=5,
    made_with=(("language", "offline"), ("vision", "offline")),
    book_id="3f9a1c20b7de4c11",
    seed=7,
)


@dataclass
class Shelf:
    """Holds the masters of the pictures that it draws."""

    masters: dict[str, bytes] = field(default_factory=dict)

    def read(self, blob: Blob) -> bytes:
        return self.masters[blob.digest]

    def picture(self, path: str, width_px: int = 300, height_px: int = 300, palette: Sequence[Swatch] = RED) -> Picture:
        draw = line_art if path.startswith("inputs") else jpeg
        data = draw(width_px, height_px, mark=path)
        blob = Blob(sha256(data).hexdigest(), len(data))
        self.masters[blob.digest] = data
        return Picture(
            path=path,
            heap=Heap.INPUT if path.startswith("inputs") else Heap.OUTPUT,
            width_px=width_px,
            height_px=height_px,
            master=blob,
            thumbnail=blob,
            mean=Oklab(0.7, 0.05, 0.03),
            palette=tuple(palette),
        )

    def brief(self, number: int = 1, *, aspect_ratio: float = 1.0, caption: str = "", renderings: int = 4) -> PageBrief:
        drawing = self.picture(f"inputs/in_ab12cd{number}.jpg", round(300 * aspect_ratio), 300)
        outputs = tuple(self.picture(f"outputs/ou_{number}_{nth}.jpg") for nth in range(renderings))
        return PageBrief(
            item=drawing.path,
            number=number,
            page_count=3,
            scene=Scene(drawing.path, caption, (), drawing.mean, drawing.palette),
            drawing=drawing,
            renderings=outputs,
            pair=_pair(drawing, outputs),
            hero=Hero("Pip", "fox"),
            want="",
            trouble="",
            refrain="",
            beat=Beat("start", "", 0.1),
            beat_before=None,
            beat_after=None,
        )

    def page(self, number: int = 1, *, story: str = STORY, caption: str = "Pip the fox") -> PageDesign:
        brief = self.brief(number, caption=caption)
        return design_page(brief, grid_of(brief.renderings), page_text(story), author="Mia")

    def book(
        self,
        pages: int = 2,
        *,
        imprint: Imprint = IMPRINT,
        story: str = STORY,
        caption: str = "Pip the fox",
        more: int = 1,
    ) -> Contents:
        loose = [LooseDrawing(self.picture(f"inputs/loose{nth}.jpg", 300, 200), caption) for nth in range(more)]
        designs = [self.page(number, story=story, caption=caption) for number in range(1, pages + 1)]
        return lay_out_book(imprint, designs, loose)


def _pair(drawing: Picture, outputs: Sequence[Picture]) -> Pair:
    evidence = Evidence(1.0, None, None)
    return Pair(
        drawing.path, tuple(Match(output.path, 1.0, evidence) for output in outputs), 1.0, evidence, flagged=False
    )


def jpeg(width_px: int, height_px: int, *, mark: str = "") -> bytes:
    """A picture in a colour of its own, with a cross from corner to corner."""
    colour = tuple(sha256(mark.encode()).digest()[:3])
    image = Image.new("RGB", (width_px, height_px), colour)
    draw = ImageDraw.Draw(image)
    draw.line((0, 0, width_px, height_px), "black", 3)
    draw.line((0, height_px, width_px, 0), "white", 3)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=92)
    return stream.getvalue()


def line_art(width_px: int, height_px: int, *, mark: str = "") -> bytes:
    """A cross of a colour of its own on white, as flat as ink."""
    image = Image.new("RGB", (width_px, height_px), "white")
    draw = ImageDraw.Draw(image)
    colour = tuple(sha256(mark.encode()).digest()[:3])
    draw.line((0, 0, width_px, height_px), colour, 3)
    draw.line((0, height_px, width_px, 0), colour, 3)
    png = flat_png(image)
    assert png is not None
    return png


def grid_of(pictures: Sequence[Picture], columns: int = 2) -> Grid:
    """The pictures in rows, the last one centred."""
    rows = -(-len(pictures) // columns)
    cells = []
    for at, picture in enumerate(pictures):
        row, column = divmod(at, columns)
        in_row = min(columns, len(pictures) - row * columns)
        cells.append(Cell(row, column + (columns - in_row) / 2, 1, 1, picture.path))
    return Grid(f"{columns}x{rows}", rows, columns, tuple(cells), tuple(pictures), 0.8, 0.9)


def page_text(story: str) -> PageText:
    return PageText(story, len(story.split()), 1.0, 2.0, 1.0, "offline")
