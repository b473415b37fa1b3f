"""Orders of the drawings and what they are worth: coherence, arc and variety, each 0..1.

The parts of one drawing always stay together and in their order; where the captions give the hero, its drawing opens
the book. Within that an order is sought for each aim by simple improvement (exchange two drawings, move one), which
finds a good order and not always the best. The number of tries is capped, so that a book of hundreds of drawings costs
hardly more than one of forty: some tenths of a second.
"""

import math
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from agents.book.story import Hero, Scene
from agents.craft.kinship import palette_distances
from agents.craft.reading import words
from agents.craft.story.chance import generator
from agents.craft.story.hero import is_hero
from agents.craft.story.lexicon import ADJECTIVES, ARTICLES, COUNTS, LINKS, OWNERS, POINTERS
from agents.craft.story.subject import subject_of

FULL_PALETTE_DISTANCE = 0.2
"""Distance of two palettes that counts as full variety: a pale page beside a strongly coloured one."""
PALETTE_WEIGHT, LAYOUT_WEIGHT = 0.7, 0.3
KEEP_WEIGHT, HERO_WEIGHT, GIVEN_WEIGHT = 0.6, 0.25, 0.15
TRIES_TIMES_UNITS = 30_000

Order = tuple[int, ...]


@dataclass(frozen=True)
class Cast:
    """The scenes with what of them matters for an order."""

    scenes: tuple[Scene, ...]
    hero: Hero

    @cached_property
    def units(self) -> tuple[Order, ...]:
        """The drawings, each as the indexes of its parts in order; drawings in the order given."""
        groups: dict[str, list[int]] = {}
        for index, scene in enumerate(self.scenes):
            groups.setdefault(scene.input, []).append(index)
        return tuple(tuple(sorted(group, key=lambda i: self.scenes[i].part)) for group in groups.values())

    @cached_property
    def topics(self) -> tuple[frozenset[str], ...]:
        """The telling words of each scene."""
        return tuple(_topics(scene) for scene in self.scenes)

    @cached_property
    def kinship(self) -> tuple[tuple[float, ...], ...]:
        """How related two scenes are, 0..1: the share of common telling words; 1 for parts of one drawing."""
        return tuple(tuple(self._kin(i, j) for j in range(len(self.scenes))) for i in range(len(self.scenes)))

    @cached_property
    def nearest(self) -> tuple[float, ...]:
        """Of each scene, how related its nearest kin is."""
        rows = enumerate(self.kinship)
        return tuple(max((kin for j, kin in enumerate(row) if j != i), default=0.0) for i, row in rows)

    @cached_property
    def hero_scenes(self) -> frozenset[int]:
        """The scenes whose caption speaks of the hero."""
        return frozenset(i for i, scene in enumerate(self.scenes) if is_hero(subject_of(scene), self.hero))

    @cached_property
    def energy(self) -> tuple[float, ...]:
        """How tense a picture looks, 0..1 by rank: strong and dark colours high, pale ones low."""
        raw = [math.hypot(s.mean.a, s.mean.b) * 2 + (1 - s.mean.lightness) for s in self.scenes]
        ranked = sorted(range(len(raw)), key=lambda i: (raw[i], i))
        steps = max(1, len(raw) - 1)
        return tuple(ranked.index(i) / steps for i in range(len(raw)))

    @cached_property
    def contrast(self) -> list[list[float]]:
        """How different two scenes look, 0..1."""
        palettes = np.minimum(palette_distances([s.palette for s in self.scenes]) / FULL_PALETTE_DISTANCE, 1)
        if not all(scene.layout for scene in self.scenes):
            return [[float(each) for each in row] for row in palettes]
        layouts = np.array([scene.layout for scene in self.scenes])
        layouts = layouts / (np.linalg.norm(layouts, axis=1, keepdims=True) + 1e-9)
        apart = np.clip(1 - layouts @ layouts.T, 0, 1)
        return [[float(each) for each in row] for row in PALETTE_WEIGHT * palettes + LAYOUT_WEIGHT * apart]

    def _kin(self, i: int, j: int) -> float:
        if self.scenes[i].input == self.scenes[j].input:
            return 1.0
        shared, both = self.topics[i] & self.topics[j], self.topics[i] | self.topics[j]
        return len(shared) / len(both) if both else 0.0


def coherence(cast: Cast, order: Order) -> float:
    """0.6 related drawings side by side + 0.25 the hero early + 0.15 the order given (a child's own numbering)."""
    return KEEP_WEIGHT * _kept(cast, order) + HERO_WEIGHT * _hero_first(cast, order) + GIVEN_WEIGHT * _as_given(order)


def arc(cast: Cast, order: Order, tension: Sequence[float]) -> float:
    """1 less the mean distance of the pictures' energy from the tension of the pages they stand on."""
    return 1 - sum(abs(cast.energy[i] - want) for i, want in zip(order, ranks(tension), strict=True)) / len(order)


def variety(cast: Cast, order: Order) -> float:
    """How different neighbouring drawings look, in the mean: 0.7 by their palettes (a distance of 0.2 and more counts
    as 1) and 0.3 by their layout (1 less the cosine); a single page has 0."""
    pairs = list(pairwise(order))
    return sum(cast.contrast[i][j] for i, j in pairs) / max(1, len(pairs))


def best_order(cast: Cast, worth: Callable[[Order], float], *, seed: int) -> Order:
    """The drawings in an order with a high worth, from the order given on; the hero's drawing stays first."""
    units = _hero_leading(cast)
    fixed = 1 if cast.hero_scenes else 0
    best = worth(_flat(units))
    chance = generator("order", seed)
    tries = min(6 * len(units) ** 2, TRIES_TIMES_UNITS // len(units)) if len(units) - fixed > 1 else 0
    for _ in range(tries):
        i, j = sorted(chance.sample(range(fixed, len(units)), 2))
        for changed in _changes(units, i, j):
            value = worth(_flat(changed))
            if value > best + 1e-9:
                units, best = changed, value
    return _flat(units)


def _changes(units: list[Order], i: int, j: int) -> tuple[list[Order], list[Order], list[Order]]:
    """Two drawings exchanged, the first moved behind the second, the second moved before the first."""
    exchanged = [*units]
    exchanged[i], exchanged[j] = exchanged[j], exchanged[i]
    later = [*units[:i], *units[i + 1 : j + 1], units[i], *units[j + 1 :]]
    earlier = [*units[:i], units[j], *units[i:j], *units[j + 1 :]]
    return exchanged, later, earlier


def _hero_leading(cast: Cast) -> list[Order]:
    lead = next((unit for unit in cast.units if unit[0] in cast.hero_scenes), None)
    return [*cast.units] if lead is None else [lead, *(unit for unit in cast.units if unit != lead)]


def _flat(units: Sequence[Order]) -> Order:
    return tuple(index for unit in units for index in unit)


def _kept(cast: Cast, order: Order) -> float:
    """Of the scenes that are related to any, how well each stands beside its nearest kin; 1 if none is related."""
    count, total = 0, 0.0
    for place, i in enumerate(order):
        if cast.nearest[i] == 0.0:
            continue
        beside = (cast.kinship[i][j] for j in (*order[max(0, place - 1) : place], *order[place + 1 : place + 2]))
        count, total = count + 1, total + max(beside, default=0.0) / cast.nearest[i]
    return total / count if count else 1.0


def _hero_first(cast: Cast, order: Order) -> float:
    if not cast.hero_scenes:
        return 1.0
    place = next(place for place, i in enumerate(order) if i in cast.hero_scenes)
    return 1 - place / len(order)


def _as_given(order: Order) -> float:
    """The share of pairs that stand in the order given (Kendall)."""
    seen: list[int] = []
    kept = 0
    for index in order:
        place = bisect(seen, index)
        seen.insert(place, index)
        kept += place
    pairs = len(order) * (len(order) - 1) // 2
    return kept / pairs if pairs else 1.0


def ranks(tension: Sequence[float]) -> list[float]:
    ranked = sorted(range(len(tension)), key=lambda i: (tension[i], i))
    steps = max(1, len(tension) - 1)
    spread = [0.0] * len(tension)
    for rank, place in enumerate(ranked):
        spread[place] = rank / steps
    return spread


def _topics(scene: Scene) -> frozenset[str]:
    """The telling words of caption and file name, plural -s taken off."""
    spoken = [*words(scene.caption), *scene.name_words]
    barred = ADJECTIVES | ARTICLES | COUNTS | LINKS | OWNERS | POINTERS | {"and"}
    telling = (word.lower() for word in spoken)
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in telling if word not in barred)
