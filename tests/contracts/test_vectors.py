"""The contract of the index of vectors, on every implementation of it: in memory, on a server, and on one that is not
there, in whose place the memory answers."""

import re
from collections.abc import AsyncIterator

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.services.ports import Gallery, Place, Vectors
from agents.services.qdrant_memory import MemoryVectors
from registry import ThreadPool
from tests.agents.services.qdrants import qdrant_at
from tests.peers.qdrant import Qdrant
from tests.peers.serving import served

DIMENSIONS = 1536


@pytest.fixture(params=["memory", "server", "lost server"])
async def vectors(request: pytest.FixtureRequest) -> AsyncIterator[Vectors]:
    if request.param == "memory":
        yield MemoryVectors(ThreadPool(1).run)
        return
    with served(Qdrant()) as here:
        address = here.url
        if request.param == "server":
            async with qdrant_at(address) as index:
                yield index
                await index.settled()
                assert index.faults == []
    if request.param == "lost server":
        async with qdrant_at(address) as index:
            yield index


@pytest.fixture
def gallery(vectors: Gallery) -> Gallery:
    return vectors


def _points(count: int, seed: int = 0) -> NDArray[np.float32]:
    points = np.random.default_rng(seed).standard_normal((count, DIMENSIONS))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


def _names(count: int) -> list[str]:
    return [f"inputs/{number}.png" for number in range(count)]


async def test_vectors_find_what_is_indexed_best_first_with_its_cosine(vectors: Vectors) -> None:
    points, asked = _points(30), _points(4, seed=1)
    await vectors.index("drawings", _names(30), points)

    found = await vectors.search("drawings", asked, 30)

    assert len(found) == 4
    for hits, cosines in zip(found, asked @ points.T, strict=True):
        likeness = [hit.likeness for hit in hits]
        assert likeness == sorted(likeness, reverse=True)
        assert {hit.id for hit in hits} == set(_names(30))
        expected = dict(zip(_names(30), cosines.tolist(), strict=True))
        assert all(hit.likeness == pytest.approx(expected[hit.id], abs=1e-5) for hit in hits)


async def test_vectors_give_at_most_the_limit_and_at_most_what_there_is(vectors: Vectors) -> None:
    points = _points(5)
    await vectors.index("drawings", _names(5), points)

    assert [len(hits) for hits in await vectors.search("drawings", points, 2)] == [2] * 5
    assert [len(hits) for hits in await vectors.search("drawings", points, 50)] == [5] * 5


async def test_vectors_answer_many_questions_as_they_answer_few(vectors: Vectors) -> None:
    points, asked = _points(40), _points(70, seed=1)
    await vectors.index("drawings", _names(40), points)

    together = await vectors.search("drawings", asked, 7)
    singly = [(await vectors.search("drawings", asked[row : row + 1], 7))[0] for row in range(len(asked))]

    assert [[hit.id for hit in hits] for hits in together] == [[hit.id for hit in hits] for hits in singly]
    assert [hit.likeness for hit in together[3]] == pytest.approx([hit.likeness for hit in singly[3]], abs=1e-5)


async def test_vectors_hold_exactly_what_was_indexed_last(vectors: Vectors) -> None:
    await vectors.index("drawings", _names(9), _points(9))
    await vectors.index("drawings", ["new"], _points(1, seed=2))

    (hits,) = await vectors.search("drawings", _points(1), 9)

    assert [hit.id for hit in hits] == ["new"]


async def test_vectors_keep_collections_apart(vectors: Vectors) -> None:
    await vectors.index("one", ["a"], _points(1))
    await vectors.index("two", ["b"], _points(1))

    assert [hit.id for hit in (await vectors.search("one", _points(1), 5))[0]] == ["a"]
    assert [hit.id for hit in (await vectors.search("two", _points(1), 5))[0]] == ["b"]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250])
async def test_vectors_hold_every_point_however_many_there_are(vectors: Vectors, count: int) -> None:
    points = _points(count)
    await vectors.index("drawings", _names(count), points)

    found = await vectors.search("drawings", points, 1)

    assert [hits[0].id for hits in found] == _names(count)
    assert all(hits[0].likeness == pytest.approx(1, abs=1e-5) for hits in found)


async def test_vectors_take_any_text_for_an_id(vectors: Vectors) -> None:
    names = ["a", "a|mirrored", "inputs/ü 🦕\n.png", " ", "x" * 300, "caf\ufffd.png"]
    await vectors.index("drawings", names, _points(6))

    found = await vectors.search("drawings", _points(6), 1)

    assert [hits[0].id for hits in found] == names


async def test_vectors_say_which_implementation_they_are(vectors: Vectors) -> None:
    assert re.fullmatch(r"[a-z]+/\d+", vectors.identity)


# Pictures of all books


def _places(count: int, source: str = "/pictures/one") -> list[Place]:
    return [
        Place(f"{number:064x}", f"inputs/ü {number}.png", "input", source, "run-1", "A Day") for number in range(count)
    ]


async def test_a_gallery_finds_the_nearest_of_all_that_was_kept_best_first(gallery: Gallery) -> None:
    points, (asked,) = _points(70), _points(1, seed=1)
    first, second = _places(40), _places(30, source="gs://bucket/two")
    await gallery.keep("offline/2", first, points[:40])
    await gallery.keep("offline/2", second, points[40:])

    found = await gallery.nearest("offline/2", asked, 70)

    cosines = points @ asked
    assert [one.likeness for one in found] == pytest.approx(sorted(cosines, reverse=True), abs=1e-5)
    assert [one.place for one in found] == [[*first, *second][index] for index in np.argsort(-cosines)]
    assert len(await gallery.nearest("offline/2", asked, 3)) == 3


async def test_a_gallery_holds_a_picture_at_its_place_once_and_as_it_was_kept_last(gallery: Gallery) -> None:
    (place,), (point,) = _places(1), _points(1)
    later = Place(place.digest, place.path, place.heap, place.source, "run-2", "Another Day")
    await gallery.keep("offline/2", [place], point[None])
    await gallery.keep("offline/2", [later], point[None])

    assert [one.place for one in await gallery.nearest("offline/2", point, 9)] == [later]


async def test_a_gallery_keeps_kinds_apart_and_finds_nothing_of_one_that_nobody_kept(gallery: Gallery) -> None:
    (point,) = _points(1)
    await gallery.keep("offline/2", _places(1), point[None])

    assert await gallery.nearest("openai:model/1", point, 5) == []
