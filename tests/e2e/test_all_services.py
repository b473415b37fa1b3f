"""Bucket, Qdrant and OpenAI together, by the real clients: one book, and all three failing at random."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from agents.services.calling import Policy, Service
from tests.e2e.books import assert_matches_manifest, lasting, places, record
from tests.e2e.buckets import MEDIA, SHELF, SOURCE, Buckets, buckets
from tests.e2e.running import Ended, run_main
from tests.e2e.sources import make_source
from tests.e2e.test_online import SWIFT, contented, ledger
from tests.peers.faults import Corrupt, Fault, Reset, Rule, Status, Truncate
from tests.peers.openai import OpenAI
from tests.peers.proxy import Proxy, proxied
from tests.peers.qdrant import Qdrant
from tests.peers.serving import served

SLUG = "my-picture-book"
FAULTS: tuple[Fault, ...] = (Status(503), Status(429), Status(500, is_forwarded=True), Reset(), Truncate(), Corrupt())
OF_ANSWERS: tuple[Fault, ...] = FAULTS[:-1]  # where no checksum guards it, a wrong bit is an answer like another
MOST_RESUMES = 8


@dataclass
class Sky:
    """The three services, each behind its proxy."""

    world: Buckets
    openai: OpenAI
    qdrant: Qdrant
    before_openai: Proxy
    before_qdrant: Proxy

    @property
    def proxies(self) -> dict[str, Proxy]:
        """The ways to the services, by name."""
        return {"gcs": self.world.proxy, "openai": self.before_openai, "qdrant": self.before_qdrant}

    def requests(self) -> dict[str, int]:
        """How many requests were made of each."""
        return {name: len(proxy.log) for name, proxy in self.proxies.items()}

    def flap(self, ratio: float, seed: int) -> None:
        """From now on so many of all requests fail, decided by the seed."""
        for number, proxy in enumerate(self.proxies.values()):
            proxy.now(Rule(OF_ANSWERS, ratio=ratio, seed=seed + number))
        self.world.proxy.now(Rule(FAULTS, path=MEDIA, ratio=ratio, seed=seed), *self.world.proxy.rules)

    def calm(self) -> None:
        """From now on nothing fails."""
        for proxy in self.proxies.values():
            proxy.now()


def _swift(self: Service, name: str, classify: Any, *, policy: Policy | None = None, **more: Any) -> None:
    """A service that waits for as long as a test may."""
    quick = replace(policy or Policy(), first_wait_s=0.01, longest_wait_s=0.1, breaker_open_s=0.3)
    _BUILT(self, name, classify, policy=quick, **more)


_BUILT = Service.__init__


@pytest.fixture
def sky(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sky]:
    openai, qdrant = OpenAI(answers={"critique": contented}), Qdrant()
    with ExitStack() as stack:
        world = stack.enter_context(buckets())
        world.fill(make_source(tmp_path / "source", names=("fish", "house", "sun"), renderings=2))
        before_openai, before_qdrant = (
            stack.enter_context(proxied(stack.enter_context(served(peer)).url)) for peer in (openai, qdrant)
        )
        variables = {
            **SWIFT,
            "STORAGE_EMULATOR_HOST": world.proxy.url,
            "OPENAI_BASE_URL": f"{before_openai.url}/v1",
            "OPENAI_API_KEY": "sk-planted-secret",
            "DOODLEBOUND_VECTORS": "qdrant",
            "QDRANT_URL": before_qdrant.url,
            "DOODLEBOUND_STORAGE_DEADLINE_S": "10",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(Service, "__init__", _swift)
        yield Sky(world, openai, qdrant, before_openai, before_qdrant)


def _make(*words: str) -> Ended:
    return run_main("make", SOURCE, "--online", "--upload", SHELF, "--formats", "html", "--json", "--quiet", *words)


def _check_no_client_retries(sky: Sky) -> None:
    asked = [exchange.asked.headers for exchange in sky.before_openai.log]
    assert {headers["x-stainless-retry-count"] for headers in asked} == {"0"}
    ids = [e.asked.headers["x-goog-api-client"] for e in sky.world.proxy.log if "x-goog-api-client" in e.asked.headers]
    assert len(set(ids)) == len(ids)  # a retry of the client's would bear the same invocation id


def test_a_bucket_becomes_a_book_in_a_bucket_with_all_three_services(sky: Sky, out: Path) -> None:
    ended = _make()

    assert (ended.code, ended.status["status"]) == (0, "complete"), ended
    assert_matches_manifest(ended.book)
    assert ended.err.splitlines()[0].endswith(f"; to {SHELF} goes the finished book")
    sky.world.check_shelf(SLUG, ended.book)
    made_with = record(ended.book)["made_with"]
    assert (made_with["storage"], made_with["language"]) == ("gcs", "openai:gpt-5-mini")
    assert sum(ledger(out).values()) == len(sky.openai.bills) == len(sky.before_openai.log)
    assert sky.qdrant.collections
    _check_no_client_retries(sky)
    report = json.loads((ended.book / "report.json").read_text("utf-8"))
    before_upload = [
        e for e in sky.world.proxy.log if "shelf" not in e.asked.target and "book.toml" not in e.asked.path
    ]
    assert report["calls_total"]["gcs"] == {"ok": len(before_upload)}
    kept = [path for path in out.rglob("*") if path.is_file() and b"sk-planted" in path.read_bytes()]
    assert (kept, "sk-planted" in ended.out + ended.err) == ([], False)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("ratio", [0.1, 0.3, 0.5])
def test_all_three_flapping_end_in_a_book_or_in_a_sentence(sky: Sky, out: Path, ratio: float) -> None:
    whole = _make("--out", "whole")
    needed, paid = sky.requests(), len(sky.openai.bills)
    sky.flap(ratio, seed=7)

    ends = [_make("--title", "Flapping")]
    while ends[-1].code and len(ends) <= MOST_RESUMES:
        ends.append(_go_on(ends))
    taken = {name: count - needed[name] for name, count in sky.requests().items()}
    sky.calm()
    last = ends[-1] if ends[-1].code == 0 else _go_on(ends)

    for ended in ends:
        assert ended.code in (0, 1, 2, 3)
        assert "Traceback" not in ended.out + ended.err
        assert ended.code in (0, 3) or ended.status["error"]
    assert last.code == 0, last
    assert_matches_manifest(last.book)
    sky.world.check_shelf("flapping", last.book)
    assert set(places(last.book).values()) == {"page"}
    _check_same_pictures(whole.book, last.book)
    _check_no_client_retries(sky)
    shares = {name: round(taken[name] / needed[name], 2) for name in needed}
    codes, paid_share = [ended.code for ended in ends], (len(sky.openai.bills) - paid) / paid
    said = f"{ratio:.0%} errors: exit codes {codes}, requests over those needed {shares}, paid calls {paid_share:.2f}"
    print(f"\n{said}")  # noqa: T201  (for who reads along with -s)


def _go_on(ends: list[Ended]) -> Ended:
    """Resume; where not even a run was begun, make the book again."""
    is_begun = any(ended.status["run"] for ended in ends)
    return run_main("resume", "--json", "--quiet") if is_begun else _make("--title", "Flapping")


def _check_same_pictures(one: Path, other: Path) -> None:
    """No picture was taken in with wrong bytes: all that is shown of them is the same to the byte."""
    pictures = [
        {path: data for path, data in lasting(book).items() if path.startswith("assets/")} for book in (one, other)
    ]
    assert pictures[0] == pictures[1]
