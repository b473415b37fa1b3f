"""The Qdrant peer, asked by the real client."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from tests.peers.qdrant import Qdrant
from tests.peers.serving import Served, served

SIZE = 8
COSINE = models.VectorParams(size=SIZE, distance=models.Distance.COSINE)


@pytest.fixture
def peer() -> Qdrant:
    return Qdrant()


@pytest.fixture
def here(peer: Qdrant) -> Iterator[Served]:
    with served(peer) as served_here:
        yield served_here


@pytest.fixture
async def client(here: Served) -> AsyncIterator[AsyncQdrantClient]:
    client = AsyncQdrantClient(url=here.url, timeout=10, check_compatibility=False)
    yield client
    await client.close()


def _id(number: int) -> str:
    return str(UUID(int=number))


def _points(count: int) -> tuple[NDArray[np.float32], list[models.PointStruct]]:
    vectors = np.random.default_rng(0).standard_normal((count, SIZE)).astype(np.float32)
    told = [
        models.PointStruct(id=_id(number), vector=vector.tolist(), payload={"group": str(number % 2), "at": number})
        for number, vector in enumerate(vectors)
    ]
    return vectors, told


async def test_a_collection_is_made_once_told_of_and_dropped(client: AsyncQdrantClient) -> None:
    assert not await client.collection_exists("one")
    assert await client.create_collection("one", vectors_config=COSINE)
    with pytest.raises(UnexpectedResponse) as caught:
        await client.create_collection("one", vectors_config=COSINE)
    info = await client.get_collection("one")

    assert caught.value.status_code == 409
    assert await client.collection_exists("one")
    assert isinstance(info.config.params.vectors, models.VectorParams)
    assert info.config.params.vectors.size == SIZE
    assert [one.name for one in (await client.get_collections()).collections] == ["one"]
    assert await client.delete_collection("one")
    assert not await client.collection_exists("one")


async def test_points_are_found_by_their_cosine_best_first(client: AsyncQdrantClient) -> None:
    vectors, points = _points(20)
    await client.create_collection("one", vectors_config=COSINE)
    await client.upsert("one", points)

    (answer,) = await client.query_batch_points(
        "one", [models.QueryRequest(query=vectors[3].tolist(), limit=5, with_payload=True)]
    )
    alone = await client.query_points("one", query=vectors[3].tolist(), limit=5, with_vectors=True)

    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    best = np.argsort(-(unit @ unit[3]))[:5]
    assert [point.id for point in answer.points] == [point.id for point in alone.points] == [_id(n) for n in best]
    assert answer.points[0].score == pytest.approx(1)
    assert answer.points[0].payload == {"group": "1", "at": 3}
    assert np.allclose(np.asarray(alone.points[0].vector), unit[3], atol=1e-6)


async def test_filters_choose_points_to_find_to_count_and_to_delete(client: AsyncQdrantClient) -> None:
    vectors, points = _points(10)
    await client.create_collection("one", vectors_config=COSINE)
    await client.create_payload_index("one", "group", models.PayloadSchemaType.KEYWORD)
    await client.upsert("one", points)
    odd = models.FieldCondition(key="group", match=models.MatchValue(value="1"))
    old = models.FieldCondition(key="at", range=models.Range(lt=4))

    found = await client.query_points("one", query=vectors[0].tolist(), query_filter=models.Filter(must=[odd, old]))
    assert {point.id for point in found.points} == {_id(1), _id(3)}
    assert (await client.count("one", models.Filter(should=[odd, old]))).count == 7
    assert (await client.count("one", models.Filter(must_not=[odd]))).count == 5

    await client.delete("one", models.FilterSelector(filter=models.Filter(should=[odd, old])))
    assert (await client.count("one")).count == 3
    await client.delete("one", models.PointIdsList(points=[_id(4)]))
    assert {point.id for point in await client.retrieve("one", [_id(4), _id(6), _id(8)])} == {_id(6), _id(8)}


async def test_points_are_scrolled_through_page_by_page(client: AsyncQdrantClient) -> None:
    await client.create_collection("one", vectors_config=COSINE)
    await client.upsert("one", _points(7)[1])

    first, offset = await client.scroll("one", limit=5)
    rest, end = await client.scroll("one", limit=5, offset=offset)

    assert [point.id for point in (*first, *rest)] == [_id(number) for number in range(7)]
    assert end is None


@pytest.mark.parametrize("size", [3, 1536])
async def test_vectors_of_another_length_are_refused_and_nothing_is_put(
    client: AsyncQdrantClient, peer: Qdrant, size: int
) -> None:
    await client.create_collection("one", vectors_config=COSINE)

    with pytest.raises(UnexpectedResponse, match="expected dim: 8") as caught:
        await client.upsert("one", [*_points(2)[1], models.PointStruct(id=9, vector=[0.5] * size)])

    assert caught.value.status_code == 400
    assert peer.collections["one"].vectors == {}


async def test_what_is_not_there_is_not_found_and_a_wrong_key_is_refused(
    client: AsyncQdrantClient, peer: Qdrant
) -> None:
    with pytest.raises(UnexpectedResponse, match="Not found: Collection") as missing:
        await client.upsert("one", _points(1)[1])
    peer.key = "right"
    with pytest.raises(UnexpectedResponse) as refused:
        await client.get_collections()

    assert (missing.value.status_code, refused.value.status_code) == (404, 401)
