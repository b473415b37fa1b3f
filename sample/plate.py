"""A scene made ready for painting: its parts as coloured pieces in pixels, its light and its relief."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

from canvas import PIGMENTS, Box, Field, Rng, box, mask, mix, noise, size_of
from shapes import Part, Points, Scene

TO_LMS = np.array([[0.4122, 0.5363, 0.0515], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
TO_LAB = np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]])


@dataclass(frozen=True, slots=True)
class Palette:
    """How an OKLab colour is changed: contrast round mid grey, lift, chroma, then a tint."""

    contrast: float = 1.0
    lift: float = 0.0
    chroma: float = 1.0
    tint: tuple[float, float] = (0.0, 0.0)

    def __call__(self, colours: Field) -> Field:
        """The colours (0..1) as this palette sees them."""
        lab = np.cbrt((np.clip(colours, 0, 1) ** 2.2) @ TO_LMS.T) @ TO_LAB.T
        lab[..., 0] = 0.62 + (lab[..., 0] - 0.62) * self.contrast + self.lift
        lab[..., 1:] = lab[..., 1:] * self.chroma + np.array(self.tint)
        linear = (lab @ np.linalg.inv(TO_LAB).T) ** 3 @ np.linalg.inv(TO_LMS).T
        return np.asarray(np.clip(linear, 0, 1) ** (1 / 2.2), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One part in pixels; `cover` is its mask 0..1 inside `where`."""

    part: Part
    points: Points
    colour: Field
    where: Box
    cover: Field

    @property
    def extent_px(self) -> float:
        """The shorter side; for a line its width."""
        return float(np.ptp(self.points, axis=0).min()) if self.part.is_closed else 6.0


@dataclass(frozen=True, eq=False)
class Plate:
    """A scene to be painted: the sky (h, w, 3) and the pieces on it from back to front."""

    sky: Field
    pieces: tuple[Piece, ...]
    scale: float  # pixels a unit
    rng: Rng

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.sky.shape[0], self.sky.shape[1]

    @cached_property
    def flat(self) -> Field:
        """Plain colours, unshaded."""
        return self.layered(lambda piece, _: piece.colour)

    @cached_property
    def labels(self) -> Field:
        """The number of the piece on top at each pixel, 0 for sky."""
        top = np.zeros(self.shape)
        for at, piece in enumerate(self.pieces, start=1):
            top[piece.where][piece.cover > 0.5] = at
        return top

    @cached_property
    def inside(self) -> Field:
        """Pixels to the nearest border between two pieces."""
        return np.asarray(distance_transform_edt(~borders(self.labels)), dtype=np.float64)

    @cached_property
    def relief(self) -> Field:
        """Height in pixels of pieces that bulge like cushions and lie on one another."""
        height = np.zeros(self.shape)
        for piece in self.pieces:
            below = height[piece.where]
            bulge = cushion(piece.cover, 15.0) * (14.0 if piece.extent_px > 12 else 7.0)
            height[piece.where] = below * (1 - piece.cover) + (0.12 * below + bulge) * piece.cover
        return gaussian_filter(height, 1.2)

    @cached_property
    def glow(self) -> Field:
        """Where light comes from, 0..1."""
        light = np.zeros(self.shape)
        for piece in self.pieces:
            here = light[piece.where]
            here[:] = np.where(piece.part.is_light, np.maximum(here, piece.cover), here * (1 - piece.cover))
        return light

    def layered(self, paint: Callable[[Piece, Field], Field]) -> Field:
        """The sky with every piece painted in turn; `paint` sees the piece and what lies below it."""
        picture = self.sky.copy()
        for piece in self.pieces:
            below = picture[piece.where]
            picture[piece.where] = mix(below, paint(piece, below), piece.cover)
        return picture


def compose(scene: Scene, palette: Palette, rng: Rng, longest_px: int) -> Plate:
    """The scene a little shifted, scaled and turned, in the palette's colours."""
    scale = longest_px / max(scene.width, scene.height)
    shape = (round(scene.height * scale), round(scene.width * scale))
    turn, zoom = np.deg2rad(rng.uniform(-2, 2)), scale * rng.uniform(0.97, 1.035)
    matrix = zoom * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    middle = np.array([scene.width, scene.height]) / 2
    shift = middle * scale + rng.uniform(-0.018, 0.018, 2) * longest_px
    pieces = (_piece(part, (part.points - middle) @ matrix + shift, zoom, shape, palette) for part in scene.parts)
    return Plate(_sky(scene, shape, palette, rng), tuple(p for p in pieces if p is not None), zoom, rng)


def _piece(part: Part, points: Points, zoom: float, shape: tuple[int, int], palette: Palette) -> Piece | None:
    where = box(points, shape, 3 + part.width * zoom)
    if part.seen_in == "crayon" or not all(size_of(where)):
        return None
    colour = palette(np.array(PIGMENTS[part.pigment]) / 255)
    return Piece(part, points, colour, where, mask(part, points, max(1.6, part.width * zoom), where))


def _sky(scene: Scene, shape: tuple[int, int], palette: Palette, rng: Rng) -> Field:
    top, bottom = (palette(np.array(PIGMENTS[name]) / 255) for name in scene.sky)
    fall = np.linspace(0, 1.15, shape[0])[:, None] + 0.22 * (noise(rng, shape, shape[0] / 5) - 0.5)
    return mix(np.broadcast_to(top, (*shape, 3)), np.broadcast_to(bottom, (*shape, 3)), np.clip(fall, 0, 1))


def cushion(cover: Field, round_px: float) -> Field:
    """A bulging height 0..1 that rises over `round_px` pixels from the edge."""
    depth = distance_transform_edt(np.pad(cover > 0.5, 1, mode="edge"))[1:-1, 1:-1]
    rise = np.clip(depth / min(round_px, max(1.0, float(depth.max()))), 0, 1)
    return np.asarray(np.sqrt(1 - (1 - rise) ** 2), dtype=np.float64)


def borders(labels: Field) -> NDArray[np.bool_]:
    """True beside a change of label."""
    edge = np.zeros(labels.shape, dtype=bool)
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edge[1:] |= labels[1:] != labels[:-1]
    return edge


def lighting(height: Field, steepness: float = 1.0) -> tuple[Field, Field]:
    """Diffuse light (1 on the flat) and gloss 0..1 from the upper left."""
    down, right = np.gradient(height * steepness)
    length = np.sqrt(down**2 + right**2 + 1)
    facing = (0.55 * right + 0.6 * down + 0.9) / length / 0.9
    halfway = np.clip((0.32 * right + 0.36 * down + 0.876) / length, 0, 1) ** 60
    return facing, halfway


def rippled(picture: Field, rng: Rng, amount_px: float, size_px: float) -> Field:
    """The picture with every edge shaken by up to about `amount_px`."""
    shape = (picture.shape[0], picture.shape[1])
    rows, columns = np.indices(shape)
    at = [grid + amount_px * 2 * (noise(rng, shape, size_px) - 0.5) for grid in (rows, columns)]
    if picture.ndim == 2:
        return map_coordinates(picture, at, order=1, mode="nearest")
    return np.stack([map_coordinates(picture[..., c], at, order=1, mode="nearest") for c in range(3)], axis=-1)


def streaks(rng: Rng, shape: tuple[int, int], slant_deg: float, long_px: float, wide_px: float) -> Field:
    """Noise 0..1 drawn out along one slant: hairs, brush marks, hatching."""
    reach = int(np.hypot(*shape)) + 8
    values = gaussian_filter(rng.standard_normal((reach, reach)), (wide_px, long_px))
    turn = np.deg2rad(slant_deg)
    rows, columns = np.indices(shape) - np.array(shape)[:, None, None] / 2
    across = columns * np.sin(turn) + rows * np.cos(turn) + reach / 2
    along = columns * np.cos(turn) - rows * np.sin(turn) + reach / 2
    found = map_coordinates(values, [across, along], order=1, mode="reflect")
    return np.asarray(np.clip(0.5 + found / found.std() / 4, 0, 1), dtype=np.float64)
