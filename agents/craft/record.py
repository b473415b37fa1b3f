"""book.json: the record of a finished book for other programs, and what became of every picture."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from agents.book.contents import Imprint
from agents.book.design import PageDesign
from agents.book.layout import Grid
from agents.book.pair import Pairing
from agents.book.picture import Omission, Reason
from agents.book.printing import Preflight
from agents.book.review import Review
from agents.book.story import PageBrief, PageText, Storyline

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class FinishedPage:
    """All that is known of one page of the book; `extras` are what other agents said of it, by role."""

    brief: PageBrief
    grid: Grid
    text: PageText
    design: PageDesign
    review: Review
    extras: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fates:
    """Where the pictures that stand on no page ended."""

    unpaired: tuple[str, ...]
    omitted: tuple[Omission, ...]


def fates(
    pairing: Pairing, briefs: Sequence[PageBrief], lost_pages: Mapping[str, str], drawings: Iterable[str]
) -> Fates:
    """What became of the pictures that stand on no page: `lost_pages` gives the reason by item.

    A pair that got no page (over the limit of pages) and a picture of a lost page are omitted; `drawings` are all
    readable drawings, in their order.
    """
    lost = [brief for brief in briefs if brief.item in lost_pages]
    kept = {path for brief in briefs if brief.item not in lost_pages for path in _pictures(brief)}
    omitted = {omission.path: omission for omission in pairing.omitted}
    for brief in lost:
        for path in _pictures(brief):
            if path not in kept:
                detail = f"its page could not be made: {lost_pages[brief.item]}"
                omitted[path] = Omission(path, Reason.PAGE_LOST, detail)
    paged = {path for brief in briefs for path in _pictures(brief)}
    for pair in pairing.pairs:
        for path in (pair.input, *(match.output for match in pair.matches)):
            if path not in paged:
                omitted[path] = Omission(path, Reason.OVER_LIMIT, "the book was limited to fewer pages")
    return Fates(pairing.unpaired, tuple(sorted(omitted.values(), key=lambda omission: omission.path)))


def book_record(
    imprint: Imprint,
    storyline: Storyline,
    pages: Sequence[FinishedPage],
    fate: Fates,
    preflight: Preflight | None = None,
) -> dict[str, Any]:
    """The whole record, in the stable order of its keys; plain values, ready for JSON; `print` with a preflight."""
    printing = {"print": asdict(preflight) | {"verdict": preflight.verdict}} if preflight else {}
    return {
        "schema": SCHEMA,
        "book_id": imprint.book_id,
        "title": imprint.title,
        "author": imprint.author,
        "age": imprint.age,
        "seed": imprint.seed,
        "made_with": dict(imprint.made_with),
        "sequence": {
            "proposals": [
                {
                    "order": list(order),
                    "coherence": _short(proposal.coherence),
                    "arc": _short(proposal.arc),
                    "variety": _short(proposal.variety),
                    "score": _short(proposal.score),
                    "shape": proposal.outline.shape,
                }
                for order, proposal in zip(storyline.orders, storyline.proposals, strict=True)
            ],
            "chosen": storyline.chosen,
            "reason": storyline.reason,
            "made_with": storyline.made_with,
        },
        "pages": [_page(page) for page in pages],
        "unpaired": list(fate.unpaired),
        "omitted": [asdict(omission) for omission in fate.omitted],
        **printing,
    }


def _page(page: FinishedPage) -> dict[str, Any]:
    pair = page.brief.pair
    matches = {match.output: match for match in pair.matches}
    return {
        "number": page.design.number,
        "sheets": list(page.design.sheets),
        "input": pair.input,
        "outputs": [picture.path for picture in page.grid.pictures],
        "confidence": pair.confidence,
        "flagged": pair.flagged,
        "evidence": asdict(pair.evidence),
        "matches": {
            path: {
                "confidence": matches[path].confidence,
                "evidence": asdict(matches[path].evidence),
                "runner_up": matches[path].runner_up,
                "twin_of": matches[path].twin_of,
                "by_person": matches[path].by_person,
            }
            for path in (picture.path for picture in page.grid.pictures)
        },
        "caption": page.brief.scene.caption,
        "grid": page.grid.name,
        "cells": [asdict(cell) for cell in page.grid.cells],
        "harmony": _short(page.grid.harmony),
        "balance": _short(page.grid.balance),
        "text": page.text.text,
        "words": page.text.words,
        "reading_grade": page.text.reading_grade,
        "spache": page.text.spache,
        "dale_chall": page.text.dale_chall,
        "text_by": page.text.made_with,
        "alt": {picture.path: picture.alt for picture in (page.design.drawing, *page.design.renderings)},
        "review": {"gates": [asdict(gate) for gate in page.review.gates], "notes": page.review.notes},
        "approved": page.review.approved,
        "reworks": page.review.reworks,
        "extras": {role: msgspec.to_builtins(value) for role, value in page.extras.items()},
    }


def _pictures(brief: PageBrief) -> Iterator[str]:
    yield brief.drawing.path
    yield from (picture.path for picture in brief.renderings)


def _short(value: float) -> float:
    return round(value, 4)
