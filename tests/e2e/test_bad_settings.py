"""Settings that cannot be: refused before any work begins, in one sentence that names the setting and its origin."""

import os
from pathlib import Path

import pytest

from tests.e2e.running import make_book, run_child


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('title = "A\nage = 5', ("book.toml", "line 1, column 11")),
        ("title = 5", ("title must be a text in quotes",)),
        ('age = "five"', ("age must be a whole number",)),
        ("age = true", ("age must be a whole number",)),
        ("age = 99", ("age", "book.toml", "less than or equal to 7")),
        ('titel = "A"', ("unknown key 'titel'", "did you mean title?")),
        ('[caption]\n"inputs/sun.png" = "A"', ("unknown key 'caption'", "did you mean captions?")),
        ('[services]\nlangauge = "offline"', ("services.'langauge'", "did you mean language?")),
        ('[services]\nlanguage = "openal"', ("language", "book.toml", "not valid")),
        ("captions = 3", ("captions is a table: write [captions]",)),
        ("services = 3", ("services is a table: write [services]",)),
        ('[captions]\n"inputs/sun.png" = 3', ("captions.'inputs/sun.png'", "string")),
        ('[captions]\n"inputs/son.png" = "A"', ("'inputs/son.png'", "no drawing", "did you mean inputs/sun.png?")),
        ('[captions]\n"outputs/sun-1.png" = "A"', ("'outputs/sun-1.png'", "no drawing")),
        ('[text]\n"x.png" = "A"', ("[text]", "'x.png'", "no drawing", "below the source")),
        ('date = "yesterday"', ("date", "2026-05-01")),
        ("date = 2026-05-01T10:00:00", ("date", "2026-05-01")),
        ('language = "xx"', ("book_language", "must be en")),
        ("a = " + "[" * 3000, ("book.toml", "nests too deep")),
    ],
)
def test_book_toml_is_refused_in_one_sentence_when_it_is_wrong(
    source: Path, out: Path, toml: str, said: tuple[str, ...]
) -> None:
    (source / "book.toml").write_text(toml, "utf-8")

    ended = make_book(source)

    assert ended.code == 2
    assert all(part in ended.complaint for part in said), ended.complaint
    assert not out.exists()


def test_book_toml_is_refused_when_it_is_not_utf_8(source: Path) -> None:
    (source / "book.toml").write_bytes('title = "Bär"'.encode("latin-1"))

    ended = make_book(source)

    assert ended.code == 2
    assert "not UTF-8 text (byte 10)" in ended.complaint
    assert "save it as UTF-8" in ended.complaint


def test_book_toml_is_read_when_an_editor_put_a_byte_order_mark_before_it(source: Path) -> None:
    (source / "book.toml").write_bytes(b'\xef\xbb\xbftitle = "Mark"\r\nage = 6\r\n')

    assert make_book(source).book == Path("books/mark")


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_book_toml_is_refused_when_it_is_no_file(source: Path, kind: str) -> None:
    (source / "book.toml").mkdir() if kind == "folder" else os.mkfifo(source / "book.toml")

    ended = make_book(source)

    assert ended.code == 2
    assert "book.toml is no file" in ended.complaint


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("--age", "99", ("age (from flag)", "less than or equal to 7")),
        ("--age", "2", ("age (from flag)", "greater than or equal to 3")),
        ("--age", "x", ("age (from flag)", "valid integer")),
        ("--age", "", ("age (from flag)", "valid integer")),
        ("--formats", "foo", ("formats", "(from flag)", "'html'", "'pdf'")),
        ("--formats", ",", ("formats", "(from flag)")),
        ("--seed", "-1", ("seed (from flag)", "greater than or equal to 0")),
        ("--seed", "9" * 5000, ("seed (from flag)",)),
        ("--max-pages", "0", ("max_pages (from flag)", "greater than or equal to 1")),
        ("--monitor", "99999", ("monitor (from flag)", "65535")),
        ("--title", "t" * 201, ("title (from flag)", "200")),
        ("--title", "\udcff", ("title (from flag)", "not valid")),
        ("--out", "", ("out (from flag)",)),
        ("--out", "\udcff", ("out (from flag)", "not valid")),
        ("--input-prefix", "../elsewhere", ("input_prefix (from flag)", "below the source")),
    ],
)
def test_a_flag_is_refused_in_one_sentence_when_its_value_cannot_be(
    source: Path, out: Path, flag: str, value: str, said: tuple[str, ...]
) -> None:
    ended = make_book(source, f"{flag}={value}")

    assert ended.code == 2
    assert all(part in ended.complaint for part in said), ended.complaint
    assert ended.status["error"]
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DOODLEBOUND_AGES", "5", ("DOODLEBOUND_AGES", "did you mean age?", "unset it")),
        ("DOODLEBOUND_CAPTIONS", "5", ("DOODLEBOUND_CAPTIONS", "unset it")),
        ("DOODLEBOUND_AGE", "old", ("age (from environment)", "integer")),
        ("DOODLEBOUND_STRICT", "maybe", ("strict (from environment)", "boolean")),
        ("SOURCE_DATE_EPOCH", "now", ("SOURCE_DATE_EPOCH", "seconds since 1970")),
        ("SOURCE_DATE_EPOCH", "9" * 30, ("SOURCE_DATE_EPOCH", "seconds since 1970")),
    ],
)
def test_a_variable_is_refused_in_one_sentence_when_it_cannot_be(
    source: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: tuple[str, ...]
) -> None:
    monkeypatch.setenv(name, value)

    ended = make_book(source)

    assert ended.code == 2
    assert all(part in ended.complaint for part in said), ended.complaint


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DOODLEBOUND_LANGUAGE": "openai"}, "language is openai, and there is no key"),
        ({"DOODLEBOUND_VECTORS": "qdrant"}, "vectors is qdrant, and there is no server"),
        ({"DOODLEBOUND_VECTORS": "qdrant", "QDRANT_URL": "localhost"}, "QDRANT_URL must be an address"),
        ({"DOODLEBOUND_MAX_CALLS": "0"}, "max_calls (from environment)"),
    ],
)
def test_services_are_refused_before_any_work_when_they_cannot_be_used(
    source: Path, out: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    ended = make_book(source)

    assert ended.code == 2
    assert said in ended.complaint
    assert not out.exists()


def test_the_command_line_is_refused_when_it_holds_bytes_that_are_no_text(source: Path, tmp_path: Path) -> None:
    ended = run_child("make", "--json", b"--author=\xff", source, cwd=tmp_path)

    assert ended.code == 2
    assert "author" in ended.complaint
    assert ended.status["status"] == "failed"


@pytest.mark.parametrize("words", [["nonsense"], ["make"], ["make", "a", "b"], ["make", "a", "--titel=x"], ["--nope"]])
def test_the_command_line_is_refused_when_it_is_not_understood(tmp_path: Path, words: list[str]) -> None:
    ended = run_child(*words, cwd=tmp_path)

    assert ended.code == 2
    assert "usage: doodlebound" in ended.err
    assert "Traceback" not in ended.err
