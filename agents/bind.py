"""bind: makes the finished volume: web page, PDF, cover, and the records of what it holds."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents.book.contents import Imprint, LooseDrawing
from agents.book.design import PAGE_SIZES, PageDesign, Theme, Trim
from agents.book.layout import Grid
from agents.book.pair import Pairing
from agents.book.picture import Flaw, Heap, Omission, Reading, Reason
from agents.book.printing import PROFILES
from agents.book.review import Review
from agents.book.scaled import ScaledPage
from agents.book.settings import Format, Printer
from agents.book.story import PageText, Storyline
from agents.book.volume import BookFile, Flag, Remark, SheetShown, Volume
from agents.craft.matter import lay_out_book
from agents.craft.names import name_words
from agents.craft.pagedesign import Look, design_page
from agents.craft.record import Fates, FinishedPage, book_record, fates
from agents.press.album import Album, wants
from agents.press.house import press
from agents.services.ports import BlobStore
from swarm import Gathered, Step, StepError, agent


@agent(
    scope="book",
    needs=("ingest", "pair", "sequence", "grid", "write", "design", "review", "scale"),
    settings=(
        *("shown_title", "author", "dedication", "book_language", "date", "age", "seed"),
        *("captions", "formats", "trim", "theme", "printer", "book_id", "made_with", "min_pages"),
    ),
    ports=("blobs",),
    deadline_s=900,
)
async def bind(
    step: Step,
    *,
    ingest: Gathered[Reading],
    pair: Pairing,
    sequence: Storyline,
    grid: Gathered[Grid],
    write: Gathered[PageText],
    design: Gathered[PageDesign],
    review: Gathered[Review],
    scale: Gathered[ScaledPage],
    extras: Mapping[str, Any],
    shown_title: str,
    author: str,
    dedication: str,
    book_language: str,
    date: str,
    age: int,
    seed: int,
    captions: Mapping[str, str],
    formats: Sequence[str],
    trim: str,
    theme: str,
    printer: str,
    book_id: str,
    made_with: Mapping[str, str],
    min_pages: int,
    blobs: BlobStore,
) -> Volume:
    """Makes the finished volume: web page, PDF, cover, and the records of what it holds."""
    imprint = Imprint(
        title=shown_title,
        author=author,
        dedication=dedication,
        language=book_language,
        date=date,
        age=age,
        made_with=tuple(made_with.items()),
        book_id=book_id,
        seed=seed,
    )
    look = Look(PAGE_SIZES[Trim(trim)], Theme(theme))
    losses = {**scale.losses, **review.losses}
    pages = _finished(sequence, grid, write, design, review, extras, author, look, losses)
    if len(pages) < min_pages:
        few = f"only {len(pages)} of {len(sequence.briefs)} pages" if pages else "not one page"
        raise StepError(f"{few} could be made: {_first(losses)}", retryable=True)
    readable = [item for item, reading in ingest.items() if reading.picture]
    fate = fates(pair, sequence.briefs, losses, readable)
    loose = [
        LooseDrawing(reading.picture, captions.get(item, ""), name_words(item))
        for item, reading in ingest.items()
        if reading.picture and reading.source.heap is Heap.INPUT and item in fate.unpaired
    ]
    contents = lay_out_book(imprint, [page.design for page in pages], loose, look)
    wanted = [Format(name) for name in formats]
    album = Album(blobs.read, [picture for page in scale.values() for picture in page.pictures])
    profile = PROFILES[Printer(printer)]
    missing = album.missing(wants(contents, wanted, profile))
    await asyncio.gather(*(step.run_blocking(album.scaled, picture, dpi) for picture, dpi in missing))
    pressed = await step.run_blocking(press, contents, album, wanted, profile)
    made = pressed.files
    record = book_record(imprint, sequence, pages, fate, pressed.preflight)
    made["book.json"] = _json(record)
    made["manifest.json"] = _manifest(made)
    files = [BookFile(path, await blobs.put(data)) for path, data in sorted(made.items())]
    volume = _volume(imprint, pages, fate, files, [drawing.picture.path for drawing in loose])
    remarks, sheets = tuple(_remarks(ingest, pair)), tuple(_sheets(ingest, fate.omitted))
    return replace(volume, remarks=remarks, sheets=sheets, preflight=pressed.preflight)


def _finished(
    storyline: Storyline,
    grids: Gathered[Grid],
    texts: Gathered[PageText],
    designs: Gathered[PageDesign],
    reviews: Gathered[Review],
    extras: Mapping[str, Any],
    author: str,
    look: Look,
    losses: Mapping[str, str],
) -> list[FinishedPage]:
    """The pages that came through, numbered without gaps where others are lost."""
    pages = []
    whole = [brief for brief in storyline.briefs if brief.item not in losses]
    for number, brief in enumerate(whole, start=1):
        item, design = brief.item, designs[brief.item]
        if brief.number != number:
            design = design_page(replace(brief, number=number), grids[item], texts[item], author=author, look=look)
        said = {role: values[item] for role, values in extras.items() if item in values}
        pages.append(FinishedPage(brief, grids[item], texts[item], design, reviews[item], said))
    return pages


def _first(losses: Mapping[str, str]) -> str:
    return next(iter(losses.values()), "there was none to make")


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _manifest(made: Mapping[str, bytes]) -> bytes:
    files = {
        path: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for path, data in sorted(made.items())
    }
    return _json({"schema": 1, "files": files})


def _volume(
    imprint: Imprint, pages: Sequence[FinishedPage], fate: Fates, files: Sequence[BookFile], loose: Sequence[str]
) -> Volume:
    teller = dict(imprint.made_with).get("language", "offline")
    wanted = {"person", *(page.text.made_with for page in pages if page.text.made_with.startswith(teller))}
    flagged = {page.brief.pair.input: page.brief.pair for page in pages if page.brief.pair.flagged}
    return Volume(
        title=imprint.title,
        book_id=imprint.book_id,
        pages=len(pages),
        files=tuple(files),
        omitted=fate.omitted,
        unpaired=fate.unpaired,
        loose=tuple(loose),
        flagged=tuple(Flag(path, pair.confidence) for path, pair in flagged.items()),
        unapproved=tuple(page.brief.item for page in pages if not page.review.approved),
        fell_back=tuple(page.brief.item for page in pages if page.text.made_with not in wanted),
    )


def _remarks(ingest: Gathered[Reading], pairing: Pairing) -> Iterator[Remark]:
    for path, reading in ingest.items():
        yield from (Remark(path, blemish.flaw, blemish.detail) for blemish in reading.blemishes)
    for pair in pairing.pairs:
        for match in pair.matches:
            if match.twin_of:
                yield Remark(match.output, Flaw.LIKE_ANOTHER, f"it is nearly the same picture as {match.twin_of}")


def _sheets(ingest: Gathered[Reading], omitted: Sequence[Omission]) -> Iterator[SheetShown]:
    flagged = {omission.path for omission in omitted if omission.reason is Reason.FLAGGED}
    for path, reading in ingest.items():
        if path not in flagged and (sheet := reading.straightened) is not None and reading.picture is not None:
            yield SheetShown(path, sheet.before, reading.picture.thumbnail, sheet.corners, sheet.sureness)
