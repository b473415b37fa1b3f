"""A Qdrant server beside the book, and `similar`: pictures of all books that are like one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.books import lasting
from tests.e2e.running import make_book, run_main
from tests.e2e.sources import drawing, make_source
from tests.peers.faults import Reset, Rule, Status
from tests.peers.openai_faults import HTML
from tests.peers.proxy import Proxy, proxied
from tests.peers.qdrant import Collection, Qdrant
from tests.peers.serving import Served, served

GALLERY, DRAWINGS = "doodlebound-pictures-offline-2-1536", "doodlebound-drawings-1536"


@pytest.fixture
def peer() -> Qdrant:
    return Qdrant()


@pytest.fixture
def here(peer: Qdrant) -> Iterator[Served]:
    with served(peer) as served_here:
        yield served_here


@pytest.fixture
def proxy(here: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The way to the server, which the settings name."""
    with proxied(here.url) as before:
        monkeypatch.setenv("DOODLEBOUND_VECTORS", "qdrant")
        monkeypatch.setenv("QDRANT_URL", before.url)
        yield before


def _similar(picture: Path, *more: str) -> Any:
    ended = run_main("similar", picture, "--json", *more)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def _paths(told: Any) -> list[str]:
    return [one["path"] for one in told["neighbours"]]


def test_a_book_has_the_same_bytes_whether_the_server_answers_or_not(source: Path, peer: Qdrant, proxy: Proxy) -> None:
    with_server = make_book(source, "--out", "a", "--fresh")
    kept, report = len(peer.collections[GALLERY].vectors), _report(with_server.book)
    proxy.now(Rule(Status(503)))
    without = make_book(source, "--out", "b", "--fresh")
    proxy.now(Rule((Status(500), Reset(), HTML), ratio=0.4, seed=3))
    flapping = make_book(source, "--out", "c", "--fresh")

    assert with_server.code == without.code == flapping.code == 0
    assert with_server.err.startswith("online: to Qdrant at http://127.0.0.1")
    assert lasting(with_server.book) == lasting(without.book) == lasting(flapping.book)
    assert kept == 9
    assert report["vectors"] == {"implementation": "qdrant", "kept": 9, "faults": []}
    assert "in trouble (503)" in _report(without.book)["vectors"]["faults"][0]
    assert "with the same result" in (without.book / "run.log.jsonl").read_text("utf-8")
    assert "vectors_told" not in (with_server.book / "run.log.jsonl").read_text("utf-8")
    assert peer.collections[DRAWINGS].vectors == {}, "nothing is left of the matching"


def test_calls_to_the_server_are_counted_as_the_server_counts_them(source: Path, proxy: Proxy) -> None:
    book = make_book(source).book

    assert sum(_report(book)["calls_total"]["qdrant"].values()) == len(proxy.log)


def test_a_server_of_other_dimensions_costs_no_book(source: Path, peer: Qdrant, proxy: Proxy) -> None:
    peer.collections |= {DRAWINGS: Collection(512), GALLERY: Collection(512)}

    ended = make_book(source)

    assert ended.code == 0
    assert "is not for 1536 numbers" in _report(ended.book)["vectors"]["faults"][0]


def test_similar_finds_the_nearest_pictures_over_all_books(source: Path, tmp_path: Path) -> None:
    other = make_source(tmp_path / "other", names=("a", "b", "c", "d", "boat"))
    make_book(source, "--title", "One")
    make_book(other, "--title", "Two")
    drawing(4, 3).save(tmp_path / "asked.png")

    told = _similar(tmp_path / "asked.png", "--limit", "3")

    assert _paths(told)[0] in ("inputs/boat.png", "outputs/boat-1.png", "outputs/boat-2.png")
    assert {one["book"] for one in told["neighbours"]} <= {"One", "Two"}
    assert told["neighbours"][0]["source"] == str(other)
    assert len(told["neighbours"]) == 3
    assert told["compared"] == 9 + 15
    assert told["fault"] is None
    likeness = [one["likeness"] for one in told["neighbours"]]
    assert likeness == sorted(likeness, reverse=True)


def test_similar_knows_a_picture_of_a_book_again(source: Path) -> None:
    make_book(source)

    told = _similar(source / "inputs" / "sun.png")
    text = run_main("similar", source / "inputs" / "sun.png", "--limit", "2").out.splitlines()

    assert _paths(told)[:3] == ["inputs/sun.png", *sorted(_paths(told)[1:3], key=_paths(told).index)]
    assert {"outputs/sun-1.png", "outputs/sun-2.png"} == set(_paths(told)[1:3])
    assert told["neighbours"][0]["likeness"] == pytest.approx(1, abs=1e-3)
    assert text[0].split() == ["likeness", "picture", "book", "source"]
    assert text[1].split()[:2] == ["1.000", "inputs/sun.png"]
    assert len(text) == 3


def test_similar_shows_what_stood_at_a_place_last(source: Path) -> None:
    make_book(source)
    drawing(7).save(source / "inputs" / "sun.png")
    make_book(source)

    assert _paths(_similar(source / "inputs" / "sun.png"))[0] == "inputs/sun.png"
    assert len(_paths(_similar(source / "inputs" / "sun.png", "--limit", "99"))) == 9


def test_similar_finds_on_a_server_what_others_have_made(source: Path, tmp_path: Path, proxy: Proxy) -> None:
    make_book(source, "--out", "mine")
    make_book(make_source(tmp_path / "other", names=("a", "b", "c", "boat")), "--out", "theirs")
    drawing(3, 3).save(tmp_path / "asked.png")

    told = _similar(tmp_path / "asked.png", "--out", "mine", "--limit", "30")
    proxy.now(Rule(Status(503)))
    alone = _similar(tmp_path / "asked.png", "--out", "mine", "--limit", "30")

    assert _paths(told)[0] in ("inputs/boat.png", "outputs/boat-1.png", "outputs/boat-2.png")
    assert (told["compared"], len(told["neighbours"]), told["fault"]) == (9, 21, None)
    assert len(alone["neighbours"]) == 9
    assert "in trouble" in alone["fault"]


def test_similar_fills_a_server_that_was_away_from_the_journal(source: Path, peer: Qdrant, proxy: Proxy) -> None:
    proxy.now(Rule(Status(503)))
    make_book(source)
    assert GALLERY not in peer.collections
    proxy.now()

    told = _similar(source / "inputs" / "sun.png")

    assert len(peer.collections[GALLERY].vectors) == 9
    assert _paths(told)[0] == "inputs/sun.png"


@pytest.mark.parametrize(
    ("name", "said"), [("none.png", "cannot be read"), ("text.png", "no picture that can be read"), (".", "cannot be")]
)
def test_similar_refuses_what_is_no_picture(source: Path, tmp_path: Path, name: str, said: str) -> None:
    make_book(source)
    (tmp_path / "text.png").write_text("no picture")

    ended = run_main("similar", tmp_path / name)

    assert ended.code == 2
    assert said in ended.complaint


def test_similar_says_where_no_book_was_ever_made(source: Path) -> None:
    ended = run_main("similar", source / "inputs" / "sun.png", "--out", "nowhere")

    assert ended.code == 2
    assert "no book was ever made in nowhere" in ended.complaint


def test_similar_refuses_a_limit_that_is_no_number() -> None:
    assert run_main("similar", "x.png", "--limit", "0").code == 2
    assert run_main("similar", "x.png", "--limit", "-3").code == 2


def _report(book: Path) -> Any:
    return json.loads((book / "report.json").read_text("utf-8"))
