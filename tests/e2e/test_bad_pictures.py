"""Pictures that are none, or not whole: left out with a reason, while the good ones make their book."""

import os
from pathlib import Path

import pytest

from tests.e2e.books import assert_matches_manifest, places, record
from tests.e2e.running import make_book
from tests.e2e.sources import drawing, make_source


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book of a source in which much is not as it should be, beside nine good pictures."""
    root = tmp_path_factory.mktemp("spoilt")
    source = make_source(root / "source")
    inputs, outputs = source / "inputs", source / "outputs"
    drawing(7).save(inputs / "cut.jpg")
    (inputs / "cut.jpg").write_bytes((inputs / "cut.jpg").read_bytes()[:2000])
    (inputs / "nothing.png").write_bytes(b"")
    (inputs / "letter.jpg").write_text("Dear Grandma")
    (inputs / "notes.txt").write_text("not meant to be a picture")
    (inputs / "zz.png").write_bytes((inputs / "fish.png").read_bytes())
    (outputs / "fish.gif").write_bytes(b"GIF89a" + b"\xff" * 40)
    (outputs / "again.png").write_bytes((outputs / "sun-1.png").read_bytes())
    (outputs / "drawing-too.png").write_bytes((inputs / "sun.png").read_bytes())
    (inputs / "sun.png").rename(inputs / "sun.jpg")
    (inputs / "house.png").rename(inputs / "house")
    (inputs / "deep" / "down").mkdir(parents=True)
    (inputs / "fish.png").rename(inputs / "deep" / "down" / "fish.PNG")
    _hide(root, inputs)
    ended = make_book(source, "--out", root / "books")
    assert ended.code == 3, ended.err
    assert ended.status["status"] == "partial"
    return ended.book


def _hide(root: Path, inputs: Path) -> None:
    """Lay what is passed over among the drawings."""
    (root / "outside").mkdir()
    drawing(20).save(root / "outside" / "secret.png")
    (inputs / "link.png").symlink_to(root / "outside" / "secret.png")
    (inputs / "linked").symlink_to(root / "outside")
    (inputs / "round").symlink_to(inputs)
    (inputs / "gone.png").symlink_to(root / "nowhere.png")
    (inputs / "device.png").symlink_to("/dev/zero")
    os.mkfifo(inputs / "pipe.png")
    os.mkfifo(inputs / "pipe")
    drawing(21).save(inputs / ".hidden.png")
    (inputs / ".thumbs").mkdir()
    drawing(22).save(inputs / ".thumbs" / "small.png")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("inputs/sun.jpg", "page"),
        ("inputs/house", "page"),
        ("inputs/deep/down/fish.PNG", "page"),
        ("inputs/cut.jpg", "truncated"),
        ("inputs/nothing.png", "empty"),
        ("inputs/letter.jpg", "not-a-picture"),
        ("inputs/zz.png", "same-as"),
        ("outputs/again.png", "page"),
        ("outputs/sun-1.png", "same-as"),
        ("outputs/drawing-too.png", "page"),
    ],
)
def test_a_picture_ends_where_it_should_when_others_are_spoilt(spoilt: Path, path: str, place: str) -> None:
    assert places(spoilt)[path] == place


def test_a_damaged_picture_is_left_out_whatever_it_claims_to_be(spoilt: Path) -> None:
    assert places(spoilt)["outputs/fish.gif"] in {"truncated", "unsupported"}


def test_links_pipes_devices_and_hidden_files_are_passed_over(spoilt: Path) -> None:
    names = {Path(path).name for path in places(spoilt)}

    assert names.isdisjoint(
        {"link.png", "secret.png", "gone.png", "device.png", "pipe.png", "pipe", ".hidden.png", "small.png"}
    )
    assert len(names) == 3 + 4 + 6 + 3


def test_every_omission_says_why_in_words(spoilt: Path) -> None:
    said = {omission["path"]: omission["detail"] for omission in record(spoilt)["omitted"]}

    assert said["inputs/zz.png"] == "the same picture as inputs/deep/down/fish.PNG"
    assert all(len(detail) > 10 for detail in said.values())
    assert_matches_manifest(spoilt)


def test_a_picture_is_left_out_when_it_is_over_a_limit(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing(8).resize((900, 900)).save(source / "inputs" / "wide.png")
    drawing(9).save(source / "inputs" / "heavy.bmp")
    monkeypatch.setenv("DOODLEBOUND_MAX_PICTURE_PIXELS", "100000")
    monkeypatch.setenv("DOODLEBOUND_MAX_PICTURE_BYTES", "100000")

    ended = make_book(source)

    assert ended.code == 3
    assert {path: place for path, place in places(ended.book).items() if place != "page"} == {
        "inputs/wide.png": "too-large",
        "inputs/heavy.bmp": "too-large",
    }


def test_pairs_over_the_limit_of_pages_are_left_out_and_said_so(source: Path) -> None:
    ended = make_book(source, "--max-pages", "2")

    assert ended.code == 3
    assert ended.status["pages"] == 2
    assert sorted(places(ended.book).values()) == ["over-limit"] * 3 + ["page"] * 6
