"""What a hundred viewers of the page cost the sample book: its time with them over its time without."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from statistics import median

import main
from bench.table import Row

VIEWERS = 100
REPEATS = 3


async def _made_s(out: Path, viewers: int) -> tuple[float, int]:
    """Seconds of a run of the sample by its own report, and how many bytes its viewers took."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, main.HERE / "main.py", "make", main.HERE / "sample"),
        *("--monitor", "0", "--quiet", "--out", out),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    url = (await process.stderr.readline()).decode().removeprefix("health: ").removesuffix("/health\n")
    host, _, port = url.removeprefix("http://").partition(":")
    watching = [asyncio.create_task(_watch(host, int(port), out)) for _ in range(viewers)]
    await process.communicate()
    taken = await asyncio.gather(*watching)
    (report,) = out.glob("*/report.json")
    return float(json.loads(report.read_text("utf-8"))["elapsed_s"]), sum(taken)


async def _watch(host: str, port: int, out: Path) -> int:
    """Look at the run as a browser does, to its end; gives how many bytes came."""
    reader, writer = await asyncio.open_connection(host, port)
    while not (works := list((out / ".doodlebound" / "work").iterdir())):
        await asyncio.sleep(0.05)
    run = works[0].name
    writer.write(f"GET /live/run/{run} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    taken = 0
    try:
        while chunk := await reader.read(65_536):
            taken += len(chunk)
    except ConnectionError:
        pass
    writer.close()
    return taken


def _run_s(viewers: int) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as out:
        return asyncio.run(_made_s(Path(out), viewers))


def rows() -> list[Row]:
    """The ratio, by medians of runs that take turns."""
    without, watched, taken = [], [], 0
    for _ in range(REPEATS):
        without.append(_run_s(0)[0])
        seconds, taken = _run_s(VIEWERS)
        watched.append(seconds)
    note = f"{median(without):.1f} s without, {median(watched):.1f} s with; {taken / VIEWERS / 1024:.0f} KiB each"
    return [Row(f"sample book with {VIEWERS} viewers over none", median(watched) / median(without), "<= 1.05", note)]
