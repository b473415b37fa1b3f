"""The things that a five-year-old draws again and again, each round its own origin."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from shapes import Part, Parts, blob, by_hand, curve, each, finished, line, lit, oval, place, poly

LETTERS: Final[dict[str, tuple[str, ...]]] = {
    "P": ("0,10 0,0", "0,0 5,0.5 5.5,4 0,5.5"),
    "I": ("0,0 0,10",),
    "5": ("5,0 0.5,0.5 0,4.5", "0,4.5 5,4 5.5,8 0,10"),
}


def writing(text: str, x: float, y: float, size: float, pigment: str) -> Parts:
    """Big uneven letters, `size` units high; only the child writes on the picture."""
    parts: Parts = ()
    for at, letter in enumerate(text):
        strokes = [line(pigment, 11 / size, stroke) for stroke in LETTERS[letter]]
        lean, drop = ((-5, 0.0), (7, 1.3), (-9, -0.8))[at % 3]
        parts += place(strokes, x + at * 0.8 * size, y + drop, size / 10, lean)
    return by_hand(*parts)


def eye(x: float, y: float, size: float) -> Parts:
    """A black dot; the renderings add the spark."""
    spark = oval("white", x - size * 0.3, y - size * 0.45, size * 0.35, size * 0.4)
    return (oval("black", x, y, size, size * 1.25), *finished(spark))


def face(x: float, y: float, size: float) -> Parts:
    """Two eyes, red cheeks and a wide smile, `size` units from the middle to a cheek."""
    parts = (
        *each("-10,3.5 10,3.5", oval("pink", 0, 0, 3, 2.2)),
        *eye(-5, -3, 1.7),
        *eye(5, -3, 1.7),
        curve("black", 9 / size, "-6,3.5 0,8 6,3"),
    )
    return place(parts, x, y, size / 10)


def fox_head() -> Parts:
    """Pip's head, 28 units wide, the chin at the origin."""
    return (
        poly("orange", "-11,-13 -12.5,-29 -2,-19", edge="brown"),
        poly("orange", "3,-19 12,-30 11.5,-13", edge="brown"),
        poly("brown", "-9.6,-19 -10.6,-25 -6,-20"),
        poly("brown", "7,-20 10.6,-25.5 10,-19"),
        blob("orange", "-14,-11 -10,-19 0,-21 10,-19 14,-11 7,-3 0,0 -7,-3", edge="brown"),
        blob("cream", "-13,-10.5 -7,-10 -1,-5 -2.5,-1.5 -8,-4", edge="brown", density=0.35),
        blob("cream", "13,-10.5 7,-10 1,-5 2.5,-1.5 8,-4", edge="brown", density=0.35),
        *eye(-5, -12.5, 1.4),
        *eye(5, -12.5, 1.4),
        oval("black", 0, -5.8, 2, 1.5),
        curve("black", 0.8, "-3.6,-4 -1.6,-2.4 0,-4.2 1.8,-2.4 3.6,-4"),
    )


def scarf() -> Parts:
    """Pip's red scarf, the mark of the hero."""
    return (
        poly("red", "3,-1 8,6 4.5,7.5 1,1"),
        blob("red", "-8,-2 0,-0.5 8,-2 7.5,1.5 0,3 -7.5,1.5"),
    )


def fox() -> Parts:
    """Pip on two legs, 53 units high, feet at the origin."""
    tail = "4,-12 11,-7 20,-12 25,-22 20,-31 16,-22 11,-17 5,-17"
    return (
        blob("orange", tail, edge="brown"),
        blob("cream", "25,-22 23.6,-28 20,-31 17,-24.5 21,-24.5", edge="brown", density=0.35),
        line("brown", 1.8, "-3,-11 -4,0 -8.5,0.3"),
        line("brown", 1.8, "3,-11 4,0 8.5,-0.2"),
        line("brown", 1.6, "-6,-20 -17,-27"),
        line("brown", 1.0, "-18,-30.5 -17,-27 -20.5,-26.5"),
        line("brown", 1.6, "6,-19 15,-13"),
        line("brown", 1.0, "17,-10 15,-13 18.5,-14"),
        blob("orange", "-5,-24 5,-24 8,-16 5,-9 -5,-9 -8,-16", edge="brown"),
        oval("cream", 0, -14.5, 4.3, 4.8, density=0.4),
        *place(scarf(), 0, -23.5),
        *place(fox_head(), 0, -23),
    )


def sun(x: float, y: float, size: float) -> Parts:
    """A sun with rays of uneven length."""
    rays = []
    for at, turn in enumerate(np.linspace(0.1, 2 * np.pi + 0.1, 15)[:-1]):
        way = np.array([np.cos(turn), np.sin(turn)]) * size
        ends = np.array([x, y]) + np.outer((1.2, (1.75, 1.5, 1.95)[at % 3]), way)
        rays.append(line("orange" if at % 2 else "yellow", 1.3, ends.tolist()))
    return lit(*rays, oval("yellow", x, y, size, size, edge="orange"))


def cloud(x: float, y: float, size: float) -> Parts:
    """A cloud, about 2.4 sizes wide."""
    lumps = "-12,2 -9,-3 -4.5,-2 -1,-6.5 4,-3 8.5,-3.5 12,1.5 5,3.5 -3,2.5 -8,4"
    return place([blob("white", lumps, edge="blue", density=0.3)], x, y, size / 10)


def flower(x: float, y: float, size: float, pigment: str) -> Parts:
    """A flower with five petals on a stalk, `size` units high."""
    turns = np.arange(5) * 1.257 + 0.3
    petals = np.stack([1.75 * np.cos(turns), 1.75 * np.sin(turns) - 10], axis=1)
    parts = (
        curve("dark green", 11 / size, "0,0 -0.5,-5 0,-8.5"),
        blob("dark green", "0,-3 2,-5 2.6,-3"),
        *each(petals.tolist(), oval(pigment, 0, 0, 1.35, 1.35)),
        oval("yellow", 0, -10, 1.15, 1.15),
    )
    return place(parts, x, y, size / 10)


def star(x: float, y: float, size: float) -> Parts:
    """A star with five uneven points."""
    turns = np.arange(10) * np.pi / 5 - np.pi / 2 + 0.12
    reach = np.where(np.arange(10) % 2, 0.42, 1.0) * size
    tips = np.stack([x + reach * np.cos(turns), y + reach * np.sin(turns)], axis=1)
    return lit(poly("yellow", tips.tolist(), edge="orange"))


def grass(places: str) -> Parts:
    """A tuft of three blades at each place."""
    blades = ("0,0 -1.6,-4.6", "0.8,0 1,-6", "1.6,0 3.8,-4.2")
    return each(places, *(line("dark green", 0.85, blade) for blade in blades))


def dragon() -> Parts:
    """A green dragon that looks right, 52 units high, feet at the origin."""
    body = "-20,-11 -13,-22 -1,-28 5,-38 13,-38 14,-22 13,-9 6,-3 -10,-3"
    wing = "-5,-20 -13,-37 -6,-34.5 -3,-40 1.5,-33 6,-34 2,-21"
    spikes = "-19,-13 -14,-20 -8,-25 -1,-30 3,-37 7.5,-45"
    return (
        curve("green", 3.4, "-13,-9 -23,-5 -30,-10 -33,-18"),
        poly("red", "-36,-17 -33.5,-25 -29.5,-17.5", edge="brown"),
        *each(spikes, poly("yellow", "-2.6,1 -2,-5.5 2.6,0", edge="orange")),
        *each("-11,-5 -4,-5 4,-5 10,-5", line("dark green", 2.6, "0,0 -0.5,5 3.5,5")),
        blob("green", body, edge="dark green"),
        blob("lime", "4,-7 10.5,-9 12,-20 10,-28 6,-20 3,-12", density=0.5),
        blob("purple", wing),
        blob("green", "4,-44 9,-51 17,-50 27,-45 28,-38 20,-34 8,-35", edge="dark green"),
        oval("white", 13.5, -45, 3.4, 3.6, edge="black", density=0),
        *eye(14.5, -44.6, 1.3),
        oval("dark green", 25, -43.5, 0.9, 0.7),
        curve("black", 0.9, "14,-38.5 19,-36.5 24,-38 26.5,-40.5"),
        oval("pink", 12.5, -39.5, 1.7, 1.2),
    )


def robot() -> Parts:
    """A square robot, 68 units high, feet at the origin."""
    return (
        line("grey", 2.2, "-6,-12 -6.5,-2"),
        line("grey", 2.2, "6,-12 6,-2"),
        poly("blue", "-12,0 -11.5,-4 -3.5,-4.5 -3,0", edge="black"),
        poly("blue", "3,0 3,-4.2 11,-4 11.5,0", edge="black"),
        line("grey", 1.9, "-12,-31 -20,-24 -22,-17"),
        line("grey", 1.9, "12,-31 21,-27"),
        poly("sky blue", "-13,-12 -12,-36 12,-37 13.5,-11.5", edge="black"),
        poly("white", "-8,-17 -8,-31 8,-31 8.5,-17", edge="black", density=0),
        blob("red", "0,-19 -4.5,-24 -3,-28 0,-26 3.2,-28 4.5,-24"),
        line("grey", 2.0, "0,-36 0,-41"),
        line("black", 1.0, "0,-58 1,-64"),
        *lit(oval("red", 1, -66, 2.2, 2.2)),
        poly("grey", "-14,-40 -14.5,-58 14,-59 14.5,-40.5", edge="black", density=0.8),
        *each("-16,-49 16,-49", poly("yellow", "-1.6,3 1.6,3 1.6,-3 -1.6,-3", edge="black")),
        *each("-6,-51.5 6,-51.5", oval("white", 0, 0, 3.8, 3.8, edge="black", density=0)),
        *eye(-5.4, -51, 1.5),
        *eye(6.4, -51, 1.5),
        poly("white", "-8,-46.5 8,-46.8 7.4,-42.6 -7.5,-42.8", edge="black", density=0),
        *each("-4,0 0,0 4,0", line("black", 0.7, "0,-46.3 0,-43")),
    )


def owl() -> Parts:
    """A brown owl with huge eyes, 43 units high, feet at the origin."""
    body = "-13,-32 0,-38 13,-32 14,-16 9,-3 -9,-3 -14,-16"
    feathers = "-3.5,-16 3,-16 0,-12 -3.5,-8 3.5,-8"
    return (
        *each("-5,0 5,0", *(line("orange", 1.2, f"{x},2 0,-2") for x in (-2.4, 0, 2.4))),
        poly("brown", "-12,-30 -14,-42 -4,-36"),
        poly("brown", "4,-36 14,-43 12,-30"),
        blob("brown", body),
        oval("cream", 0, -11, 8.3, 9, density=0.5, edge="brown"),
        *each(feathers, curve("brown", 0.8, "-2,0 0,2 2,0")),
        blob("purple", "-13,-24 -18,-12 -14,-4 -10,-12", edge="brown"),
        blob("purple", "13,-24 18,-12 14,-4 10,-12", edge="brown"),
        *lit(*each("-6.4,-28 6.4,-28", oval("yellow", 0, 0, 6, 6.2, edge="black", density=0.7))),
        *eye(-5.6, -27.5, 2.3),
        *eye(6.6, -27.5, 2.3),
        poly("orange", "-2,-23.5 2.2,-23.5 0,-19", edge="brown"),
    )


def sheep() -> Parts:
    """A curly sheep that looks left, 20 units high, feet at the origin."""
    turns = np.linspace(0, 2 * np.pi, 49)[:-1]
    reach = 1 + 0.13 * np.sin(turns * 9)
    wool = np.stack([11 * reach * np.cos(turns), -11.5 + 7 * reach * np.sin(turns)], axis=1)
    return (
        *each("-6,0 -2.5,0 3,0 6.5,0", line("black", 1.5, "0,-5 0,0")),
        blob("white", wool.tolist(), edge="grey", density=0),
        curve("grey", 0.8, "0,-13 2,-15 4,-13 3,-11 1.6,-12"),
        curve("grey", 0.8, "4,-8 6,-10 8,-8.4 6.5,-7"),
        blob("peach", "-10,-19 -16,-17 -16.5,-11 -12,-8.5 -8,-12", edge="black"),
        *eye(-14, -14.5, 0.9),
        *eye(-10.7, -14.8, 0.9),
        curve("black", 0.7, "-15,-11.5 -13,-10.3 -11,-11.3"),
    )


def balloon(x: float, y: float, size: float, pigment: str, knot: tuple[float, float]) -> Parts:
    """A balloon on a string that ends at `knot`."""
    string: Sequence[tuple[float, float]] = (
        (x, y + size),
        ((x + knot[0]) / 2 + 2, (y + knot[1]) / 2),
        knot,
    )
    gleam: Part = oval("white", x - size * 0.3, y - size * 0.4, size * 0.13, size * 0.22)
    return (curve("grey", 0.8, string), oval(pigment, x, y, size * 0.85, size), *finished(gleam))
