"""The book as a PDF: trim size, tagged (PDF/UA-1 and PDF/A-2a), all fonts embedded, the same bytes each time."""

import json
from pathlib import Path

from agents.book.contents import Contents
from agents.book.design import PlacedPicture
from agents.book.printing import BLEED_MM, Profile
from agents.craft.matter import filled_up
from agents.craft.wrapsheet import wrap_sheet, wrap_size
from agents.press.album import Album
from agents.press.scaling import PRINT_DPI
from agents.press.sheetdata import Job, job_data
from agents.press.typesetter import stand_in_name, typeset


def make_pdf(contents: Contents, album: Album, work: Path) -> bytes:
    """The PDF of a book. `work` is an empty folder of the caller's, who deletes it afterwards.

    Raises PressError when the typesetter refuses the book or sets another number of sheets than it has.
    """
    return set_pdf(Job(contents.imprint, contents.sheets, contents.size), album, work)


def make_print_pdfs(contents: Contents, profile: Profile, album: Album, work: Path) -> tuple[bytes, bytes]:
    """Interior and wrap for a printer: with bleed, and at least as many pages as the printer wants.

    `work` and errors as above.
    """
    filled = filled_up(contents, profile.least_pages)
    spine_mm = profile.spine_mm(len(filled.sheets))
    inside = Job(filled.imprint, filled.sheets, filled.size, BLEED_MM)
    wrap = (wrap_sheet(filled, spine_mm),)
    outside = Job(filled.imprint, wrap, wrap_size(filled.size, spine_mm), BLEED_MM, BLEED_MM)
    return set_pdf(inside, album, work), set_pdf(outside, album, work)


def set_pdf(job: Job, album: Album, work: Path) -> bytes:
    """The PDF of one job, as `make_pdf`."""
    lay_out(job, album, work)
    return typeset(work, job.imprint.date)


def lay_out(job: Job, album: Album, work: Path) -> None:
    """Put all that the typesetter reads into its folder."""
    sources = _Sources(album, work)
    data = job_data(job, sources.source_of)
    (work / "contents.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


class _Sources:
    """Writes each picture at print size once into the work folder, and knows where."""

    def __init__(self, album: Album, work: Path) -> None:
        self._album = album
        self._work = work

    def source_of(self, picture: PlacedPicture) -> str:
        scaled = self._album.scaled(picture, PRINT_DPI)
        path = self._work / scaled.name
        if not path.exists():
            path.write_bytes(scaled.data)
        return f"/{stand_in_name(path)}"
