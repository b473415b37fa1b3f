"""Points, parts and scenes: the plain geometry that crayon drawings and finished renderings share.

One scene unit is about a hundredth of the paper's shorter side; x runs right and y runs down.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Points = NDArray[np.float64]
Trace = str | Iterable[tuple[float, float]]  # "x,y x,y …" or the pairs themselves


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A filled shape, or an open line of `width` units; `points` has shape (n, 2)."""

    points: Points
    pigment: str
    is_closed: bool = True
    width: float = 1.0
    edge: str = ""  # pigment of the crayon outline; empty for the part's own
    density: float = 1.0  # how closely the child scribbles, 0 leaves the paper bare
    seen_in: Literal["both", "crayon", "finish"] = "both"
    is_light: bool = False  # glows at night


Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A drawing's geometry. `sky` names the pigments at its top and bottom; sizes are in units."""

    name: str
    width: float
    height: float
    sky: tuple[str, str]
    parts: Parts


def pairs(trace: Trace) -> list[tuple[float, float]]:
    """The points of a trace."""
    if not isinstance(trace, str):
        return list(trace)
    return [(float(x), float(y)) for x, y in (word.split(",") for word in trace.split())]


def spline(trace: Trace, *, closed: bool) -> Points:
    """A smooth curve through the points, about three points in two units."""
    through = pairs(trace)
    knots = np.array([*through, through[0]] if closed else through, dtype=np.float64)
    along = _along(knots)
    curved = CubicSpline(along, knots, bc_type="periodic" if closed else "natural")
    steps = np.linspace(0.0, along[-1], max(8, int(along[-1] * 1.5)))
    return np.asarray(curved(steps), dtype=np.float64)


def resample(points: Points, step: float) -> Points:
    """The same polyline with points `step` apart."""
    along = _along(points)
    at = np.linspace(0.0, along[-1], max(2, round(along[-1] / step) + 1))
    return np.stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)], axis=1)


def blob(pigment: str, trace: Trace, *, edge: str = "", density: float = 1.0) -> Part:
    """A rounded shape through the points."""
    return Part(spline(trace, closed=True), pigment, edge=edge, density=density)


def poly(pigment: str, trace: Trace, *, edge: str = "", density: float = 1.0) -> Part:
    """A shape with corners."""
    corners = pairs(trace)
    ring = np.array([*corners, corners[0]], dtype=np.float64)
    return Part(resample(ring, 0.5), pigment, edge=edge, density=density)


def oval(pigment: str, x: float, y: float, rx: float, ry: float, *, edge: str = "", density: float = 1.0) -> Part:
    """An ellipse round (x, y)."""
    turn = np.linspace(0.0, 2 * np.pi, max(14, int(6 * max(rx, ry)))) - 1.2
    ring = np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], axis=1)
    return Part(ring, pigment, edge=edge, density=density)


def line(pigment: str, width: float, trace: Trace) -> Part:
    """A straight or angular stroke."""
    path = resample(np.array(pairs(trace), dtype=np.float64), 0.5)
    return Part(path, pigment, is_closed=False, width=width)


def curve(pigment: str, width: float, trace: Trace) -> Part:
    """A smooth open stroke through the points."""
    return Part(spline(trace, closed=False), pigment, is_closed=False, width=width)


def lit(*parts: Part) -> Parts:
    """The parts as sources of light."""
    return tuple(replace(part, is_light=True) for part in parts)


def by_hand(*parts: Part) -> Parts:
    """The parts as seen in the crayon drawing only."""
    return tuple(replace(part, seen_in="crayon") for part in parts)


def finished(*parts: Part) -> Parts:
    """The parts as seen in the renderings only."""
    return tuple(replace(part, seen_in="finish") for part in parts)


def place(
    parts: Iterable[Part],
    x: float,
    y: float,
    size: float = 1.0,
    turn: float = 0.0,
    *,
    flip: bool = False,
) -> Parts:
    """The parts scaled, mirrored and turned (degrees) round their origin, then moved to (x, y)."""
    angle = np.deg2rad(turn)
    rotate = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    matrix = np.diag([-size if flip else size, size]) @ rotate
    return tuple(replace(part, points=part.points @ matrix + (x, y), width=part.width * size) for part in parts)


def each(places: Trace, *parts: Part) -> Parts:
    """A copy of the parts at every one of the places."""
    return tuple(part for x, y in pairs(places) for part in place(parts, x, y))


def warp(parts: Iterable[Part], rng: np.random.Generator, strength: float = 0.65) -> Parts:
    """The parts bent by one slow field, so that no circle is round and no wall upright."""
    waves = rng.normal(0.0, 1.0, (6, 2)) / rng.uniform(5.0, 22.0, (6, 1))
    phases = rng.uniform(0.0, 2 * np.pi, (6, 2))
    push = rng.normal(0.0, strength, (6, 2))

    def bend(points: Points) -> Points:
        angle = (points @ waves.T)[:, :, None] + phases
        return np.asarray(points + (np.sin(angle) * push).sum(axis=1), dtype=np.float64)

    return tuple(replace(part, points=bend(part.points)) for part in parts)


def _along(points: Points) -> Points:
    """How far along the polyline each point lies."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
