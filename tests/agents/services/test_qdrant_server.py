"""The index on a Qdrant server when the server fails: the answer is the same, and the failure is said once."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.ingest import ingest
from agents.pair import pair
from agents.services.errors import ServiceError
from agents.services.ports import Place, Vectors
from agents.services.qdrant_calls import POLICY
from agents.services.qdrant_memory import MemoryVectors
from agents.services.qdrant_server import QdrantVectors
from registry import ThreadPool
from swarm.events import CallEnded
from tests.agents.hands import Pictures, gathered, hand
from tests.agents.services.qdrants import NOW_S, qdrant_at
from tests.peers.faults import Drip, Fault, Reset, Rule, Slow, Status, Truncate
from tests.peers.openai_faults import BARE, EMPTY, HTML, NO_JSON
from tests.peers.proxy import proxied
from tests.peers.qdrant import Collection, Qdrant
from tests.peers.serving import Served, served

SIZE = 1536
BRISK = replace(POLICY, attempt_s=0.25, breaker_failures=1000)
DRAWINGS = f"doodlebound-drawings-{SIZE}"


@pytest.fixture
def peer() -> Qdrant:
    return Qdrant()


@pytest.fixture
def here(peer: Qdrant) -> Iterator[Served]:
    with served(peer) as served_here:
        yield served_here


def _points(count: int, seed: int = 0) -> NDArray[np.float32]:
    points = np.random.default_rng(seed).standard_normal((count, SIZE))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


async def _found(vectors: MemoryVectors | QdrantVectors) -> list[list[tuple[str, float]]]:
    points = _points(40)
    await vectors.index("drawings-run-1", [f"p{number}" for number in range(40)], points)
    hits = await vectors.search("drawings-run-1", _points(5, seed=1), 9)
    await vectors.settled()
    return [[(hit.id, hit.likeness) for hit in row] for row in hits]


@pytest.fixture
async def right() -> list[list[tuple[str, float]]]:
    """What is found without a server."""
    return await _found(MemoryVectors(ThreadPool(1).run))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Status(500), r"is in trouble \(500\)"),
        (Status(503), r"is in trouble \(503\)"),
        (Status(429), "too much to do"),
        (Status(429, headers=(("retry-after", "0"),)), "too much to do"),
        (Status(429, headers=(("retry-after", "soon"),)), "no answer"),
        (Status(401), "refuses the key .401.: mend QDRANT_API_KEY"),
        (Status(403), "refuses the key"),
        (Status(400), "will have none of this request"),
        (Status(404), "no such collection"),
        (HTML, "no answer"),
        (NO_JSON, "no answer"),
        (BARE, "no answer"),
        (EMPTY, "no answer"),
        (Reset(), "cannot be reached: start it, or mend QDRANT_URL"),
        (Reset(0.5), "cannot be reached"),
        (Truncate(), "cannot be reached"),
        (Truncate(is_hidden=True), "no answer"),
        (Slow(2), "too slow|did not answer within"),
        (Drip(4), "too slow|did not answer within"),
    ],
)
async def test_a_failing_server_changes_no_answer_and_is_told_of_once(
    here: Served, right: object, fault: Fault, said: str
) -> None:
    policy = BRISK if isinstance(fault, Slow | Drip) else None
    with proxied(here.url, Rule(fault)) as proxy:
        async with qdrant_at(proxy.url, policy=policy) as vectors:
            assert await _found(vectors) == right

    assert len(vectors.told) == 1
    assert "in this process, with the same result" in vectors.told[0]
    assert re.search(said, vectors.told[0])
    assert vectors.fault in vectors.faults


async def test_a_server_that_is_not_there_changes_no_answer(right: object) -> None:
    with served(Qdrant()) as gone:
        address = gone.url
    async with qdrant_at(address) as vectors:
        assert await _found(vectors) == right

    assert "cannot be reached" in vectors.fault
    ended = [event for event in vectors.events if isinstance(event, CallEnded)]
    assert {event.outcome for event in ended} == {"lost"}
    assert len(ended) <= 3 * POLICY.max_attempts


@pytest.mark.parametrize("ratio", [0.1, 0.3, 0.5])
async def test_a_flapping_server_changes_no_answer_and_attempts_stay_few(
    here: Served, right: object, ratio: float
) -> None:
    faults = (Status(503), Reset(), HTML, Truncate())
    with proxied(here.url, Rule(faults, ratio=ratio, seed=7)) as proxy:
        async with qdrant_at(proxy.url) as vectors:
            assert await _found(vectors) == right

    assert len(proxy.log) < 60


async def test_a_healthy_server_is_asked_and_believed(here: Served, peer: Qdrant, right: object) -> None:
    async with qdrant_at(here.url) as vectors:
        assert await _found(vectors) == right
        assert len(peer.collections[DRAWINGS].vectors) == 40

    assert vectors.told == vectors.faults == []
    assert all(exchange.status in (200, 404) for exchange in here.log)
    assert [exchange.status for exchange in here.log].count(404) <= 3, "the collection was not there at first"


async def test_answers_never_wait_for_the_server(here: Served, right: object) -> None:
    with proxied(here.url, Rule(Slow(600))) as proxy:
        async with qdrant_at(proxy.url) as vectors:
            points = _points(40)
            async with asyncio.timeout(60):
                await vectors.index("drawings-run-1", [f"p{number}" for number in range(40)], points)
                hits = await vectors.search("drawings-run-1", _points(5, seed=1), 9)

    assert [[(hit.id, hit.likeness) for hit in row] for row in hits] == right


async def test_points_of_a_book_are_gone_when_it_is_done_and_those_of_dead_runs_a_day_later(
    here: Served, peer: Qdrant
) -> None:
    peer.collections[DRAWINGS] = Collection(SIZE)
    for number, age_s in enumerate((100, 90_000)):
        note = {"id": "old", "group": f"drawings-{number}", "at": NOW_S - age_s}
        peer.collections[DRAWINGS].put([{"id": number, "vector": [1.0] * SIZE, "payload": note}])

    async with qdrant_at(here.url) as vectors:
        await _found(vectors)

    assert list(peer.collections[DRAWINGS].vectors) == ["0"]


@pytest.mark.parametrize(
    "hurt",
    [
        lambda peer: peer.collections.clear(),
        lambda peer: peer.collections.update({DRAWINGS: Collection(SIZE)}),
        lambda peer: [peer.collections[DRAWINGS].payloads.popitem() for _ in range(30)],
    ],
    ids=["dropped", "emptied", "half lost"],
)
async def test_a_server_that_lost_what_it_had_is_filled_anew(
    here: Served, peer: Qdrant, hurt: Callable[[Qdrant], Any]
) -> None:
    points = _points(40)
    async with qdrant_at(here.url) as vectors:
        await vectors.index("drawings-1", [str(number) for number in range(40)], points)
        await vectors.settled()
        hurt(peer)
        found = await vectors.search("drawings-1", points, 1)
        await vectors.settled()
        assert len(peer.collections[DRAWINGS].payloads) == 40

    assert [hits[0].id for hits in found] == [str(number) for number in range(40)]
    assert vectors.told == []


async def test_a_collection_of_other_dimensions_is_said_and_changes_no_answer(
    here: Served, peer: Qdrant, right: object
) -> None:
    peer.collections[DRAWINGS] = Collection(8)

    async with qdrant_at(here.url) as vectors:
        assert await _found(vectors) == right

    assert "is not for 1536 numbers compared by cosine: remove it there" in vectors.told[0]


async def test_a_server_that_lies_is_found_out(here: Served, peer: Qdrant, right: object) -> None:
    class Liar(Collection):
        def nearest(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
            return super().nearest(asked)[::-1]

    peer.collections[DRAWINGS] = Liar(SIZE)

    async with qdrant_at(here.url) as vectors:
        assert await _found(vectors) == right

    assert "gives other neighbours than there are" in vectors.told[0]


async def test_a_server_that_is_back_is_filled_and_said_to_be_back(here: Served, peer: Qdrant, right: object) -> None:
    with proxied(here.url, Rule(Status(503))) as proxy:
        async with qdrant_at(proxy.url) as vectors:
            await vectors.index("drawings-run-1", [f"p{number}" for number in range(40)], _points(40))
            await vectors.settled()
            assert vectors.fault
            proxy.now()
            hits = await vectors.search("drawings-run-1", _points(5, seed=1), 9)
            await vectors.settled()
            assert not vectors.fault
            assert len(peer.collections[DRAWINGS].vectors) == 40

    assert [[(hit.id, hit.likeness) for hit in row] for row in hits] == right
    assert "is back" in vectors.told[1]
    assert len(vectors.told) == 2


async def test_the_gallery_is_filled_from_here_when_the_server_lost_it(here: Served, peer: Qdrant) -> None:
    places = [Place(f"{n:064x}", f"inputs/{n}.png", "input", "/pictures", "run", "Book") for n in range(3)]
    async with qdrant_at(here.url) as vectors:
        await vectors.keep("offline/2", places, _points(3))
        await vectors.settled()
        puts = sum("points?" in exchange.asked.target for exchange in here.log)
        await vectors.keep("offline/2", places, _points(3))
        await vectors.settled()
        assert sum("points?" in exchange.asked.target for exchange in here.log) == puts, "nothing is sent twice"
        peer.collections.clear()
        await vectors.keep("offline/2", places, _points(3))

    assert len(peer.collections[f"doodlebound-pictures-offline-2-{SIZE}"].vectors) == 3
    assert vectors.told == []


async def test_the_gallery_answers_from_here_when_the_server_did_not_take_what_is_here(here: Served) -> None:
    places = [Place(f"{n:064x}", f"inputs/{n}.png", "input", "/pictures", "run", "Book") for n in range(3)]
    with proxied(here.url, Rule(Status(503), path=r"/points\b(?!/query)")) as proxy:
        async with qdrant_at(proxy.url) as vectors:
            await vectors.keep("offline/2", places, _points(3))
            found = await vectors.nearest("offline/2", _points(3)[1], 1)

    assert [one.place for one in found] == [places[1]]
    assert "in trouble" in vectors.faults[0]


async def test_a_picture_that_somebody_else_noted_is_no_neighbour(here: Served, peer: Qdrant) -> None:
    foreign = peer.collections[f"doodlebound-pictures-offline-2-{SIZE}"] = Collection(SIZE)
    foreign.put([{"id": 1, "vector": _points(1)[0].tolist(), "payload": {"path": 5}}])

    async with qdrant_at(here.url) as vectors:
        assert await vectors.nearest("offline/2", _points(1)[0], 5) == []

    assert "not noted as ours" in vectors.told[0]


async def test_the_key_goes_to_the_server_and_nowhere_else(here: Served, peer: Qdrant) -> None:
    peer.key = "qdrant-planted"
    async with qdrant_at(here.url, key="qdrant-planted") as vectors:
        await _found(vectors)
        assert vectors.told == []
        assert "planted" not in repr(vectors._calls)
    async with qdrant_at(here.url, key="qdrant-wrong") as vectors:
        await _found(vectors)

    assert "refuses the key" in vectors.fault
    assert "qdrant-wrong" not in " ".join(vectors.told)


async def test_pairs_are_the_same_with_a_server_without_one_and_with_one_that_fails(
    here: Served, tmp_path: Path
) -> None:
    pictures = Pictures(tmp_path)
    items = {f"inputs/{'cab'[number]}.png": (number, 0) for number in range(3)}
    items |= {f"outputs/{style}{'xzy'[n]}.png": (n, style) for n in range(3) for style in (1, 2)}
    readings = {item: await pictures.read(ingest, item, *what) for item, what in items.items()}

    async def paired(vectors: Vectors) -> object:
        settings: dict[str, Any] = {"flag_below": 0.7, "pairs": {}, "ban": {}, "near_duplicates": "apart", "extras": {}}
        return await hand(pair, ingest=gathered(readings, None), vectors=vectors, **settings)

    alone = await paired(MemoryVectors(ThreadPool(1).run))
    async with qdrant_at(here.url) as vectors:
        assert await paired(vectors) == alone
        await vectors.settled()
        assert vectors.faults == []
    with proxied(here.url, Rule(Status(503))) as proxy:
        async with qdrant_at(proxy.url) as vectors:
            assert await paired(vectors) == alone
            await vectors.settled()
            assert vectors.faults


async def test_greeting_tells_of_a_server_that_does_not_answer(here: Served) -> None:
    async with qdrant_at(here.url) as vectors:
        assert await vectors._calls.greet() == 0
    with proxied(here.url, Rule(Status(500))) as proxy:
        async with qdrant_at(proxy.url) as vectors:
            with pytest.raises(ServiceError, match="in trouble"):
                await vectors._calls.greet()
