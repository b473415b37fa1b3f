"""Colour spaces: a decoded picture of any mode becomes 8-bit sRGB on white."""

import io
from typing import Final

import numpy as np
from PIL import Image, ImageCms

_PROFILE_MODES: Final = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab "}


class NoGreyError(ValueError):
    """Numbers that are no grey levels of up to 16 bits."""


def in_srgb(image: Image.Image, small: tuple[int, int]) -> Image.Image:
    """The picture in mode RGB at the size `small` (never larger than it is), laid on white, by its ICC profile in sRGB.

    16 bits are rounded to 8, a damaged profile and one of another colour space than the picture's are passed over.
    Raises NoGreyError for numbers outside 16 bits.
    """
    flat = _on_white(image)
    if flat.size != small:
        flat = flat.resize(small, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return _converted(flat, image.info.get("icc_profile"))


def has_srgb(image: Image.Image) -> bool:
    """Whether the picture's numbers are sRGB (or grey) as they stand: it has no profile, or one that says so."""
    if image.mode not in {"RGB", "L"}:
        return False
    profile = image.info.get("icc_profile")
    if not profile:
        return True
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).startswith("sRGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return False


def _on_white(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        full = image.convert("RGBA")
        white = Image.new("RGBA", full.size, "white")
        return Image.alpha_composite(white, full).convert("RGB")
    if image.mode in _PROFILE_MODES:
        return image
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        return _eight_bits(image)
    return image.convert("L" if image.mode == "1" else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    grey = np.asarray(image).astype(np.float64)
    if not np.isfinite(grey).all() or grey.min() < 0 or grey.max() > 65535:
        raise NoGreyError
    whole = 1.0 if image.mode == "F" and grey.max() <= 1 else 65535.0
    return Image.fromarray(np.rint(grey * (255 / whole)).astype(np.uint8))


def _converted(image: Image.Image, profile: object) -> Image.Image:
    try:
        source = _profile(image.mode, profile)
        if source is not None:
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    except (ImageCms.PyCMSError, OSError, ValueError):
        pass  # a picture with a damaged profile is shown without one
    return image.convert("RGB")


def _profile(mode: str, profile: object) -> ImageCms.ImageCmsProfile | None:
    if mode == "LAB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    if not isinstance(profile, bytes) or not profile:
        return None
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return source if source.profile.xcolor_space == _PROFILE_MODES[mode] else None
