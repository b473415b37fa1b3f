"""Cut, sewn, set and moulded finishes: each takes a plate and gives colours 0..1, (h, w, 3)."""

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, shift
from scipy.spatial import Delaunay, cKDTree

from canvas import PAPER, Field, mix, noise
from plate import Piece, Plate, borders, cushion, lighting, streaks


def paper_cut(plate: Plate) -> Field:
    """Layers of coloured paper, each with its shadow."""
    fibre = noise(plate.rng, plate.shape, 0.7, 2.5)
    picture = _mottled(plate.sky, fibre, 0.05)
    for piece in plate.pieces:
        _cast_shadow(picture, piece, 5 if piece.extent_px > 14 else 2, 0.42)
        rim = piece.cover - shift(piece.cover, (1.3, 1.3), order=1, mode="nearest")
        sheet = piece.colour * (1 + 0.22 * rim + 0.09 * (fibre[piece.where] - 0.5))[..., None]
        picture[piece.where] = mix(picture[piece.where], sheet, piece.cover)
    return picture


def felt(plate: Plate) -> Field:
    """Fuzzy cloth with seams."""
    wool = 0.5 * noise(plate.rng, plate.shape, 0.8, 1.5) + 0.5 * streaks(plate.rng, plate.shape, 25, 5, 0.7)
    picture = _mottled(plate.sky, wool, 0.16)
    for piece in plate.pieces:
        _cast_shadow(picture, piece, 3, 0.4)
        puff = cushion(piece.cover, 9.0) if piece.extent_px > 8 else np.ones(piece.cover.shape)
        cloth = piece.colour * (0.8 + 0.2 * puff + 0.3 * (wool[piece.where] - 0.5))[..., None]
        fuzzy = np.clip(gaussian_filter(piece.cover, 1.3) * 1.6 - 0.55 * wool[piece.where], 0, 1)
        picture[piece.where] = mix(picture[piece.where], cloth, np.clip(fuzzy * 1.3, 0, 1))
        if piece.part.is_closed and piece.extent_px > 42:
            _sew(picture, piece)
    return picture


def stained_glass(plate: Plate) -> Field:
    """Panes of glass between strips of lead."""
    seeds = plate.rng.uniform(0, 1, (70, 2)) * plate.shape
    big = np.isin(plate.labels, _large(plate, 26))
    panes = np.where(big, _nearest(plate, seeds)[0] + 1000.0 * plate.labels, -1.0)
    ids = np.unique(panes, return_inverse=True)[1].reshape(plate.shape)
    painted = np.clip(1.8 - plate.inside, 0, 1) * ~big * 0.7
    tint = 1 + plate.rng.normal(0, 0.13, ids.max() + 1)[ids]
    swirl = noise(plate.rng, plate.shape, 2.5, 9.0)
    rows, columns = np.indices(plate.shape) / np.array(plate.shape)[:, None, None] - 0.45
    sunlight = 1.28 - 0.9 * (rows**2 + columns**2) + 0.22 * (swirl - 0.5)
    glass = np.clip(plate.flat, 0, 1) ** 1.25 * (tint * sunlight * (1 - painted))[..., None]
    lead = np.clip(gaussian_filter(borders(ids.astype(np.float64)) * 1.0, 1.5) * 5.5, 0, 1)
    facing, gloss = lighting(gaussian_filter(lead, 0.8) * 3)
    metal = np.array([0.16, 0.16, 0.19]) * facing[..., None] + 0.25 * gloss[..., None] * (lead > 0.9)[..., None]
    return mix(glass, metal, lead)


def mosaic(plate: Plate) -> Field:
    """Small glazed stones set in mortar."""
    step = max(plate.shape) / 54
    down, right = np.meshgrid(*(np.arange(0, side, step) for side in plate.shape), indexing="ij")
    grid = np.stack([down.ravel(), right.ravel()], axis=1)
    seeds = grid + plate.rng.uniform(-0.3, 0.3, grid.shape) * step
    stones, gap = _nearest(plate, seeds)
    tint = 1 + plate.rng.normal(0, 0.1, (len(seeds), 1)) + plate.rng.normal(0, 0.025, (len(seeds), 3))
    height = np.minimum(gap / 2, plate.inside)
    facing, gloss = lighting(np.clip(height, 0, 2.2), 0.55)
    stone = plate.flat * tint[stones.astype(int)] * facing[..., None] + 0.07 * gloss[..., None]
    mortar = np.array([0.6, 0.56, 0.52]) * (0.85 + 0.2 * noise(plate.rng, plate.shape, 0.8))[..., None]
    return mix(mortar, stone, np.clip(height * 1.3 - 0.15, 0, 1))


def clay(plate: Plate) -> Field:
    """Modelling clay under a soft lamp, with the thumb's prints."""
    prints = noise(plate.rng, plate.shape, 1.8, 7.0)
    facing, gloss = lighting(plate.relief + 2.4 * prints, 0.42)
    picture = plate.sky.copy()
    for piece in plate.pieces:
        _cast_shadow(picture, piece, 7 if piece.extent_px > 14 else 3, 0.45)
        picture[piece.where] = mix(picture[piece.where], piece.colour, piece.cover)
    lit = picture * (0.35 + 0.68 * facing)[..., None]
    return lit + 0.16 * gaussian_filter(gloss, 1.0)[..., None]


def low_poly(plate: Plate) -> Field:
    """Flat triangles that follow the borders."""
    rows, columns = np.nonzero(borders(plate.labels))
    every = max(1, len(rows) // 2600)
    order = plate.rng.permutation(len(rows))[::every]
    loose = plate.rng.uniform(0, 1, (420, 2)) * plate.shape
    frame = np.array([[r, c] for r in np.linspace(0, plate.shape[0], 7) for c in (-2, plate.shape[1] + 2)])
    lids = np.array([[r, c] for c in np.linspace(0, plate.shape[1], 7) for r in (-2, plate.shape[0] + 2)])
    net = Delaunay(np.concatenate([np.stack([rows, columns], 1)[order], loose, frame, lids]))
    found = net.find_simplex(_spots(plate) + 0.25)
    count = np.maximum(np.bincount(found, minlength=len(net.simplices)), 1)
    means = [np.bincount(found, plate.flat[..., c].ravel(), len(net.simplices)) / count for c in range(3)]
    shade = 1 + plate.rng.normal(0, 0.05, len(net.simplices))
    return (np.stack(means, -1) * shade[:, None])[found].reshape(plate.flat.shape)


def stitched(plate: Plate) -> Field:
    """Embroidery: threads that lie in another direction in every piece, on linen."""
    slants = [streaks(plate.rng, plate.shape, slant, 16, 0.8) for slant in (-65, -20, 25, 70)]
    rows, columns = np.indices(plate.shape, dtype=np.float64)
    linen = 0.92 + 0.05 * np.sin(rows * 1.6) * np.sin(columns * 1.6) + 0.08 * (noise(plate.rng, plate.shape, 0.8) - 0.5)
    picture = mix(np.broadcast_to(PAPER, plate.sky.shape), plate.sky, 0.85) * linen[..., None]
    for at, piece in enumerate(plate.pieces):
        _cast_shadow(picture, piece, 2, 0.4)
        thread = slants[at % 4][piece.where]
        puff = cushion(piece.cover, 7.0)
        silk = piece.colour * (0.58 + 0.2 * puff + 0.55 * thread)[..., None] + 0.12 * (thread > 0.78)[..., None]
        ragged = np.clip(gaussian_filter(piece.cover, 0.8) * 1.9 - 0.75 * thread, 0, 1)
        picture[piece.where] = mix(picture[piece.where], silk, np.clip(ragged * 1.5, 0, 1))
    return picture


def _mottled(colours: Field, grain: Field, amount: float) -> Field:
    return np.asarray(colours * (1 + amount * (grain - 0.5))[..., None], dtype=np.float64)


def _cast_shadow(picture: Field, piece: Piece, drop_px: int, dark: float) -> None:
    """Darken the picture below and right of the piece."""
    rows, columns = piece.where
    more = slice(rows.start, rows.stop + 2 * drop_px), slice(columns.start, columns.stop + 2 * drop_px)
    ground = picture[more]
    padded = np.zeros(ground.shape[:2])
    padded[: piece.cover.shape[0], : piece.cover.shape[1]] = piece.cover
    shade = gaussian_filter(shift(padded, (drop_px, drop_px * 0.6), order=0), drop_px * 0.7)
    ground *= (1 - dark * shade)[..., None]


def _sew(picture: Field, piece: Piece) -> None:
    """A dashed seam a little inside the edge."""
    ahead = np.roll(piece.points, -2, axis=0) - np.roll(piece.points, 2, axis=0)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], 1) / (np.hypot(*ahead.T)[:, None] + 1e-9)
    x, y = piece.points.T
    area = np.sum(x[:-1] * np.diff(y) - y[:-1] * np.diff(x))
    seam = piece.points + normal * 5.0 * np.sign(area) - (piece.where[1].start, piece.where[0].start)
    along = np.cumsum(np.hypot(*np.diff(seam, axis=0, prepend=seam[:1]).T))
    thread = Image.new("L", piece.cover.shape[::-1], 0)
    pen = ImageDraw.Draw(thread)
    for at in range(len(seam) - 1):
        if along[at] % 13 < 7:
            pen.line((*seam[at], *seam[at + 1]), fill=255, width=2)
    laid = gaussian_filter(np.asarray(thread) / 255.0, 0.6) * piece.cover
    picture[piece.where] = mix(picture[piece.where], 0.35 + 0.65 * piece.colour, laid)


def _nearest(plate: Plate, seeds: Field) -> tuple[Field, Field]:
    """Each pixel's nearest seed, and by how many pixels the second nearest is farther."""
    found = cKDTree(seeds).query(_spots(plate), k=2)
    far, which = (np.asarray(each, dtype=np.float64).reshape(*plate.shape, 2) for each in found)
    return which[..., 0], far[..., 1] - far[..., 0]


def _spots(plate: Plate) -> Field:
    """Row and column of every pixel, shape (h * w, 2)."""
    rows, columns = np.indices(plate.shape, dtype=np.float64)
    return np.stack([rows.ravel(), columns.ravel()], axis=1)


def _large(plate: Plate, extent_px: float) -> list[int]:
    large = (at for at, piece in enumerate(plate.pieces, start=1) if piece.extent_px > extent_px)
    return [0, *large]
