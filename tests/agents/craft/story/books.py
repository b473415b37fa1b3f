"""Builds scenes, briefs and whole told books for the tests of the storyteller."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.book.pair import Evidence, Match, Pair
from agents.book.picture import Heap, Oklab, Picture, Swatch
from agents.book.story import Outline, PageBrief, Scene
from agents.craft.story import propose, write_page
from agents.craft.story.hero import choose_hero
from agents.craft.story.outline import outline_of
from agents.craft.story.tales import shapes
from swarm import Blob

CAPTIONS = (
    "Pip the fox", "a green dragon with a kite", "our house with smoke", "the boat and the whale",
    "a robot that waters flowers", "rocket to the moon", "owl at night", "snail with a castle",
    "birthday cake for everybody", "sheep and the rainbow",
)  # fmt: skip
ODD_CAPTIONS = (
    "the three fat geese", "an old unicorn", "", "x", "<script>alert(1)</script>", "🦊🦊 hi", "{hero} {0} %s",
    "I am in the garden with my mum and it rains a lot today", "my cat Mimi", "Zoë's dog", "apple", "a apple",
    "an orange elephant", "two brothers fighting", "snow", "Mama", "Pip in the boat", "flowers",
    "a dragon with a very long tail in the garden of my grandma on a sunny day", "Лиса", "DRAGON", "me", "sun", "a UFO",
    "ice cream", "a hour", "word " * 100, "…!?", "the end", "2 cats", "a\nb\tc",
)  # fmt: skip

RED, ORANGE, YELLOW = Oklab(0.59, 0.19, 0.10), Oklab(0.75, 0.10, 0.15), Oklab(0.91, -0.03, 0.19)
GREEN, BLUE, GREY = Oklab(0.62, -0.14, 0.09), Oklab(0.51, -0.03, -0.19), Oklab(0.63, 0.0, 0.0)
PAINTS = (RED, ORANGE, YELLOW, GREEN, BLUE, GREY)


@dataclass(frozen=True)
class Told:
    """A told book: its outline, its briefs and the text of each page."""

    outline: Outline
    briefs: tuple[PageBrief, ...]
    texts: tuple[str, ...]


def scene(
    index: int, caption: str = "", *, names: Iterable[str] = (), part: int = 1, parts: int = 1, is_grey: bool = False
) -> Scene:
    """A drawing with two colours that depend on its index."""
    paints = (GREY, GREY) if is_grey else (PAINTS[index % 5], PAINTS[(index * 2 + 1) % 6])
    palette = tuple(Swatch(paint, 0.4) for paint in paints)
    return Scene(f"inputs/{index:03}.png", caption, tuple(names), paints[0], palette, part, parts)


def scenes(*captions: str) -> list[Scene]:
    """One drawing for each caption."""
    return [scene(index, caption) for index, caption in enumerate(captions)]


def briefs(told: Sequence[Scene], outline: Outline, *, renderings: int = 9) -> list[PageBrief]:
    """The briefs of a book whose scenes stand in reading order."""
    beats = (None, *outline.beats, None)
    return [
        PageBrief(
            item=shown.input,
            number=number,
            page_count=len(told),
            scene=shown,
            drawing=_picture(shown.input, shown),
            renderings=tuple(_picture(f"outputs/{number}-{i}.png", shown) for i in range(renderings)),
            pair=_pair(shown.input),
            hero=outline.hero,
            want=outline.want,
            trouble=outline.trouble,
            refrain=outline.refrain,
            beat=outline.beats[number - 1],
            beat_before=beats[number - 1],
            beat_after=beats[number + 1],
        )
        for number, shown in enumerate(told, start=1)
    ]


def tell(told: Sequence[Scene], shape: str, *, seed: int = 0, age: int = 5, renderings: int = 9) -> Told:
    """The whole book in a given shape, with the scenes in the order given."""
    hero = choose_hero(told, seed=seed, title="")
    outline = outline_of(shapes()[shape], hero, told, seed=seed)
    pages = tuple(briefs(told, outline, renderings=renderings))
    return Told(outline, pages, tuple(write_page(page, age=age, seed=seed) for page in pages))


def retell(told: Sequence[Scene], *, seed: int = 0, age: int = 5) -> Told:
    """The whole book as a run makes it: the best proposal, in its order."""
    best = max(propose(told, age=age, seed=seed, title=""), key=lambda proposal: proposal.score)
    pages = tuple(briefs([told[index] for index in best.order], best.outline))
    return Told(best.outline, pages, tuple(write_page(page, age=age, seed=seed) for page in pages))


def _picture(path: str, shown: Scene) -> Picture:
    blob = Blob("0" * 64, 1)
    return Picture(path, Heap.INPUT, 100, 100, blob, blob, shown.mean, shown.palette)


def _pair(path: str) -> Pair:
    evidence = Evidence(picture=0.9, name=None, metadata=None)
    return Pair(path, (Match("outputs/x.png", 0.9, evidence),), 0.9, evidence, flagged=False)
