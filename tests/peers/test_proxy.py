"""The frame of the peers: what is asked arrives as it was sent, and what goes wrong goes wrong as the rules say."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from tests.peers.faults import Corrupt, Fault, Reset, Rule, Slow, Status, Truncate
from tests.peers.proxy import Proxy, proxied
from tests.peers.serving import Answer, Asked, served


class Echo:
    """Tells what it was asked."""

    async def answer(self, asked: Asked) -> Answer:
        """The request."""
        return Answer.of({"target": asked.target, "path": asked.path, "query": asked.query, "bytes": len(asked.body)})


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with served(Echo()) as peer, proxied(peer.url) as proxy:
        yield proxy


def _statuses(proxy: Proxy, count: int) -> list[int]:
    return [requests.get(proxy.url, timeout=20).status_code for _ in range(count)]


@pytest.mark.parametrize("target", ["/b/../x", "/o/..%2F..%2Fx%0A%00?alt=media&x=%2B+", "/a//b/./c", "/%F0%9F%98%80"])
def test_paths_are_forwarded_untouched(proxy: Proxy, target: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc)
    connection.request("GET", target)
    told = json.loads(connection.getresponse().read())
    connection.close()

    assert told["target"] == target == proxy.log[0].asked.target


def test_bodies_of_any_size_are_forwarded(proxy: Proxy) -> None:
    assert requests.post(proxy.url, data=b"x" * 3_000_000, timeout=20).json()["bytes"] == 3_000_000


def test_rules_are_found_in_the_decoded_path_and_query(proxy: Proxy) -> None:
    proxy.now(Rule(Status(500), method="GET", path=r"a/b c[?]x=/y"))

    assert requests.get(f"{proxy.url}/a%2Fb%20c?x=%2Fy", timeout=20).status_code == 500
    assert requests.post(f"{proxy.url}/a%2Fb%20c?x=%2Fy", timeout=20).status_code == 200


@pytest.mark.parametrize(
    ("rule", "statuses"),
    [
        (Rule(Status(500), times=2), [500, 500, 200, 200, 200, 200]),
        (Rule(Status(500), skip=1, times=2), [200, 500, 500, 200, 200, 200]),
        (Rule(Status(500), up=2, down=1), [200, 200, 500, 200, 200, 500]),
    ],
)
def test_rules_hold_when_they_say(proxy: Proxy, rule: Rule, statuses: list[int]) -> None:
    proxy.now(rule)

    assert _statuses(proxy, 6) == statuses == [exchange.status for exchange in proxy.log]


def test_the_seed_decides(proxy: Proxy) -> None:
    found = []
    for seed in (1, 1, 2):
        proxy.now(Rule((Status(500), Status(429)), ratio=0.5, seed=seed))
        found.append(_statuses(proxy, 30))

    assert found[0] == found[1] != found[2]
    assert set(found[0]) == {200, 429, 500}


@pytest.mark.parametrize("fault", [Reset(), Reset(0.5), Truncate()], ids=repr)
def test_connections_are_torn(proxy: Proxy, fault: Fault) -> None:
    proxy.now(Rule(fault, times=1))

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.get(proxy.url, timeout=20)
    assert requests.get(proxy.url, timeout=20).status_code == 200


def test_bodies_are_spoiled(proxy: Proxy) -> None:
    whole = requests.get(proxy.url, timeout=20).content
    proxy.now(Rule(Corrupt(), times=1), Rule(Truncate(is_hidden=True)))

    corrupt, shortened = requests.get(proxy.url, timeout=20).content, requests.get(proxy.url, timeout=20).content

    assert sum(one != other for one, other in zip(whole, corrupt, strict=True)) == 1
    assert whole.startswith(shortened)
    assert len(shortened) == len(whole) // 2


def test_a_lost_answer_was_carried_out_if_the_fault_says_so() -> None:
    with served(Echo()) as peer, proxied(peer.url) as proxy:
        proxy.now(Rule(Status(503), times=1), Rule(Status(503, is_forwarded=True)))

        assert _statuses(proxy, 2) == [503, 503]
        assert len(peer.log) == 1


def test_who_does_not_wait_for_an_answer_stands_in_the_log_at_the_end() -> None:
    with served(Echo()) as peer, proxied(peer.url, Rule(Slow(60))) as proxy, pytest.raises(requests.ReadTimeout):
        requests.get(proxy.url, timeout=0.2)
    assert [exchange.is_over for exchange in proxy.log] == [False]


def test_a_peer_that_breaks_is_told_at_the_end() -> None:
    class Broken:
        async def answer(self, asked: Asked) -> Answer:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), served(Broken()) as peer:
        assert requests.get(peer.url, timeout=20).status_code == 500
