"""Sources that no book can be made of: one sentence that says what to do, exit code 2, and nothing is written."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.running import make_book, run_child, run_main
from tests.e2e.sources import drawing, make_source


def _missing(source: Path) -> None:
    shutil.rmtree(source)


def _empty(source: Path) -> None:
    for heap in ("inputs", "outputs"):
        shutil.rmtree(source / heap)


def _a_file(source: Path) -> None:
    shutil.rmtree(source)
    source.write_text("not a folder")


def _a_pipe(source: Path) -> None:
    shutil.rmtree(source)
    os.mkfifo(source)


def _no_inputs(source: Path) -> None:
    shutil.rmtree(source / "inputs")


def _only_hidden_inputs(source: Path) -> None:
    (source / "inputs").rename(source / ".inputs")
    (source / "inputs").mkdir()
    (source / ".inputs").rename(source / "inputs" / ".hidden")


def _linked_inputs(source: Path) -> None:
    (source / "inputs").rename(source.parent / "elsewhere")
    (source / "inputs").symlink_to(source.parent / "elsewhere")


def _no_outputs(source: Path) -> None:
    shutil.rmtree(source / "outputs")
    (source / "outputs").mkdir()


def _outputs_are_a_file(source: Path) -> None:
    shutil.rmtree(source / "outputs")
    (source / "outputs").write_text("")


def _outputs_are_a_pipe(source: Path) -> None:
    shutil.rmtree(source / "outputs")
    os.mkfifo(source / "outputs")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_missing, ("is not there", "inputs/", "outputs/")),
        (_empty, ("is empty", "put drawings into inputs/")),
        (_a_file, ("is a file", "give the folder")),
        (_a_pipe, ("is a file", "give the folder")),
        (_no_inputs, ("no drawing in", "put the child's pictures there")),
        (_only_hidden_inputs, ("no drawing in", "put the child's pictures there")),
        (_linked_inputs, ("inputs is a link", "put the pictures themselves")),
        (_no_outputs, ("no rendering in", "image model", "prompt")),
        (_outputs_are_a_file, ("no rendering in", "image model")),
        (_outputs_are_a_pipe, ("no rendering in", "image model")),
    ],
)
def test_a_source_is_refused_in_one_sentence_when_there_is_nothing_to_make_a_book_of(
    source: Path, out: Path, spoil: Callable[[Path], None], said: tuple[str, ...]
) -> None:
    spoil(source)

    ended = make_book(source)

    assert ended.code == 2
    assert all(part in ended.complaint for part in said), ended.complaint
    assert str(source) in ended.complaint
    assert ended.status == {
        "status": "failed",
        "book": None,
        "uploaded": None,
        "run": None,
        "error": ended.complaint,
        "pages": 0,
        "omitted": 0,
        "unpaired": 0,
        "flagged": 0,
    }
    assert not out.exists()


@pytest.mark.parametrize("name", ["x" * 300, "a/" * 2100, "a\nb\x1b[31mc", "\udcff\udcfe", "-dash", "\u202egnp"])
def test_a_source_is_refused_in_one_sentence_when_its_name_is_strange(name: str) -> None:
    ended = make_book(Path(name))

    assert ended.code == 2
    assert "\x1b" not in ended.err
    assert "\u202e" not in ended.err
    assert ended.complaint


def test_a_source_with_a_leading_dash_is_taken_after_two_dashes(tmp_path: Path) -> None:
    make_source(tmp_path / "-pictures")

    ended = run_main("make", "--formats", "html", "--json", "--", "-pictures")

    assert ended.code == 0
    assert ended.status["pages"] == 3


@pytest.mark.parametrize("heap", ["inputs", "outputs"])
def test_a_source_is_refused_when_no_picture_of_a_heap_can_be_read(source: Path, out: Path, heap: str) -> None:
    for path in (source / heap).iterdir():
        path.write_bytes(path.read_bytes()[:60])

    ended = make_book(source)

    assert ended.code == 2
    assert "can be read" in ended.complaint
    assert f"{heap}/fish" in ended.complaint
    assert [path.name for path in out.iterdir()] == [".doodlebound"]


def test_a_source_is_refused_when_it_holds_more_pictures_than_the_limit(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOODLEBOUND_MAX_PICTURES", "8")

    ended = make_book(source)

    assert ended.code == 2
    assert "9 pictures" in ended.complaint
    assert "DOODLEBOUND_MAX_PICTURES" in ended.complaint


@pytest.mark.parametrize(
    ("inputs", "outputs"), [("inputs", "inputs/"), ("inputs", "inputs/done"), ("outputs/../outputs", "x"), ("/", "x")]
)
def test_prefixes_are_refused_when_they_are_not_two_folders_below_the_source(
    source: Path, inputs: str, outputs: str
) -> None:
    ended = make_book(source, "--input-prefix", inputs, "--output-prefix", outputs)

    assert ended.code == 2
    assert "prefix" in ended.complaint


@pytest.mark.parametrize("closed", ["", "inputs", "inputs/more", "outputs"])
def test_a_source_is_refused_when_a_folder_of_it_cannot_be_read(
    source: Path, tmp_path: Path, common_user: list[str], closed: str
) -> None:
    (source / "inputs" / "more").mkdir()
    (source / closed).chmod(0)

    ended = run_child("make", source, "--quiet", cwd=tmp_path, before=common_user)

    assert ended.code == 2
    assert str(source / closed) in ended.complaint
    assert "cannot be read" in ended.complaint
    assert "permissions" in ended.complaint


def test_a_picture_is_omitted_when_it_cannot_be_read(source: Path, tmp_path: Path, common_user: list[str]) -> None:
    (source / "inputs" / "fish.png").chmod(0)
    (source / "inputs" / "house.png").rename(source / "inputs" / "house")
    (source / "inputs" / "house").chmod(0)

    ended = run_child("make", source, "--formats=html", "--json", "--quiet", cwd=tmp_path, before=common_user)

    assert ended.code == 3
    assert (ended.status["pages"], ended.status["omitted"]) == (1, 1)


def test_a_book_is_made_when_there_is_one_drawing_only(tmp_path: Path) -> None:
    ended = make_book(make_source(tmp_path / "one", names=["fish"], renderings=1))

    assert ended.code == 0
    assert (ended.status["pages"], ended.status["unpaired"]) == (1, 0)


def test_a_book_is_made_when_there_are_fewer_renderings_than_drawings(source: Path) -> None:
    for path in (source / "outputs").iterdir():
        if path.name != "fish-1.png":
            path.unlink()
    drawing(9).save(source / "inputs" / "nine.png")

    ended = make_book(source)

    assert ended.code == 0
    assert (ended.status["pages"], ended.status["unpaired"]) == (1, 3)
