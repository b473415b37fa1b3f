"""The preflight: opens the files for a printer and measures what the printer will look at."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pikepdf

from agents.book.design import PageSize
from agents.book.printing import BLEED_MM, Check, Preflight, Profile, Verdict
from agents.craft.wrapsheet import wrap_size
from agents.press.pdfpictures import placed_dpi

GOOD_DPI, LEAST_DPI = 300.0, 200.0
_PT_PER_MM = 72 / 25.4
_NEAR_PT = 0.05
_NEAR_DPI = 1.0
_SAFE_MM = 12.7


def preflight(interior: bytes, cover: bytes, size: PageSize, profile: Profile) -> Preflight:
    """Measures both files against the profile: pages, boxes, fonts, resolution, sizes, and what no file can show."""
    with pikepdf.open(io.BytesIO(interior)) as inside, pikepdf.open(io.BytesIO(cover)) as outside:
        pages = len(inside.pages)
        spine_mm = profile.spine_mm(pages)
        return Preflight(
            profile.printer.value,
            (
                _pages(pages, profile),
                _trim(size, profile),
                _boxes("interior boxes", inside, [_leaf(size, number) for number in range(1, pages + 1)]),
                _boxes("cover boxes", outside, [_wrap(wrap_size(size, spine_mm))]),
                _spine(spine_mm, profile),
                _gutter(pages, profile),
                _fonts("interior fonts", inside),
                _fonts("cover fonts", outside),
                _resolution("interior resolution", inside),
                _resolution("cover resolution", outside),
                _bytes(max(len(interior), len(cover)), profile),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Boxes:
    """What the boxes of a page have to be, in points."""

    media: Sequence[float]
    trim: Sequence[float]


def _leaf(size: PageSize, number: int) -> _Boxes:
    """A page with bleed on its three outer edges: a right-hand page (odd) has none on its left."""
    width_mm, height_mm = size.width_mm + BLEED_MM, size.height_mm + 2 * BLEED_MM
    left_mm = 0.0 if number % 2 else BLEED_MM
    trim = (left_mm, BLEED_MM, left_mm + size.width_mm, BLEED_MM + size.height_mm)
    return _Boxes(_points(0, 0, width_mm, height_mm), _points(*trim))


def _wrap(size: PageSize) -> _Boxes:
    trim = (BLEED_MM, BLEED_MM, BLEED_MM + size.width_mm, BLEED_MM + size.height_mm)
    return _Boxes(_points(0, 0, size.width_mm + 2 * BLEED_MM, size.height_mm + 2 * BLEED_MM), _points(*trim))


def _points(*lengths_mm: float) -> tuple[float, ...]:
    return tuple(length_mm * _PT_PER_MM for length_mm in lengths_mm)


def _check(name: str, says: str, *, passed: bool, otherwise: Verdict = Verdict.FAIL) -> Check:
    return Check(name, Verdict.PASS if passed else otherwise, says)


def _pages(pages: int, profile: Profile) -> Check:
    wanted = f"{profile.least_pages} to {profile.most_pages}, even"
    passed = profile.least_pages <= pages <= profile.most_pages and pages % 2 == 0
    return _check("pages", f"{pages} pages (wanted: {wanted})", passed=passed)


def _trim(size: PageSize, profile: Profile) -> Check:
    says = f"{size.width_mm / 25.4:.2f} x {size.height_mm / 25.4:.2f} in"
    known = size in profile.sizes
    return _check("trim size", says if known else f"{says}: not known to be offered", passed=known)


def _boxes(name: str, document: pikepdf.Pdf, wanted: Sequence[_Boxes]) -> Check:
    wrong = [
        number
        for number, (page, boxes) in enumerate(zip(document.pages, wanted, strict=True), start=1)
        if not (
            _is_near(page.mediabox, boxes.media)
            and _is_near(page.trimbox, boxes.trim)
            and _is_near(page.bleedbox, boxes.media)
        )
    ]
    says = f"wrong on page {wrong[0]}" if wrong else "MediaBox, TrimBox and BleedBox as wanted on every page"
    return _check(name, says, passed=not wrong)


def _is_near(box: pikepdf.Object, wanted: Sequence[float]) -> bool:
    numbers = [float(number) for number in box]
    return all(abs(one - other) <= _NEAR_PT for one, other in zip(numbers, wanted, strict=True))


def _spine(spine_mm: float, profile: Profile) -> Check:
    says = f"{spine_mm:.2f} mm, without text"
    if not profile.is_spine_sure:
        says += ": an estimate, compare it with the printer's own template"
    return _check("spine", says, passed=profile.is_spine_sure, otherwise=Verdict.WARN)


def _gutter(pages: int, profile: Profile) -> Check:
    wanted_mm = max(profile.gutter_mm(pages), profile.safe_mm)
    return _check("margins", f"{_SAFE_MM} mm (wanted: {wanted_mm:g} mm)", passed=wanted_mm <= _SAFE_MM)


def _fonts(name: str, document: pikepdf.Pdf) -> Check:
    fonts = list(_font_descriptors(document))
    loose = sorted({str(font.FontName) for font in fonts if not any(key in font for key in _EMBEDDED)})
    says = f"not embedded: {', '.join(loose)}" if loose else f"{len(fonts)} fonts, all embedded"
    return _check(name, says, passed=bool(fonts) and not loose)


_EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")


def _font_descriptors(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            yield item


def _resolution(name: str, document: pikepdf.Pdf) -> Check:
    found = [(dpi, number) for number, page in enumerate(document.pages, start=1) for dpi in placed_dpi(page)]
    if not found:
        return _check(name, "no pictures", passed=True)
    dpi, number = min(found)
    coarse = sum(one < GOOD_DPI - _NEAR_DPI for one, _ in found)
    says = f"{len(found)} pictures, the coarsest {dpi:.0f} dpi on page {number}"
    says += f"; {coarse} below {GOOD_DPI:.0f}" if coarse else ""
    return _check(name, says, passed=not coarse, otherwise=Verdict.WARN if dpi >= LEAST_DPI else Verdict.FAIL)


def _bytes(size_bytes: int, profile: Profile) -> Check:
    says = f"{size_bytes / 2**20:.1f} MB (at most {profile.most_bytes / 2**20:.0f})"
    return _check("file size", says, passed=size_bytes <= profile.most_bytes)
