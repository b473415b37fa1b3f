"""What a hundred viewers of the page cost the sample book: its time with them over its time without."""

import asyncio
import json
import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from statistics import median

import httpx

import main
from bench.table import Row

VIEWERS = 100
REPEATS = 3


async def _made_s(out: Path, viewers: int) -> int:
    """Make the sample, looked at by so many; gives how many bytes these took."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, main.HERE / "main.py", "make", main.HERE / "sample"),
        *("--monitor", "0", "--quiet", "--out", out),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    url = (await process.stderr.readline()).decode().removeprefix("health: ").removesuffix("/health\n")
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        (run, *_) = re.findall(r'href="/runs/([\w-]+)"', (await client.get(url)).text)
    watching = [asyncio.create_task(_watch(httpx.URL(url), run)) for _ in range(viewers)]
    await process.communicate()
    return sum(await asyncio.gather(*watching))


async def _watch(url: httpx.URL, run: str) -> int:
    """Look at the run as a browser does, to its end; gives how many bytes came."""
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET /live/run/{run} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    taken = 0
    with suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            taken += len(chunk)
    writer.close()
    return taken


def _run_s(viewers: int) -> tuple[float, int]:
    """Seconds of a run by its own report, and what its viewers took."""
    with tempfile.TemporaryDirectory() as out:
        taken = asyncio.run(_made_s(Path(out), viewers))
        (report,) = Path(out).glob("*/report.json")
        return float(json.loads(report.read_text("utf-8"))["elapsed_s"]), taken


def rows() -> list[Row]:
    """The ratio, by medians of runs that take turns."""
    without, watched, taken = [], [], 0
    for _ in range(REPEATS):
        without.append(_run_s(0)[0])
        seconds, taken = _run_s(VIEWERS)
        watched.append(seconds)
    note = f"{median(without):.1f} s without, {median(watched):.1f} s with; {taken / VIEWERS / 1024:.0f} KiB each"
    return [Row(f"sample book with {VIEWERS} viewers over none", median(watched) / median(without), "<= 1.05", note)]
