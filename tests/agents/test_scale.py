"""The scale agent."""

import asyncio
from pathlib import Path

import pytest

from agents.design import design
from agents.press.album import Album, resolutions
from agents.press.scaling import PRINT_DPI, SCREEN_DPI
from agents.scale import scale
from agents.services.folder_blobs import FolderBlobs
from tests.agents.hands import LOOK, hand
from tests.agents.volumes import STORY, Shelf, grid_of, page_text


async def test_scale_makes_each_picture_of_a_page_for_print_and_for_screens(tmp_path: Path) -> None:
    shelf, blobs = Shelf(), FolderBlobs(tmp_path / "blobs", asyncio.to_thread)
    brief = shelf.brief(1, renderings=3)
    for data in shelf.masters.values():
        await blobs.put(data)
    page = await hand(design, brief=brief, grid=grid_of(brief.renderings), write=page_text(STORY), author="Mia", **LOOK)

    done = await hand(scale, design=page, formats=["html", "pdf"], blobs=blobs)

    album = Album(blobs.read, done.pictures)
    wanted = [(picture, dpi) for picture in (page.drawing, *page.renderings) for dpi in (SCREEN_DPI, PRINT_DPI)]
    assert album.missing(wanted) == []
    assert len(done.pictures) == len(wanted)
    fresh = Album(blobs.read)
    assert [album.scaled(*want) for want in wanted] == [fresh.scaled(*want) for want in wanted]


@pytest.mark.parametrize(
    ("formats", "dpis"),
    [(["html"], (200,)), (["epub", "html"], (200,)), (["pdf"], (300,)), (["print", "html"], (200, 300))],
)
def test_only_the_resolutions_that_the_formats_need_are_made(formats: list[str], dpis: tuple[int, ...]) -> None:
    from agents.book.settings import Format

    assert resolutions(Format(name) for name in formats) == dpis
