"""The bind agent; what its files hold is measured in the tests of press and of whole books."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agents.bind import bind
from agents.book.pair import Pairing
from agents.book.review import Review
from agents.book.scaled import ScaledPage
from agents.book.story import Hero, Outline, Proposal, Storyline
from agents.design import design
from agents.services.folder_blobs import FolderBlobs
from swarm import StepError
from tests.agents.hands import LOOK, gathered, hand
from tests.agents.volumes import STORY, Shelf, grid_of, page_text


async def _bound(root: Path, *, pages: int = 2, lost: dict[str, str] | None = None, **more: Any) -> Any:
    shelf, blobs, lost = Shelf(), FolderBlobs(root / "blobs", asyncio.to_thread), lost or {}
    briefs = [shelf.brief(number, caption="Pip the fox") for number in range(1, pages + 1)]
    for data in shelf.masters.values():
        await blobs.put(data)
    kept = [brief for brief in briefs if brief.item not in lost]
    grids = {brief.item: grid_of(brief.renderings) for brief in kept}
    designs = {
        b.item: await hand(design, brief=b, grid=grids[b.item], write=page_text(STORY), author="Mia", **LOOK)
        for b in kept
    }
    outline = Outline("walk", Hero("Pip", "fox"), "", "", "", tuple(brief.beat for brief in briefs))
    proposal = Proposal(tuple(range(pages)), outline, 0.5, 0.5, 0.5, 0.5)
    items = tuple(brief.item for brief in briefs)
    made = await hand(
        bind,
        ingest=gathered({}),
        pair=Pairing(tuple(brief.pair for brief in briefs), (), ()),
        sequence=Storyline((proposal,) * 3, (items,) * 3, 0, "", "offline/1", tuple(briefs)),
        grid=gathered(grids),
        write=gathered({brief.item: page_text(STORY) for brief in kept}),
        design=gathered(designs),
        review=gathered({b.item: Review((), approved=True, notes="", reworks=0) for b in kept}, lost),
        scale=gathered({b.item: ScaledPage(()) for b in kept}),
        **{
            "shown_title": "Pip",
            "author": "Mia",
            "dedication": "",
            "book_language": "en",
            "date": "2026-05-01",
            "age": 5,
            "seed": 0,
            "captions": {},
            "formats": ["html"],
            "trim": "square",
            "theme": "calm",
            "printer": "kdp",
            "book_id": "ab12",
            "made_with": {},
            "min_pages": 1,
            "extras": {},
            "blobs": blobs,
            **more,
        },
    )
    return made, {file.path: await blobs.get(file.blob) for file in made.files}


@pytest.mark.parametrize(
    ("formats", "there", "not_there"), [(["html"], "book.html", "book.pdf"), (["pdf"], "book.pdf", "book.html")]
)
async def test_bind_makes_the_formats_that_are_wanted(
    tmp_path: Path, formats: list[str], there: str, not_there: str
) -> None:
    volume, files = await _bound(tmp_path, formats=formats)

    assert {there, "cover.jpg", "book.json", "manifest.json"} <= files.keys()
    assert not_there not in files
    assert (volume.pages, volume.title, volume.book_id) == (2, "Pip", "ab12")


async def test_bind_closes_the_gap_that_a_lost_page_leaves(tmp_path: Path) -> None:
    lost = {"inputs/in_ab12cd1.jpg": "its text was lost"}

    volume, files = await _bound(tmp_path, pages=3, lost=lost)

    record = json.loads(files["book.json"])
    assert [page["number"] for page in record["pages"]] == [1, 2]
    assert [page["sheets"] for page in record["pages"]] == [[4, 5], [6, 7]]
    assert {(omission.path, str(omission.reason)) for omission in volume.omitted} >= {(*lost, "page-lost")}


async def test_bind_writes_what_other_agents_said_into_the_record_of_the_page(tmp_path: Path) -> None:
    extras = {"mascot": gathered({"inputs/in_ab12cd2.jpg": "Hello."}), "shy": gathered({})}

    _, files = await _bound(tmp_path, extras=extras)

    assert [page["extras"] for page in json.loads(files["book.json"])["pages"]] == [{}, {"mascot": "Hello."}]


async def test_bind_refuses_a_book_without_a_page(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="not one page could be made: no room"):
        await _bound(tmp_path, pages=1, lost={"inputs/in_ab12cd1.jpg": "no room"})
