"""Names that trip programs up: they come through into the book, and nothing in them is taken for more than a name."""

import os
import tomllib
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.e2e.books import assert_matches_manifest, places, record
from tests.e2e.running import make_book, run_main
from tests.e2e.sources import drawing, make_source

HOSTILE = (
    "two  words and 'quotes\" & more",
    "<script>alert(1)<‌script>",
    "{{ 7 * 7 }} ${x} %s \\n #set text(red)",
    "🦕 dino 🎨",
    "\u202eגנב\u200f קוף",
    "line\nbreak\tand\x1b[31mred\x07",
    "n" * 242,
    "-rf",
    "~",
    "A.b" + "C" * 20,
    "a.B" + "c" * 20,
    unicodedata.normalize("NFC", "Bär"),
    unicodedata.normalize("NFD", "Bär"),
)
NOT_UTF_8 = b"caf\xe9", b"caf\xe8"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The book of drawings and renderings with hostile names, and what was said to the person."""
    root = tmp_path_factory.mktemp("named")
    source = make_source(root / "source", names=HOSTILE, renderings=1)
    for number, raw in enumerate(NOT_UTF_8, start=90):
        for heap, style in (("inputs", 0), ("outputs", 1)):
            drawing(number, style).save(root / "plain.png")
            (root / "plain.png").rename(source / heap / os.fsdecode(raw + b".png"))
    ended = run_main("make", "--formats", "html", "--out", root / "books", "--title", "Names", source)
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    return root / "books" / "names", ended.out + ended.err


def test_every_picture_is_in_one_place_when_its_name_is_hostile(named: tuple[Path, str]) -> None:
    book, _ = named
    found = places(book)

    assert {f"inputs/{name}.png" for name in HOSTILE} < set(found)
    assert {f"outputs/{name}-1.png" for name in HOSTILE} < set(found)
    assert len(found) == 2 * (len(HOSTILE) + len(NOT_UTF_8))
    assert_matches_manifest(book)


def test_names_that_are_not_utf_8_are_written_with_marks_and_kept_apart(named: tuple[Path, str]) -> None:
    book, _ = named

    marked = sorted(path for path in places(book) if path.startswith("inputs/caf"))

    assert len(marked) == 2
    assert all(path.startswith("inputs/caf\ufffd.png") for path in marked)


class _Scripts(HTMLParser):
    """Collects the text of the scripts, and what can act among attributes and elements."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.acting: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_script = tag == "script"
        self.acting += [name for name, _ in attrs if name.startswith("on")]
        self.acting += [tag] if tag in ("iframe", "object", "embed", "base", "form") else []

    def handle_data(self, data: str) -> None:
        if self._is_script:
            self.scripts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._is_script = False


def test_no_name_becomes_a_part_of_the_page(named: tuple[Path, str]) -> None:
    book, _ = named
    seen = _Scripts()

    seen.feed((book / "book.html").read_text("utf-8"))

    assert "alert" not in "".join(seen.scripts)
    assert len(seen.scripts) <= 1
    assert not seen.acting


def test_what_people_see_holds_no_control_characters(named: tuple[Path, str]) -> None:
    _, said = named

    assert all(char.isprintable() or char == "\n" for char in said)


def test_the_files_of_the_book_are_named_plainly(named: tuple[Path, str]) -> None:
    book, _ = named

    assert all(path.name.isascii() and len(path.name) < 80 for path in book.rglob("*"))


def test_the_draft_holds_every_drawing_and_makes_the_same_book_when_it_is_laid_beside_it(
    named: tuple[Path, str],
) -> None:
    book, _ = named
    source = book.parent.parent / "source"
    draft = (book / "book.toml").read_text("utf-8")
    captions = tomllib.loads(draft)["captions"]
    (source / "book.toml").write_text(draft, "utf-8")

    ended = make_book(source, "--title", "Names", "--max-pages", "3")

    assert set(captions) == {path for path in places(book) if path.startswith("inputs/")}
    assert set(captions.values()) == {""}
    assert ended.code == 3
    assert not (ended.book / "book.toml").exists()


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("../../etc/passwd", "etc-passwd"),
        ("🦕🦕", "book"),
        ("  A\tDay\nOut  ", "a-day-out"),
        ("…", "book"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_title_comes_through_and_the_folder_is_named_plainly(source: Path, title: str, slug: str) -> None:
    (source / "inputs" / "sun.png").unlink()

    ended = make_book(source, "--title", title)

    assert ended.code == 0, ended.err
    assert ended.book == Path("books", slug)
    assert record(ended.book)["title"] == title.strip()
    assert "<script>alert" not in (ended.book / "book.html").read_text("utf-8")


def test_a_book_is_printed_when_its_words_hold_all_kinds_of_characters(source: Path) -> None:
    (source / "book.toml").write_text(
        'title = "#let x = 1 \\u0000 \\u001b[31m $a$ *b*"\nauthor = "\\u202e\\uFFFF\\U0001F995"\n'
        '[text]\n"inputs/sun.png" = "One.\\n\\nTwo #emph[three]. \\u0007"\n',
        "utf-8",
    )

    ended = run_main("make", "--json", source)

    assert ended.code == 0, ended.err
    assert (ended.book / "book.pdf").read_bytes().startswith(b"%PDF")
