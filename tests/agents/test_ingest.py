"""The ingest agent."""

from pathlib import Path

import numpy as np
import pytest

from agents.book.picture import Reason
from agents.ingest import ingest
from swarm import Kind
from swarm.errors import RunBroken
from tests.agents.hands import Pictures


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return Pictures(tmp_path)


async def test_ingest_reads_a_drawing_with_its_mirror_image(pictures: Pictures) -> None:
    reading = await pictures.read(ingest, "inputs/a.png", 1)

    assert reading.picture is not None
    assert (reading.picture.width_px, reading.picture.height_px) == (200, 200)
    assert (await pictures.blobs.get(reading.picture.master)).startswith(b"\xff\xd8\xff")
    assert sum(swatch.share_ratio for swatch in reading.picture.palette) == pytest.approx(1, abs=0.01)
    assert len(np.frombuffer(reading.features, "<f2")) == len(np.frombuffer(reading.mirrored, "<f2")) == 1536
    assert reading.made_with == "offline/2"


async def test_ingest_reads_a_rendering_without_its_mirror_image(pictures: Pictures) -> None:
    assert (await pictures.read(ingest, "outputs/a.png", 1)).mirrored == b""


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", Reason.EMPTY), (b"text", Reason.NOT_A_PICTURE), (b"\x89PNG\r\n\x1a\n" + bytes(99), Reason.UNSUPPORTED)],
)
async def test_ingest_leaves_out_what_cannot_be_read_and_says_why(
    pictures: Pictures, data: bytes, reason: Reason
) -> None:
    source, _ = pictures.file("inputs/a.png", 1)

    reading = await pictures.take(ingest, source, data)

    assert reading.picture is None
    assert reading.omission.reason is reason
    assert reading.omission.path == "inputs/a.png"
    assert reading.omission.detail


async def test_ingest_fails_when_what_it_made_cannot_be_kept(pictures: Pictures, tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("in the way")

    with pytest.raises(RunBroken, match="cannot be written"):
        await pictures.read(ingest, "inputs/a.png", 1)


def test_ingest_may_kill_its_process_and_says_so() -> None:
    assert (ingest.scope, ingest.kind) == ("image", Kind.HAZARDOUS)
