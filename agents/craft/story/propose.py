"""Three proposals for a book: three story shapes, each with an order of the drawings that serves another aim."""

from collections.abc import Callable, Sequence

from agents.book.story import Hero, Outline, Proposal, Scene
from agents.craft.reading import words
from agents.craft.story.chance import generator
from agents.craft.story.hero import choose_hero
from agents.craft.story.lexicon import Sort
from agents.craft.story.order import Cast, Order, arc, best_order, coherence, variety
from agents.craft.story.outline import outline_of, tension
from agents.craft.story.shape import Shape
from agents.craft.story.subject import subject_of
from agents.craft.story.tales import shapes

DARK_LIGHTNESS = 0.55
"""Mean OKLab lightness below which a drawing looks like night."""

LUCK, MOST_KEYWORDS = 4.0, 2

Worth = Callable[[Order], float]


def propose(scenes: Sequence[Scene], *, age: int, seed: int, title: str) -> tuple[Proposal, Proposal, Proposal]:
    """Three proposals: three different shapes, and different orders where the drawings allow it.

    The first order aims at coherence, the second at the arc, the third at variety; all three are scored by all three.
    The hero is the same in all. The age changes nothing here: it shapes the words of the pages. Raises ValueError if
    there is no scene.
    """
    if not scenes:
        raise ValueError("a story needs at least one drawing")
    hero = choose_hero(scenes, seed=seed, title=title)
    cast = Cast(tuple(scenes), hero)
    first, second, third = _shapes(scenes, hero, seed=seed, title=title)
    return (
        _proposal(cast, first, _aim(cast, first, 0), seed),
        _proposal(cast, second, _aim(cast, second, 1), seed + 1),
        _proposal(cast, third, _aim(cast, third, 2), seed + 2),
    )


def scored(scenes: Sequence[Scene], order: Order, outline: Outline) -> Proposal:
    """A proposal made elsewhere with our scores: its order of the scenes, and the tension of its own beats."""
    tensions = [beat.tension for beat in outline.beats]
    return _with_scores(Cast(tuple(scenes), outline.hero), order, outline, tensions)


def _proposal(cast: Cast, shape: Shape, worth: Worth, seed: int) -> Proposal:
    order = best_order(cast, worth, seed=seed)
    scenes = [cast.scenes[index] for index in order]
    outline = outline_of(shape, cast.hero, scenes, seed=seed)
    return _with_scores(cast, order, outline, _tensions(cast, shape))


def _with_scores(cast: Cast, order: Order, outline: Outline, tensions: Sequence[float]) -> Proposal:
    parts = (coherence(cast, order), arc(cast, order, tensions), variety(cast, order))
    coherent, arched, varied = (round(part, 4) for part in parts)
    score = round(0.4 * coherent + 0.3 * arched + 0.3 * varied, 4)
    return Proposal(order, outline, coherent, arched, varied, score)


def _aim(cast: Cast, shape: Shape, place: int) -> Worth:
    """The worth of an order for the first, second or third proposal: mostly one aim, a little of the others."""
    tensions = _tensions(cast, shape)
    weights = ((0.45, 0.35, 0.2), (0.3, 0.6, 0.1), (0.3, 0.1, 0.6))[place]

    def worth(order: Order) -> float:
        parts = (coherence(cast, order), arc(cast, order, tensions), variety(cast, order))
        return sum(weight * part for weight, part in zip(weights, parts, strict=True))

    return worth


def _tensions(cast: Cast, shape: Shape) -> list[float]:
    count = len(cast.scenes)
    return [tension(shape, place, count) for place in range(count)]


def _shapes(scenes: Sequence[Scene], hero: Hero, *, seed: int, title: str) -> tuple[Shape, Shape, Shape]:
    """The three shapes that suit the drawings best; chance by seed is worth more than what speaks for one shape."""
    chance = generator("shapes", seed)
    luck = {name: chance.random() * LUCK for name in shapes()}
    spoken = {word.lower() for scene in scenes for word in (*words(scene.caption), *scene.name_words)}
    spoken |= {word.lower() for word in words(title)}
    worth = {
        shape.name: luck[shape.name] + min(MOST_KEYWORDS, len(shape.keywords & spoken)) + _bonus(shape, scenes)
        for shape in shapes().values()
    }
    ranked = sorted(shapes().values(), key=lambda shape: -worth[shape.name])
    return ranked[0], ranked[1], ranked[2]


def _bonus(shape: Shape, scenes: Sequence[Scene]) -> float:
    """What the drawings as a whole say for a shape, 0..1.5."""
    subjects = [subject_of(scene) for scene in scenes]
    count = len(scenes)
    creatures = sum(subject.sort is Sort.CREATURE and bool(subject.a) for subject in subjects)
    match shape.name:
        case "bedtime":
            return 1.5 * sum(scene.mean.lightness < DARK_LIGHTNESS for scene in scenes) / count
        case "parade":
            return 1.0 * creatures / count if count >= 4 else -1.0
        case "hide":
            return 1.0 * sum(not subject.label for subject in subjects) / count
        case "whisper" | "song":
            return 0.7 * creatures / count
        case _:
            return 0.3
