"""The pair agent."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.book.picture import Notes, Omission, Reading, Reason
from agents.ingest import ingest
from agents.pair import pair
from agents.services.qdrant_memory import MemoryVectors
from registry import ThreadPool
from swarm import StepError
from tests.agents.hands import Pictures, gathered, hand

_SETTINGS: dict[str, Any] = {"flag_below": 0.7, "pairs": {}, "ban": {}, "near_duplicates": "apart", "extras": {}}


async def _readings(root: Path, drawings: int = 3, renderings: int = 2) -> dict[str, Reading]:
    """Readings under names that say nothing."""
    pictures = Pictures(root)
    items = {f"inputs/{'cab'[number]}.png": (number, 0) for number in range(drawings)}
    items |= {
        f"outputs/{style}{'xzy'[n]}.png": (n, style) for n in range(drawings) for style in range(1, 1 + renderings)
    }
    return {item: await pictures.read(ingest, item, *what) for item, what in items.items()}


async def _paired(readings: dict[str, Reading], losses: dict[str, str] | None = None, **more: Any) -> Any:
    vectors = MemoryVectors(ThreadPool(1).run)
    return await hand(pair, ingest=gathered(readings, losses), vectors=vectors, **(_SETTINGS | more))


async def test_pair_finds_the_renderings_of_each_drawing_by_what_is_to_be_seen(tmp_path: Path) -> None:
    found = await _paired(await _readings(tmp_path))

    outputs = {pair.input: {match.output for match in pair.matches} for pair in found.pairs}
    assert outputs == {
        "inputs/c.png": {"outputs/1x.png", "outputs/2x.png"},
        "inputs/a.png": {"outputs/1z.png", "outputs/2z.png"},
        "inputs/b.png": {"outputs/1y.png", "outputs/2y.png"},
    }
    assert found.unpaired == found.omitted == ()
    assert all(0 <= pair.confidence <= 1 for pair in found.pairs)


async def test_pair_flags_what_is_less_sure_than_asked(tmp_path: Path) -> None:
    found = await _paired(await _readings(tmp_path), flag_below=1.0)

    assert all(pair.flagged == (pair.confidence < 1.0) for pair in found.pairs)


async def test_pair_tells_of_what_could_not_be_read(tmp_path: Path) -> None:
    readings = await _readings(tmp_path)
    source, _ = Pictures(tmp_path).file("inputs/z.png", 9)
    readings["inputs/z.png"] = Reading(source, omission=Omission("inputs/z.png", Reason.EMPTY, "The file is empty."))

    found = await _paired(readings, {"inputs/k.png": "it killed the process"})

    assert [(omission.path, omission.reason) for omission in found.omitted] == [
        ("inputs/k.png", Reason.FAILED),
        ("inputs/z.png", Reason.EMPTY),
    ]


@pytest.mark.parametrize("heap", ["inputs", "outputs"])
async def test_pair_refuses_a_heap_of_which_nothing_is_left(tmp_path: Path, heap: str) -> None:
    readings = {item: reading for item, reading in (await _readings(tmp_path)).items() if not item.startswith(heap)}

    with pytest.raises(StepError, match="can be read, so there is no book to make") as raised:
        await _paired(readings)

    assert raised.value.code == "bad-input"


async def test_pair_takes_the_word_of_a_person(tmp_path: Path) -> None:
    said: dict[str, Any] = {"pairs": {"inputs/a.png": ["outputs/1x.png"]}, "ban": {"inputs/c.png": ["outputs/2x.png"]}}

    found = await _paired(await _readings(tmp_path), **said)

    match = next(match for pair in found.pairs for match in pair.matches if match.output == "outputs/1x.png")
    assert (match.confidence, match.by_person) == (1.0, True)
    owner = {match.output: pair.input for pair in found.pairs for match in pair.matches}
    assert owner["outputs/1x.png"] == "inputs/a.png"
    assert owner.get("outputs/2x.png") != "inputs/c.png"


async def test_pair_passes_over_a_word_on_pictures_that_could_not_be_read(tmp_path: Path) -> None:
    found = await _paired(await _readings(tmp_path), pairs={"inputs/gone.png": ["outputs/1x.png", "outputs/gone.png"]})

    assert len(found.pairs) == 3


async def test_pair_names_what_the_file_says_of_its_source(tmp_path: Path) -> None:
    readings = await _readings(tmp_path)
    readings["outputs/1x.png"] = replace(readings["outputs/1x.png"], notes=Notes(names=("c.png",)))

    found = await _paired(readings)

    (match,) = (match for pair in found.pairs for match in pair.matches if match.output == "outputs/1x.png")
    assert match.evidence.metadata == 1.0
    assert match.runner_up in {"inputs/a.png", "inputs/b.png"}


@pytest.mark.parametrize("is_dropped", [False, True])
async def test_pair_notices_a_rendering_that_repeats_another(tmp_path: Path, is_dropped: bool) -> None:
    readings = await _readings(tmp_path)
    again = await Pictures(tmp_path).read(ingest, "outputs/again.png", 0, 1)
    readings["outputs/again.png"] = again

    found = await _paired(readings, near_duplicates="drop" if is_dropped else "apart")

    twins = {match.output: match.twin_of for pair in found.pairs for match in pair.matches if match.twin_of}
    dropped = [(omission.path, omission.reason) for omission in found.omitted]
    assert twins == ({} if is_dropped else {"outputs/again.png": "outputs/1x.png"})
    assert dropped == ([("outputs/again.png", Reason.NEAR_DUPLICATE)] if is_dropped else [])
