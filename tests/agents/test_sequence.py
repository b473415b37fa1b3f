"""The sequence agent."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.book.pair import Evidence, Match, Pair, Pairing
from agents.book.picture import Heap, Reading, SourcePicture
from agents.sequence import sequence
from agents.services.storyteller import OfflineStoryteller
from swarm import StepError
from tests.agents.hands import gathered, hand
from tests.agents.volumes import Shelf

EVIDENCE = Evidence(0.9, None, None)


def _pair(name: str, renderings: int, confidence: float = 0.9) -> Pair:
    matches = tuple(Match(f"outputs/{name}-{number}.jpg", confidence, EVIDENCE) for number in range(renderings))
    return Pair(f"inputs/{name}.jpg", matches, confidence, EVIDENCE, flagged=False)


async def _sequenced(*pairs: Pair, **more: Any) -> Any:
    shelf = Shelf()
    paths = [path for pair in pairs for path in (pair.input, *(match.output for match in pair.matches))]
    readings = {
        path: Reading(SourcePicture(path, Heap.INPUT, 1, ""), picture=replace(shelf.picture(path), heap=Heap.INPUT))
        for path in paths
    }
    settings: dict[str, Any] = {"age": 5, "seed": 0, "shown_title": "T", "captions": {}, "text": {}, "max_pages": None}
    return await hand(
        sequence,
        ingest=gathered(readings),
        pair=Pairing(pairs, (), ()),
        language=OfflineStoryteller(asyncio.to_thread),
        **(settings | more),
    )


async def test_sequence_briefs_a_page_for_each_pair_in_the_order_of_the_best_proposal() -> None:
    line = await _sequenced(*(_pair(name, 2) for name in "abcd"))

    best = max(line.proposals, key=lambda proposal: proposal.score)
    assert line.proposals[line.chosen] is best
    assert [brief.item for brief in line.briefs] == list(line.orders[line.chosen])
    assert [brief.number for brief in line.briefs] == [1, 2, 3, 4]
    assert [brief.beat for brief in line.briefs] == list(best.outline.beats)
    assert line.briefs[0].beat_before is None
    assert line.briefs[0].beat_after == line.briefs[1].beat
    assert line.reason


@pytest.mark.parametrize(("renderings", "pages"), [(16, [16]), (17, [9, 8]), (33, [11, 11, 11])])
async def test_sequence_splits_a_pair_of_many_renderings_into_balanced_pages(renderings: int, pages: list[int]) -> None:
    line = await _sequenced(_pair("a", renderings))

    assert sorted((len(brief.renderings) for brief in line.briefs), reverse=True) == pages
    assert len({brief.item for brief in line.briefs}) == len(pages)
    assert {picture.path for brief in line.briefs for picture in brief.renderings} == {
        f"outputs/a-{number}.jpg" for number in range(renderings)
    }


async def test_sequence_keeps_the_surest_pairs_when_pages_are_limited() -> None:
    line = await _sequenced(_pair("a", 1, 0.5), _pair("b", 1, 0.9), _pair("c", 1, 0.8), max_pages=2)

    assert {brief.item for brief in line.briefs} == {"inputs/b.jpg", "inputs/c.jpg"}


async def test_sequence_refuses_a_limit_that_no_pair_fits_into() -> None:
    with pytest.raises(StepError, match="no pair fits into 1 pages") as raised:
        await _sequenced(_pair("a", 17), max_pages=1)

    assert raised.value.code == "bad-input"


async def test_sequence_hands_on_captions_and_the_persons_own_text() -> None:
    line = await _sequenced(
        _pair("a", 17), captions={"inputs/a.jpg": "A fox"}, text={"inputs/a.jpg": "Once upon a time."}
    )

    assert {brief.scene.caption for brief in line.briefs} == {"A fox"}
    assert [brief.fixed_text for brief in sorted(line.briefs, key=lambda b: b.scene.part)] == [
        "Once upon a time.",
        None,
    ]
    assert Path(line.briefs[0].drawing.path).name == "a.jpg"
