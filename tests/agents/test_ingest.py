"""The ingest agent."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from agents.book.picture import Flaw, Reason
from agents.ingest import ingest
from swarm import Kind
from swarm.errors import RunBroken
from tests.agents.craft.photographs import photograph
from tests.agents.hands import Pictures
from tests.e2e.sources import drawing


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return Pictures(tmp_path)


async def test_ingest_reads_a_drawing_with_its_mirror_image(pictures: Pictures) -> None:
    reading = await pictures.read(ingest, "inputs/a.png", 1)

    assert reading.picture is not None
    assert (reading.picture.width_px, reading.picture.height_px) == (200, 200)
    assert (await pictures.blobs.get(reading.picture.master)).startswith(b"\x89PNG")
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


def _jpeg(image: Image.Image, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=90, **options)
    return target.getvalue()


@pytest.mark.parametrize("straighten", [True, False])
async def test_ingest_straightens_a_photographed_drawing_if_it_may(pictures: Pictures, straighten: bool) -> None:
    shot = photograph(drawing(1).resize((800, 600)), 1, size_px=(900, 600))
    source, _ = pictures.file("inputs/a.jpg", 1)

    reading = await pictures.take(ingest, source, _jpeg(shot.image), straighten=straighten)

    assert (reading.straightened is not None) == straighten
    assert ((reading.picture.width_px, reading.picture.height_px) == (900, 600)) != straighten
    if straighten:
        assert np.array(reading.straightened.corners) == pytest.approx(shot.corners, abs=0.02)
        assert (await pictures.blobs.get(reading.straightened.before)).startswith(b"\xff\xd8\xff")


async def test_ingest_never_straightens_a_rendering(pictures: Pictures) -> None:
    shot = photograph(drawing(1).resize((800, 600)), 1, size_px=(900, 600))
    source, _ = pictures.file("outputs/a.jpg", 1)

    assert (await pictures.take(ingest, source, _jpeg(shot.image))).straightened is None


async def test_ingest_takes_a_plain_jpeg_over_without_its_metadata(pictures: Pictures) -> None:
    source, _ = pictures.file("outputs/a.jpg", 1)
    data = _jpeg(drawing(1).resize((600, 600)), comment=b"where we live")

    reading = await pictures.take(ingest, source, data)
    master = await pictures.blobs.get(reading.picture.master)

    assert b"where we live" not in master
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(master))), np.asarray(Image.open(io.BytesIO(data))))


async def test_ingest_keeps_what_the_file_says_of_its_source(pictures: Pictures) -> None:
    source, _ = pictures.file("outputs/a.jpg", 1)

    reading = await pictures.take(ingest, source, _jpeg(drawing(1), comment=b"made of fox-pip.png"))

    assert reading.notes.names == ("fox-pip.png",)


@pytest.mark.parametrize(
    ("image", "flaw"),
    [
        (Image.new("RGB", (600, 600), "white"), Flaw.BLANK),
        (drawing(1).resize((90, 90)), Flaw.TINY),
        (drawing(1).resize((600, 600)).filter(ImageFilter.GaussianBlur(9)), Flaw.BLURRED),
        (drawing(1).resize((600, 600)), None),
    ],
)
async def test_ingest_remarks_what_is_wrong_with_a_picture(
    pictures: Pictures, image: Image.Image, flaw: Flaw | None
) -> None:
    source, _ = pictures.file("outputs/a.jpg", 1)

    reading = await pictures.take(ingest, source, _jpeg(image))

    assert [blemish.flaw for blemish in reading.blemishes] == ([flaw] if flaw else [])
