"""Downloads from a bucket, against bare threads; the server is a process of its own, on this machine."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median

import requests
from google.cloud import storage

import main
from agents.services.gcs import BucketStorage, SourceBucket
from agents.services.gcs_place import GcsPlace
from bench.table import Row
from registry import ThreadPool

OBJECTS = 1000
SIZE_BYTES = 20_000
THREADS = 8
REPEATS = 3
LATE_S = 0.05


def rows() -> list[Row]:
    """Rates over those of eight bare threads, with the same client and with none, in pairs of the same run."""
    made = []
    for late_s in (0.0, LATE_S):
        with _server(late_s) as url:
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
def _server(late_s: float) -> Iterator[str]:
    words = ("-m", "tests.peers", "--objects", str(OBJECTS), "--bytes", str(SIZE_BYTES), "--late", str(late_s))
    child = subprocess.Popen([sys.executable, *words], cwd=main.HERE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
    finally:
        child.terminate()
        child.wait(20)


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
