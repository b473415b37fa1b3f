"""The look agent, and what pairing makes of what it saw."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.book.picture import Look, Reading, Reason
from agents.ingest import ingest
from agents.look import look
from agents.pair import pair
from agents.services.absent import Undescribed, Unmoderated
from agents.services.errors import BadAnswer, ServiceUnavailable
from agents.services.ports import Sight
from agents.services.qdrant_memory import MemoryVectors
from registry import ThreadPool
from swarm import Provisional, StepError
from tests.agents.hands import Pictures, gathered, hand


@dataclass
class Watchful:
    """A moderation and a describer that say what they are told to, and count."""

    flagged: tuple[str, ...] = ()
    fault: Exception | None = None
    identity: str = "peer/1"
    seen: list[tuple[int, ...]] = field(default_factory=list)

    async def check_texts(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [self.flagged for _ in texts]

    async def check_picture(self, jpeg: bytes) -> tuple[str, ...]:
        return self.flagged

    async def look(self, pixels: NDArray[np.uint8], *, is_mirrored_too: bool = False) -> Sight:
        self.seen.append(pixels.shape)
        if self.fault:
            raise self.fault
        return Sight(np.full(1536, 1536**-0.5, dtype=np.float32), None, "A fox on a hill.")


async def _looked(root: Path, item: str = "inputs/a.png", **services: Any) -> Any:
    pictures = Pictures(root)
    reading = await pictures.read(ingest, item, 1)
    ports: dict[str, Any] = {"moderation": Unmoderated(), "describer": Undescribed()} | services
    return await hand(look, ingest=reading, blobs=pictures.blobs, **ports)


async def test_look_describes_the_thumbnail(tmp_path: Path) -> None:
    describer = Watchful()

    seen = await _looked(tmp_path, describer=describer)

    assert (seen.description, seen.made_with, seen.flagged) == ("A fox on a hill.", "peer/1", ())
    assert np.frombuffer(seen.vector, "<f2").shape == (1536,)
    assert describer.seen == [(200, 200, 3)]


async def test_picture_that_is_flagged_is_not_described(tmp_path: Path) -> None:
    describer = Watchful()

    seen = await _looked(tmp_path, moderation=Watchful(("violence",)), describer=describer)

    assert seen == Look(("violence",))
    assert describer.seen == []


@pytest.mark.parametrize("fault", [BadAnswer("the answer is empty"), ServiceUnavailable("it is down")])
async def test_picture_that_cannot_be_described_goes_without_for_now(tmp_path: Path, fault: Exception) -> None:
    seen = await _looked(tmp_path, describer=Watchful(fault=fault))

    assert isinstance(seen, Provisional)
    assert seen.result == Look()
    assert seen.reason == str(fault)


async def test_nothing_is_seen_where_nobody_looks(tmp_path: Path) -> None:
    seen = await _looked(tmp_path)

    assert (seen.flagged, seen.description, seen.vector) == ((), "", b"")


def _vector(place: int) -> bytes:
    vector = np.zeros(1536, dtype="<f2")
    vector[place] = 1
    return vector.tobytes()


async def _readings(root: Path) -> dict[str, Reading]:
    """Two drawings and a rendering of each, all of them blank, so that their features say nothing."""
    pictures = Pictures(root)
    items = ("inputs/a.png", "inputs/b.png", "outputs/x.png", "outputs/y.png")
    return {item: await pictures.read(ingest, item, number % 2, number // 2) for number, item in enumerate(items)}


async def _paired(readings: dict[str, Reading], looks: dict[str, Look], losses: dict[str, str] | None = None) -> Any:
    return await hand(
        pair,
        ingest=gathered(readings),
        extras={"look": gathered(looks, losses)},
        vectors=MemoryVectors(ThreadPool(1).run),
        flag_below=0.7,
        pairs={},
        ban={},
        near_duplicates="apart",
    )


async def test_descriptions_speak_for_a_pair(tmp_path: Path) -> None:
    readings = await _readings(tmp_path)
    crossed = {"inputs/a.png": 0, "inputs/b.png": 1, "outputs/x.png": 1, "outputs/y.png": 0}
    looks = {item: Look((), f"thing {place}", _vector(place), "peer/1") for item, place in crossed.items()}

    plain, described = await _paired(readings, {}), await _paired(readings, looks)

    def likeness(found: Any) -> dict[tuple[str, str], float]:
        return {(p.input, m.output): m.evidence.picture for p in found.pairs for m in p.matches}

    assert likeness(plain)["inputs/a.png", "outputs/x.png"] > likeness(described).get(
        ("inputs/a.png", "outputs/x.png"), 0
    )
    assert {p.input: p.description for p in described.pairs}["inputs/a.png"] == "thing 0"


async def test_flagged_picture_is_left_out_with_its_category(tmp_path: Path) -> None:
    found = await _paired(await _readings(tmp_path), {"outputs/x.png": Look(("violence", "hate"))})

    (omission,) = found.omitted
    assert (omission.path, omission.reason) == ("outputs/x.png", Reason.FLAGGED)
    assert "violence, hate" in omission.detail
    assert "outputs/x.png" not in found.unpaired
    assert all(match.output != "outputs/x.png" for p in found.pairs for match in p.matches)


async def test_picture_that_could_not_be_moderated_is_left_out(tmp_path: Path) -> None:
    found = await _paired(await _readings(tmp_path), {}, {"outputs/y.png": "the service is down"})

    (omission,) = found.omitted
    assert (omission.path, omission.reason) == ("outputs/y.png", Reason.NOT_SCREENED)
    assert "the service is down" in omission.detail


async def test_book_waits_for_moderation_when_no_picture_could_be_moderated(tmp_path: Path) -> None:
    readings = await _readings(tmp_path)

    with pytest.raises(StepError, match=r"none of the drawings can be used.*the service is down") as told:
        await _paired(readings, {}, dict.fromkeys(readings, "the service is down"))

    assert (told.value.code, told.value.retryable) == ("failed", True)


def test_look_is_in_the_plan_only_where_something_is_switched_on() -> None:
    assert look.is_wanted({"vision": "openai", "is_moderated": False})
    assert look.is_wanted({"vision": "offline", "is_moderated": True})
    assert not look.is_wanted({"vision": "offline", "is_moderated": False})
