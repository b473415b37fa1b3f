"""Pictures: ingest against bare decoding, the vector, pairing on labelled pictures, grids, and memory.

The labelled pictures lie beside the checkout and not in it; where they are missing, their rows are left out.
"""

import asyncio
import io
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

import main
from agents.book.picture import Heap
from agents.craft.arrangement import arrange, unrest
from agents.craft.decoding import decode
from agents.craft.grid import adjacency, cells_for, symmetries
from agents.craft.likeness import feature_vector, mirrored
from agents.craft.names import name_likeness
from agents.craft.pairing import Match, pair
from agents.craft.preparing import prepare
from agents.craft.similarity import similarity
from agents.services.qdrant_memory import MemoryVectors
from bench import calibration
from bench.table import Row
from registry import ThreadPool
from tests.agents.craft.labelled import (
    Labelled,
    calibration_error,
    is_there,
    labelled,
    misleading_names,
    realistic_names,
)

REPEATS = 3
THREADS = 2
PICTURES = 24
MANY = 1000
GRID_SETS = 20


def rows() -> list[Row]:
    """All figures of the pictures."""
    jpegs = [_jpeg(seed) for seed in range(PICTURES)]
    found = [*_speed(jpegs), *_grids(), *_many()]
    return found + (_accuracy(labelled()) if is_there() else [])


def _jpeg(seed: int, size_px: tuple[int, int] = (3000, 2000)) -> bytes:
    """A soft picture with grain, as a camera makes it: some 2 MB at 6 Mpx."""
    rng = np.random.default_rng(seed)
    soft = Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)).resize(size_px, Image.Resampling.BICUBIC)
    grain = rng.integers(-8, 9, (size_px[1], size_px[0], 1))
    target = io.BytesIO()
    Image.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8)).save(target, "JPEG", quality=92)
    return target.getvalue()


def _bare(data: bytes) -> None:
    image = Image.open(io.BytesIO(data))
    image.thumbnail((512, 512), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _ingested(data: bytes, heap: Heap) -> None:
    prepared = prepare(data, heap, max_pixels=64_000_000, may_straighten=True)
    vector = feature_vector(prepared.pixels)
    if heap is Heap.INPUT:
        mirrored(vector)


def _speed(jpegs: Sequence[bytes]) -> list[Row]:
    floors, drawings, renderings, vectors = [], [], [], []
    small = [np.asarray(decode(data, longest_side_px=512).image) for data in jpegs[:8]]
    for _ in range(REPEATS):
        floor_s = _all_s(_bare, jpegs)
        floors.append(floor_s / len(jpegs) * 1e3)
        drawings.append(_all_s(lambda data: _ingested(data, Heap.INPUT), jpegs) / floor_s)
        renderings.append(_all_s(lambda data: _ingested(data, Heap.OUTPUT), jpegs) / floor_s)
        began = time.process_time()
        for pixels in small:
            feature_vector(pixels)
        vectors.append((time.process_time() - began) / len(small) * 1e3)
    note = f"floor {median(floors):.0f} ms a picture with {THREADS} threads"
    both = [(4 * made + drawn) / 5 for made, drawn in zip(renderings, drawings, strict=True)]
    return [
        Row("ingest of 24 JPEGs of 6 Mpx over bare drafted decoding", median(both), "at most 1.5", note),
        Row("  of renderings", median(renderings), "printed"),
        Row("  of drawings, with the search for a sheet", median(drawings), "printed"),
        Row("vector of a picture, ms of one core", median(vectors), "at most 10"),
        Row("  over bare drafted decoding", median(vectors) / median(floors) / THREADS, "printed"),
    ]


def _all_s(work: Callable[[bytes], None], items: Sequence[bytes]) -> float:
    with ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()
        list(pool.map(work, items))
        return time.perf_counter() - began


def _grids() -> list[Row]:
    rng, worst, times = np.random.default_rng(0), 1.0, []
    for count in range(2, 17):
        shape = cells_for(count)
        cells, turns = adjacency(shape.cells), symmetries(shape)
        for _ in range(GRID_SETS):
            colours = rng.uniform((0.2, -0.2, -0.2), (1, 0.2, 0.2), (count, 3))
            began = time.perf_counter()
            order = arrange(colours, cells, symmetries=turns)
            times += [(time.perf_counter() - began) * 1e3] if count == 16 else []
            best = min(unrest(colours, cells, arrange(colours, cells, seed=seed)) for seed in range(1, 9))
            worst = max(worst, unrest(colours, cells, order) / max(best, 1e-9))
    return [
        Row("worst grid over the best known, 1 to 16 cells, 20 sets each", worst, "at most 1.01"),
        Row("grid of 16, ms", median(times), "at most 5"),
    ]


def _accuracy(known: Labelled) -> list[Row]:
    likeness = known.likeness().astype(np.float64)
    alone = pair(likeness)
    right = [match.input == own for match, own in zip(alone, known.truth, strict=True)]
    found = [Row("pairing by pictures alone, share right", float(np.mean(right)), "at least 0.95")]
    for difficulty in ("easy", "medium", "hard"):
        of = [each for each, hard in zip(right, known.difficulty, strict=True) if hard == difficulty]
        found.append(Row(f"  {difficulty}", float(np.mean(of)), f"{len(of)} renderings"))
    found.append(Row("  flagged", float(np.mean([match.is_flagged for match in alone])), "printed"))
    found.append(Row("  calibration error", calibration_error(alone, right), "at most 0.05"))
    truth, count = known.truth.tolist(), len(known.inputs)
    for title, target, schemes in (
        ("realistic", "at least 0.98", realistic_names(truth, count)),
        ("misleading", "at most 0.01 below alone", misleading_names(len(truth), count)),
    ):
        for scheme, (inputs, outputs) in schemes.items():
            matches = pair(likeness, name_likeness(inputs, outputs))
            share = float(np.mean([match.input == own for match, own in zip(matches, known.truth, strict=True)]))
            found.append(Row(f"pairing with {title} names ({scheme})", share, target))
    return (
        found + calibration.rows(known) + _strangers([match for match, is_stranger in known.strangers() if is_stranger])
    )


def _strangers(strangers: Sequence[Match]) -> list[Row]:
    flagged = float(np.mean([match.is_flagged for match in strangers]))
    sure = float(np.mean([match.input is not None and match.confidence > 0.9 for match in strangers]))
    return [
        Row("renderings whose drawing is missing: unpaired or flagged", flagged, "at least 0.8"),
        Row("  paired with a confidence above 0.9", sure, "at most 0.02"),
    ]


def _many() -> list[Row]:
    """A thousand pictures through ingest and pairing in a process of their own, so that its memory can be told."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.pictures"], check=True, capture_output=True, text=True, cwd=main.HERE
    )
    seconds, pairing_s, memory_mb = (float(each) for each in done.stdout.split())
    return [
        Row(f"{MANY} pictures through ingest and pairing, s", seconds, "printed"),
        Row("  pairing of 2000 pictures, s", pairing_s, "at most 10"),
        Row("  memory at its most, MB", memory_mb, "at most 400"),
    ]


def _thousand_s() -> float:
    """Seconds for 100 drawings and 900 renderings of 1.5 Mpx, read and paired."""
    jpegs = [_jpeg(seed, (1500, 1000)) for seed in range(8)]
    began = time.perf_counter()

    def read(number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        heap = Heap.INPUT if number < MANY // 10 else Heap.OUTPUT
        return feature_vector(prepare(jpegs[number % 8], heap, max_pixels=64_000_000, may_straighten=True).pixels)

    with ThreadPoolExecutor(THREADS) as pool:
        vectors = np.array(list(pool.map(read, range(MANY))))
    drawn = vectors[: MANY // 10]
    pair(similarity(vectors[MANY // 10 :], drawn, mirrored(drawn)))
    return time.perf_counter() - began


async def _pairing_s() -> float:
    """Seconds to index and search 200 drawings for 1800 renderings and to pair them."""
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((200, 1536)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    made = np.repeat(drawn, 9, axis=0) + 0.03 * rng.standard_normal((1800, 1536)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    vectors = MemoryVectors(ThreadPool(1).run)
    began = time.perf_counter()
    await vectors.index("drawings", [str(number) for number in range(400)], np.concatenate([drawn, mirrored(drawn)]))
    await vectors.search("drawings", made, 64)
    pair(similarity(made, drawn, mirrored(drawn)))
    return time.perf_counter() - began


def _memory_mb() -> float:
    """The most memory that this process had; `getrusage` would count that of the process which started it as well."""
    status = Path("/proc/self/status").read_text("ascii")
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    spent_s = _thousand_s()
    memory_mb = _memory_mb()
    print(spent_s, asyncio.run(_pairing_s()), memory_mb)
