"""What a printer wants of a book's files, and what a preflight finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from agents.book.design import PAGE_SIZES, PageSize, Trim
from agents.book.settings import Printer

BLEED_MM = 3.175
"""What is printed beyond the trim at the three outer edges of a sheet, and all round a cover: 1/8 in."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The demands of one printer. `spine_mm_per_sheet` is a page's share of the spine's width (premium colour paper);
    `is_spine_sure` is false where only the printer's own template says it."""

    printer: Printer
    least_pages: int
    most_pages: int
    gutters: tuple[tuple[int, float], ...]
    safe_mm: float
    spine_mm_per_page: float
    is_spine_sure: bool
    sizes: tuple[PageSize, ...]
    most_bytes: int = 650 * 2**20

    def gutter_mm(self, pages: int) -> float:
        """The margin at the spine that so many pages need."""
        return next((mm for most, mm in self.gutters if pages <= most), self.gutters[-1][1])

    def spine_mm(self, pages: int) -> float:
        """The width of the spine of so many pages."""
        return pages * self.spine_mm_per_page


_SIZES = (PAGE_SIZES[Trim.SQUARE], PAGE_SIZES[Trim.PORTRAIT])
PROFILES: Mapping[Printer, Profile] = MappingProxyType(
    {
        # Gutters and spine: lessoncraftstudio.com and kidillus.com, cover and interior guides for KDP, read 2026-11.
        Printer.KDP: Profile(
            printer=Printer.KDP,
            least_pages=24,
            most_pages=590,
            gutters=((150, 9.525), (300, 12.7), (500, 15.875), (700, 19.05), (828, 22.225)),
            safe_mm=9.525,
            spine_mm_per_page=0.002347 * 25.4,
            is_spine_sure=True,
            sizes=_SIZES,
        ),
        # ingramspark.com/blog/file-requirements-for-print-books, read 2026-11; the spine comes from their template.
        Printer.INGRAMSPARK: Profile(
            printer=Printer.INGRAMSPARK,
            least_pages=18,
            most_pages=900,
            gutters=((900, 12.7),),
            safe_mm=12.7,
            spine_mm_per_page=0.002347 * 25.4,
            is_spine_sure=False,
            sizes=_SIZES,
        ),
    }
)


class Verdict(StrEnum):
    """What a check of the preflight says."""

    PASS = "pass"  # noqa: S105  (a verdict, no password)
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a preflight: what was measured, and whether the printer takes it."""

    name: str
    verdict: Verdict
    says: str


@dataclass(frozen=True, slots=True)
class Preflight:
    """All checks of the files for one printer."""

    printer: str
    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of them."""
        found = {check.verdict for check in self.checks}
        return next((worst for worst in (Verdict.FAIL, Verdict.WARN) if worst in found), Verdict.PASS)
