"""Runs afterwards: shown, taken up again, explained, forgotten."""

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.books import files, record
from tests.e2e.running import Ended, make_book, run_main
from tests.e2e.sources import make_source


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_source(tmp_path_factory.mktemp("pictures") / "source", names=["fish", "sun", "tree"], renderings=2)


@pytest.fixture
def source(pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(pictures, tmp_path / "source"))


def runs() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run_main("runs", "--json").out)
    return found


def why(run: str) -> dict[str, str]:
    """Step to what changed, of `plan --why`."""
    lines = run_main("plan", "--why", run).out.splitlines()
    return dict(line.strip().split(": ", 1) for line in lines[1:] if not line.startswith("  and of those"))


def steps(book: Path, outcome: str) -> dict[str, int]:
    figures = json.loads((book / "report.json").read_text("utf-8"))["steps_total"]
    return {role: counts[outcome] for role, counts in figures.items() if outcome in counts}


def test_runs_are_listed_the_newest_first_with_state_and_progress(source: Path) -> None:
    first, second = make_book(source, "--title", "One"), make_book(source, "--title", "Two")

    assert [run["run"] for run in runs()] == [second.status["run"], first.status["run"]]
    text = run_main("runs").out
    assert "complete" in text
    assert "Two" in text
    shown = run_main("show", str(second.status["run"])).out
    assert "bind" in shown
    assert json.loads(run_main("show", "--json", str(first.status["run"])).out)["state"] == "complete"


def test_nothing_is_to_be_resumed_when_all_runs_are_complete(source: Path) -> None:
    make_book(source)

    ended = run_main("resume")

    assert ended.code == 2
    assert "no run to resume" in ended.complaint


@pytest.mark.parametrize("words", [("runs",), ("show", "x"), ("resume",), ("prune",), ("plan", "--why", "x")])
def test_folder_without_a_store_is_one_sentence(source: Path, words: tuple[str, ...]) -> None:
    ended = run_main(*words, "--out", "nowhere")

    assert ended.code == 2
    assert "no book was ever made in nowhere" in ended.complaint
    assert not Path("nowhere").exists()


def test_unknown_run_is_one_sentence(source: Path) -> None:
    make_book(source)

    for words in (("show", "nope"), ("resume", "nope"), ("plan", "--why", "nope")):
        ended = run_main(*words)
        assert (ended.code, "'nope' is no run" in ended.complaint) == (2, True)


def test_nothing_is_done_again_when_nothing_changed(source: Path) -> None:
    first = make_book(source)

    again = make_book(source)

    assert why(str(first.status["run"])) == {}
    assert steps(again.book, "done") == {}


def test_changed_caption_redoes_its_page_and_the_book_and_nothing_else_of_the_pictures(source: Path) -> None:
    (source / "book.toml").write_text('[captions]\n"inputs/fish.png" = "A red fish"\n', "utf-8")
    first = make_book(source)
    (source / "book.toml").write_text('[captions]\n"inputs/fish.png" = "A blue fish"\n', "utf-8")

    changed = why(str(first.status["run"]))
    again = make_book(source)

    assert changed == {"sequence": "setting captions"}
    done, reused = steps(again.book, "done"), steps(again.book, "reused")
    assert {"ingest", "pair"} <= reused.keys()
    assert "ingest" not in done
    assert done["sequence"] == 1
    assert done["bind"] == 1


def test_changed_title_binds_the_book_again_and_little_else(source: Path) -> None:
    first = make_book(source, "--title", "One")

    again = make_book(source, "--title", "Two")

    done = steps(again.book, "done")
    assert "ingest" not in done
    assert "grid" not in done
    assert done["bind"] == 1
    assert first.book != again.book


def test_changed_picture_redoes_what_depends_on_it(source: Path, pictures: Path) -> None:
    first = make_book(source)
    shutil.copyfile(pictures / "inputs" / "sun.png", source / "inputs" / "extra.png")
    (source / "inputs" / "extra.png").write_bytes((pictures / "outputs" / "tree-1.png").read_bytes())

    changed = why(str(first.status["run"]))
    again = make_book(source)

    assert changed["ingest inputs/extra.png"] == "it was not done in that run"
    assert steps(again.book, "done")["ingest"] == 1
    assert steps(again.book, "reused")["ingest"] == 9


def test_fresh_run_ignores_the_store(source: Path) -> None:
    make_book(source)

    again = make_book(source, "--fresh")

    assert steps(again.book, "reused") == {}
    assert steps(again.book, "done")["ingest"] == 9


def test_second_book_of_the_same_pictures_takes_their_analyses_from_the_store(source: Path, tmp_path: Path) -> None:
    make_book(source)
    other = Path(shutil.copytree(source, tmp_path / "other"))

    second = make_book(other, "--title", "Other")

    assert steps(second.book, "reused")["ingest"] == 9


def test_pruning_forgets_old_runs_and_leaves_books_alone(source: Path) -> None:
    made = make_book(source)
    before = files(made.book)

    ended = run_main("prune", "--keep-days", "0")

    assert ended.code == 0
    assert "forgot 1 runs" in ended.out
    assert runs() == []
    assert files(made.book) == before
    assert not list(Path("books/.doodlebound/blobs").glob("*/*"))
    assert make_book(source).code == 0


def test_what_happened_to_the_source_since_is_said_on_resume(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partial = _partial(source)
    (source / "outputs" / "fish-1.png").unlink()
    (source / "inputs" / "broken.png").write_bytes((source / "inputs" / "sun.png").read_bytes())

    ended = run_main("resume", "--json")

    assert partial.code == 3
    assert "1 picture is changed: inputs/broken.png" in ended.err
    assert "1 picture is vanished: outputs/fish-1.png" in ended.err


def _partial(source: Path) -> Ended:
    """A book with a picture that cannot be read."""
    (source / "inputs" / "broken.png").write_bytes(b"no picture")
    return make_book(source)


def test_partial_book_is_replaced_by_the_whole_one_when_the_cause_is_gone(source: Path) -> None:
    partial = _partial(source)
    shutil.copyfile(source / "inputs" / "tree.png", source / "inputs" / "broken.png")
    (source / "inputs" / "broken.png").unlink()

    ended = run_main("resume", "--json", "--quiet")

    assert (partial.code, ended.code) == (3, 0)
    assert ended.book == partial.book
    assert record(ended.book)["omitted"] == []


def test_working_folder_is_kept_when_that_is_wanted(source: Path) -> None:
    kept = make_book(source, "--keep-work").status["run"]

    assert [path.name for path in Path("books/.doodlebound/work").iterdir()] == [kept]


def test_run_fails_when_fewer_pages_are_left_than_wanted(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOODLEBOUND_MIN_PAGES", "7")

    ended = make_book(source)

    assert ended.code == 1
    assert "only 3 of 3 pages could be made" in ended.complaint
    assert [path.name for path in Path("books").iterdir()] == [".doodlebound"]
    assert runs()[0]["state"] == "failed"
