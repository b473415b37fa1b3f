"""The sample book by stage, against the sum of its floors: bare decoding, bare resizing, img2pdf."""

import io
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import img2pdf
from PIL import Image

import main
from bench.table import Row

REPEATS = 3
THREADS = 2
PRINT_PX = {"inputs": 1500, "outputs": 700}
"""About the sizes at which the pictures of the sample are printed."""


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _all(work: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, items))


def _decoded(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _scaled(image_and_px: tuple[Image.Image, int]) -> bytes:
    image, longest_side_px = image_and_px
    small = image.copy()
    small.thumbnail((longest_side_px, longest_side_px), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def floors_s(source: Path) -> dict[str, float]:
    """Seconds with two threads for bare decoding, bare resizing and img2pdf of the same pictures."""
    paths = sorted(path for folder in PRINT_PX for path in (source / folder).iterdir())
    decoding_s, images = _timed(lambda: _all(_decoded, paths))
    sized = [(image, PRINT_PX[path.parent.name]) for image, path in zip(images, paths, strict=True)]
    resizing_s, jpegs = _timed(lambda: _all(_scaled, sized))
    binding_s, _ = _timed(lambda: img2pdf.convert(jpegs))
    return {"bare decoding": decoding_s, "bare resizing": resizing_s, "img2pdf": binding_s}


def book_s(source: Path) -> dict[str, Any]:
    """The report of one run over the sample; its `elapsed_s` and the `span_s` of its stages are seconds."""
    with tempfile.TemporaryDirectory() as out:
        code = main.main(["make", str(source), "--out", out, "--quiet"])
        assert code == main.OK
        (report,) = Path(out).glob("*/report.json")
        document: dict[str, Any] = json.loads(report.read_text("utf-8"))
        return document


def rows() -> list[Row]:
    """The book over the sum of its floors, and each stage over the same sum."""
    source = main.HERE / "sample"
    whole: list[float] = []
    stages: dict[str, list[float]] = {}
    floors: dict[str, list[float]] = {}
    for _ in range(REPEATS):
        floor = floors_s(source)
        report = book_s(source)
        total_s = sum(floor.values())
        whole.append(report["elapsed_s"] / total_s)
        for name, seconds in floor.items():
            floors.setdefault(name, []).append(seconds / total_s)
        for role, stage in report["stages"].items():
            stages.setdefault(role, []).append(stage["span_s"] / total_s)
    found = [Row("sample book over the sum of its floors", median(whole), "printed")]
    found += [Row(f"  floor: {name}", median(ratios), "share of the sum") for name, ratios in floors.items()]
    return found + [Row(f"  stage: {role}", median(ratios), "over the sum") for role, ratios in stages.items()]
