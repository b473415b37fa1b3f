"""Downloads from a bucket, against bare threads, and a book with all services, against what it must take at least.

The servers are processes of their own, on this machine.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import requests
from google.cloud import storage

import main
from agents.services.gcs import BucketStorage, SourceBucket
from agents.services.gcs_place import GcsPlace
from bench.table import Row
from registry import ThreadPool
from tests.e2e.sources import make_source

OBJECTS = 1000
SIZE_BYTES = 20_000
THREADS = 8
REPEATS = 3
LATE_S = 0.05


def rows() -> list[Row]:
    """Downloads, and a book."""
    return [*_downloads(), _book()]


def _downloads() -> list[Row]:
    """Rates over those of eight bare threads, with the same client and with none, in pairs of the same run."""
    made = []
    for late_s in (0.0, LATE_S):
        with _bucket(late_s) as url:
            when = f"answers {late_s * 1000:.0f} ms late"
            client, plain = _ratios(url, _with_client), _ratios(url, _with_requests)
        target = "at least 0.8" if late_s else "at least 0.8, the server's own time aside"
        made.append(Row(f"bucket: rate over 8 bare threads of the client, {when}", client[0], target, client[1]))
        made.append(
            Row(f"bucket: rate over 8 bare threads of requests, {when}", plain[0], "no client at all", plain[1])
        )
    return made


def _ratios(url: str, bare: Callable[[str, list[str]], None]) -> tuple[float, str]:
    """The median of the ratios of pairs, and both rates."""
    os.environ["STORAGE_EMULATOR_HOST"] = url
    listed = _listed()
    names = [f"mila/{picture.item}" for picture in listed.pictures]
    pairs = [(_seconds(lambda: bare(url, names)), _seconds(lambda: _ours(listed))) for _ in range(REPEATS)]
    ratio, (bare_s, ours_s) = median(b / o for b, o in pairs), sorted(pairs)[REPEATS // 2]
    return ratio, f"{OBJECTS / ours_s:.0f} objects/s over {OBJECTS / bare_s:.0f}"


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _server(late_s: float, *words: str | Path) -> Iterator[str]:
    """A peer that answers so many seconds late, in a process of its own."""
    called = [sys.executable, "-m", "tests.peers", "--late", str(late_s), *words]
    child = subprocess.Popen(called, cwd=main.HERE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
    finally:
        child.terminate()
        child.wait(20)


def _bucket(late_s: float) -> AbstractContextManager[str]:
    return _server(late_s, "--objects", str(OBJECTS), "--bytes", str(SIZE_BYTES))


def _book() -> Row:
    """A book of ten pages and 120 pictures. At least it must take what it takes where all services answer at once; or
    what its requests take, each `LATE_S`, eight at a time, one stage of OpenAI's after the other."""
    with TemporaryDirectory() as name:
        root = Path(name)
        source = make_source(root / "source", names=[f"drawing-{number}" for number in range(10)], renderings=11)
        offline_s, _ = _make(source, root / "offline", {})
        pairs = [
            (_online(source, root / f"at-once-{n}", 0.0), _online(source, root / f"late-{n}", LATE_S)) for n in "ab"
        ]
    stages = pairs[0][1][1]
    waits_s = sum(ceil(calls / THREADS) for calls in stages.values()) * LATE_S
    at_once_s, late_s = min(pair[0][0] for pair in pairs), min(pair[1][0] for pair in pairs)
    note = f"{late_s:.1f} s over {at_once_s:.1f} s; offline {offline_s:.1f} s, waits {waits_s:.1f} s; calls {stages}"
    return Row(
        "book of 120 pictures, all services, over its bound", late_s / max(at_once_s, waits_s), "at most 1.05", note
    )


def _online(source: Path, out: Path, late_s: float) -> tuple[float, dict[str, int]]:
    """The seconds of a book with all services, and the calls of OpenAI by stage."""
    with (
        _server(late_s, source) as bucket,
        _server(late_s, "--service", "openai") as openai,
        _server(late_s, "--service", "qdrant") as qdrant,
    ):
        variables = {
            "STORAGE_EMULATOR_HOST": bucket,
            "OPENAI_BASE_URL": f"{openai}/v1",
            "OPENAI_API_KEY": "sk-bench",
            "QDRANT_URL": qdrant,
            "DOODLEBOUND_VECTORS": "qdrant",
            "DOODLEBOUND_LANGUAGE": "openai",
            "DOODLEBOUND_VISION": "openai",
            "DOODLEBOUND_REQUESTS_PER_MINUTE": "1000000",
            "DOODLEBOUND_TOKENS_PER_MINUTE": "1000000000",
        }
        seconds, book = _make("gs://pictures/mila", out, variables)
    report = json.loads((book / "report.json").read_text("utf-8"))
    return seconds, {role: stage["calls"] for role, stage in report["spending"]["stages"].items()}


def _make(source: str | Path, out: Path, variables: dict[str, str]) -> tuple[float, Path]:
    began = time.perf_counter()
    words = ("make", "--formats", "html", "--json", "--quiet", "--out", out, "--", source)
    env = {name: value for name, value in os.environ.items() if name != "STORAGE_EMULATOR_HOST"} | variables
    done = subprocess.run([sys.executable, main.HERE / "main.py", *words], env=env, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    assert done.returncode == 0, done.stderr
    return seconds, Path(json.loads(done.stdout.splitlines()[-1])["book"])


def _listed() -> BucketStorage:
    place = GcsPlace.of("gs://pictures/mila")
    return SourceBucket(place, "inputs/", "outputs/", 2 * OBJECTS, 2**20, 60.0, ThreadPool(THREADS)).list()


def _ours(listed: BucketStorage) -> None:
    async def read_all() -> None:
        listed.begin(ThreadPool(1).run, lambda _event: None)
        data = await asyncio.gather(*(listed.read(picture) for picture in listed.pictures))
        assert all(len(read) == SIZE_BYTES for read in data)
        listed.close()

    asyncio.run(read_all())


def _with_client(_url: str, names: list[str]) -> None:
    client = storage.Client(project="bench")
    bucket = client.bucket("pictures")

    def download(name: str) -> int:
        return len(bucket.blob(name).download_as_bytes(retry=None))

    with ThreadPoolExecutor(THREADS) as threads:
        assert set(threads.map(download, names)) == {SIZE_BYTES}
    client.close()


def _with_requests(url: str, names: list[str]) -> None:
    with requests.Session() as session, ThreadPoolExecutor(THREADS) as threads:

        def download(name: str) -> int:
            address = f"{url}/download/storage/v1/b/pictures/o/{name.replace('/', '%2F')}?alt=media"
            return len(session.get(address, timeout=60).content)

        assert set(threads.map(download, names)) == {SIZE_BYTES}
