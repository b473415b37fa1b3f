"""Painted, drawn and printed finishes: each takes a plate and gives colours 0..1, (h, w, 3)."""

from typing import Final

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, shift

from canvas import PAPER, Field, mix, noise, to_image
from plate import Piece, Plate, lighting, rippled, streaks

DARK: Final = np.array([0.12, 0.1, 0.14])
INKS: Final = (
    ((0.93, 0.45, 0.27), (0.13, 0.2, 0.36)),
    ((0.96, 0.72, 0.25), (0.1, 0.33, 0.34)),
    ((0.93, 0.52, 0.56), (0.24, 0.17, 0.36)),
)


def gouache(plate: Plate) -> Field:
    """Opaque paint with brush marks, lighter towards the light."""
    brush = streaks(plate.rng, plate.shape, -8, 14, 1.6)

    def paint(piece: Piece, _: Field) -> Field:
        rows = np.linspace(0.13, -0.13, piece.cover.shape[0])[:, None]
        tone = 1 + rows * (piece.extent_px > 20) + 0.1 * (brush[piece.where] - 0.5)
        return np.asarray(piece.colour * tone[..., None], dtype=np.float64)

    picture = rippled(plate.layered(paint), plate.rng, 1.6, 3.0)
    haze = gaussian_filter(plate.glow, plate.shape[1] / 12)
    return mix(picture, np.array([1.0, 0.95, 0.75]), 0.55 * haze) * (0.98 + 0.04 * brush[..., None])


def watercolour(plate: Plate) -> Field:
    """Transparent washes: dark rims, granulation, and water that ran."""
    bleed, grain = noise(plate.rng, plate.shape, 7.0, 28.0), noise(plate.rng, plate.shape, 0.8, 1.6)
    picture = PAPER * plate.sky ** (0.4 + 0.65 * bleed[..., None])
    for piece in plate.pieces:
        cover, where = gaussian_filter(piece.cover, 0.8), piece.where
        rim = np.clip(cover - gaussian_filter(cover, 4.5), 0, 1) if piece.extent_px > 8 else 0
        dense = 0.66 + 0.42 * bleed[where] + 0.16 * (grain[where] - 0.5) + 0.9 * rim
        wash = PAPER * np.clip(piece.colour, 0.03, 1) ** dense[..., None]
        picture[where] = mix(picture[where], wash, cover * 0.95)
    height = noise(plate.rng, plate.shape, 1.3, 3.0)
    return rippled(picture, plate.rng, 2.2, 6.0) * (0.975 + 0.05 * height[..., None])


def night(plate: Plate) -> Field:
    """After dark: blue shadows, lamps that bloom, a sky of stars."""
    facing, _ = lighting(plate.relief, 0.5)
    grey = plate.flat.mean(axis=-1, keepdims=True)
    dim = (0.72 * plate.flat + 0.2 * grey) * np.array([0.52, 0.56, 0.86]) * facing[..., None]
    behind = (plate.labels == 0)[..., None]
    stars = (noise(plate.rng, plate.shape, 0.7) > 0.9985) & behind[..., 0]
    dim = np.where(behind, dim * 0.5, dim) + 1.6 * gaussian_filter(stars * 1.0, 0.8)[..., None]
    wide = plate.shape[1]
    near, far = gaussian_filter(plate.glow, wide / 50), gaussian_filter(plate.glow, wide / 10)
    halo = (0.55 * near + 1.1 * far)[..., None]
    warm = np.array([1.0, 0.82, 0.45])
    lamps = mix(plate.flat, warm, 0.45) * 1.1
    return np.asarray(mix(dim, lamps, plate.glow) + halo * warm * (0.22 + 1.3 * dim))


def chalk(plate: Plate) -> Field:
    """Soft pastels on dark paper."""
    tooth = noise(plate.rng, plate.shape, 0.6, 1.1)
    hatch = streaks(plate.rng, plate.shape, -50, 26, 1.6)
    board = np.array([0.13, 0.16, 0.2]) * (0.9 + 0.25 * noise(plate.rng, plate.shape, 30.0))[..., None]
    picture = mix(board, plate.sky, np.clip(0.72 + 0.3 * hatch - 0.75 * tooth, 0, 1) * 0.5)
    for piece in plate.pieces:
        rim = np.clip(piece.cover - gaussian_filter(piece.cover, 3.0), 0, 1) * 1.4
        press = 0.8 + 0.3 * (hatch[piece.where] - 0.5) + rim
        dust = np.clip((press - 0.5 * tooth[piece.where]) / 0.5, 0.3, 1)
        soft = gaussian_filter(piece.cover, 1.0)
        below = mix(picture[piece.where], board[piece.where], soft * 0.85)
        picture[piece.where] = mix(below, 0.12 + 0.9 * piece.colour, soft * dust * 0.93)
    return picture


def linocut(plate: Plate) -> Field:
    """Two inks printed from carved blocks that do not quite meet."""
    light = gaussian_filter(plate.flat @ np.array([0.3, 0.59, 0.11]), 0.8)
    carved = 0.5 + 0.5 * np.sin(plate.inside * 2 * np.pi / 7.5 + 2 * noise(plate.rng, plate.shape, 12.0))
    worn = noise(plate.rng, plate.shape, 0.8, 2.0)
    key = np.clip((0.66 - light - 0.36 * (carved - 0.3) * (plate.inside > 3)) * 9 + 0.5, 0, 1)
    sky = plate.labels == 0
    key *= ~sky | (light < 0.45)
    key = np.maximum(key, np.clip(2.1 - plate.inside, 0, 1)) * (worn < 0.93)
    warmth = plate.flat[..., 0] - plate.flat[..., 2]
    dawn = 0.45 * sky * np.linspace(-0.3, 1, plate.shape[0]).clip(0)[:, None]
    second = np.maximum(np.clip((warmth - 0.12) * 8, 0, 1) * ~sky, dawn)
    second = shift(second, (2.0, 3.0), order=1, mode="nearest") * (worn > 0.06)
    warm, dark = INKS[int(plate.rng.integers(len(INKS)))]
    picture = mix(_paper(plate), warm, second * 0.95)
    return mix(picture, dark, rippled(key, plate.rng, 1.0, 2.0) * 0.96)


def pencil(plate: Plate) -> Field:
    """Coloured pencils: hatching in layers on white paper."""
    tooth = noise(plate.rng, plate.shape, 0.7, 1.3)
    slants = [streaks(plate.rng, plate.shape, slant, 12, 0.9) for slant in (-55, -38, 20)]
    haze = np.clip(0.35 + 0.6 * slants[1] - 0.4 * tooth, 0, 1) * 0.8
    picture = mix(_paper(plate), plate.sky, haze)
    facing, _ = lighting(plate.relief, 0.5)
    for at, piece in enumerate(plate.pieces):
        where = piece.where
        press = 0.72 + 0.6 * (slants[at % 2][where] - 0.5) + 0.5 * (1 - facing[where])
        cover = np.clip((press - 0.3 * tooth[where]) * 1.5, 0, 1) * piece.cover
        below = mix(picture[where], PAPER, piece.cover * 0.9)
        deep = piece.colour * (0.82 + 0.22 * slants[2][where])[..., None]
        picture[where] = mix(below, deep, cover)
    outline = np.clip(1.7 - rippled(plate.inside, plate.rng, 0.8, 5.0), 0, 1)
    return mix(picture, plate.flat * 0.45, outline * 0.75 * (0.4 + 0.6 * tooth))


def pixel(plate: Plate) -> Field:
    """Sixteen-bit pixels in a small palette."""
    facing, _ = lighting(plate.relief, 0.35)
    drawn = mix(plate.flat * facing[..., None], DARK, np.clip(1.9 - plate.inside, 0, 1) * 0.3)
    block = 5
    small_size = (plate.shape[1] // block, plate.shape[0] // block)
    small = to_image(drawn * 1.04).resize(small_size, Image.Resampling.BOX)
    few = small.quantize(48, Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE).convert("RGB")
    return np.asarray(few.resize((small_size[0] * block, small_size[1] * block), Image.Resampling.NEAREST)) / 255.0


def oil(plate: Plate) -> Field:
    """Thick strokes that follow the forms, broad first, fine last."""
    facing, _ = lighting(plate.relief, 0.5)
    model = np.clip(plate.flat * facing[..., None], 0, 1)
    down, right = np.gradient(gaussian_filter(plate.relief, 4) + 3 * noise(plate.rng, plate.shape, 40.0))
    along = np.arctan2(down, right) + np.pi / 2
    image = to_image(plate.sky)
    pen = ImageDraw.Draw(image)
    for width, every in ((13, 11.0), (8, 6.5), (4, 3.6)):
        spots = (plate.rng.uniform(0, 1, (int(plate.labels.size / every**2), 2)) * plate.shape).astype(int)
        for row, column in spots[plate.inside[spots[:, 0], spots[:, 1]] > width * 0.42].tolist():
            tint = np.clip(model[row, column] + plate.rng.normal(0, 0.03) + plate.rng.normal(0, 0.014, 3), 0, 1)
            angle, reach = along[row, column], width * 1.5
            across, up = reach * np.cos(angle), reach * np.sin(angle)
            ink = tuple(int(v * 255) for v in tint)
            pen.line((column - across, row - up, column + across, row + up), fill=ink, width=width)
    strokes = np.asarray(image) / 255.0
    fine = np.clip(2.6 - plate.inside, 0, 1) * 0.7
    picture = mix(strokes, model, fine)
    ridge, gloss = lighting(streaks(plate.rng, plate.shape, -40, 8, 0.9) + 4 * picture.mean(axis=-1), 0.38)
    return picture * (0.4 + 0.6 * ridge)[..., None] + 0.05 * gloss[..., None]


def scratch(plate: Plate) -> Field:
    """Lines scratched through black wax down to a rainbow."""
    rows, columns = np.indices(plate.shape) / np.array(plate.shape)[:, None, None]
    hue = (0.9 * columns + 0.5 * rows + 0.15 * noise(plate.rng, plate.shape, 60.0))[..., None] * 2 * np.pi
    rainbow = 0.62 + 0.38 * np.sin(hue + np.array([0.0, 2.1, 4.2]))
    edge = rippled(plate.inside, plate.rng, 1.0, 6.0)
    hatch = streaks(plate.rng, plate.shape, -50, 16, 0.9)
    light = plate.flat.mean(axis=-1) * (plate.labels > 0)
    fill = np.clip((hatch - 0.98 + 0.66 * light) * 7, 0, 1) * (edge > 3) * (plate.labels > 0)
    line = np.maximum(np.clip(2.3 - edge, 0, 1), fill)
    wax = np.array([0.075, 0.07, 0.09]) * (0.8 + 0.4 * noise(plate.rng, plate.shape, 2.0, 12.0))[..., None]
    return mix(wax, rainbow, line * 0.95)


def _paper(plate: Plate) -> Field:
    return np.broadcast_to(PAPER, (*plate.shape, 3))
