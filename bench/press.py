"""The press over its floors: scaling over a bare resize of the same files, the typesetter over img2pdf of the same
scaled pictures, and a book of which one word changed over the whole book."""

import io
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image

import main
from agents.book.contents import Imprint
from agents.book.design import SQUARE, Box, PlacedPicture, Sheet
from agents.craft.gridboxes import whole_within
from agents.press.album import Album
from agents.press.pdf import lay_out
from agents.press.scaling import PRINT_DPI, scaled
from agents.press.sheetdata import Job
from bench.table import Row
from swarm import Blob

REPEATS = 5
THREADS = 2
SHEETS = 24
GRID = 3
IMPRINT = Imprint("Bench", "", "", "en", "2026-01-01", 5, (), "0", 0)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _shelf() -> dict[str, bytes]:
    """The sample's pictures by their digest."""
    folders = (main.HERE / "sample" / "inputs", main.HERE / "sample" / "outputs")
    data = [path.read_bytes() for folder in folders for path in sorted(folder.iterdir())]
    return {sha256(one).hexdigest(): one for one in data}


def _job(shelf: Mapping[str, bytes]) -> Job:
    """A book of 24 sheets: one large picture on the left, nine smaller ones on the right."""
    digests = list(shelf) * SHEETS
    sheets = []
    for number in range(1, SHEETS + 1):
        boxes = _grid(SQUARE.safe) if number % 2 else [SQUARE.safe]
        placed = [_placed(digests.pop(0), shelf, box) for box in boxes]
        sheets.append(Sheet(number, "Bench", "#ffffff", "#000000", tuple(placed)))
    return Job(IMPRINT, tuple(sheets), SQUARE)


def _grid(area: Box) -> list[Box]:
    side_mm = area.width_mm / GRID
    return [
        Box(area.x_mm + column * side_mm, area.y_mm + row * side_mm, side_mm - 4, side_mm - 4)
        for row in range(GRID)
        for column in range(GRID)
    ]


def _placed(digest: str, shelf: Mapping[str, bytes], box: Box) -> PlacedPicture:
    with Image.open(io.BytesIO(shelf[digest])) as image:
        width_px, height_px = image.size
    fitted = whole_within(width_px / height_px, box)
    return PlacedPicture("bench", Blob(digest, len(shelf[digest])), width_px, height_px, fitted, "A picture")


def _bare(data: bytes, size_px: tuple[int, int]) -> bytes:
    """Decode, resize, encode, and nothing else."""
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB").resize(size_px, Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def scaling_ratio(shelf: Mapping[str, bytes], pictures: Sequence[PlacedPicture]) -> float:
    """Our scaling over a bare resize to the same sizes, each with two threads."""
    with ThreadPoolExecutor(THREADS) as pool:
        ours_s, done = _timed(
            lambda: list(pool.map(lambda one: scaled(shelf[one.master.digest], one.box, PRINT_DPI), pictures))
        )
        sizes = [(jpeg.width_px, jpeg.height_px) for jpeg in done]
        bare_s, _ = _timed(lambda: list(pool.map(_bare, [shelf[one.master.digest] for one in pictures], sizes)))
    return ours_s / bare_s


def typesetting(job: Job, album: Album) -> tuple[float, float, float]:
    """Time and size of the typesetter's PDF over those of img2pdf, and the typesetter's peak in MB.

    Each is a whole process, with its start and all that it imports: within one process the typesetter would find its
    own earlier work again.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(job, album, folder)
        ours_s, peak_kb = _timed(lambda: _alone(_OURS, folder))
        floor_s, _ = _timed(lambda: _alone(_FLOOR, folder))
        sizes = [(folder / pdf).stat().st_size for pdf in ("ours.pdf", "floor.pdf")]
    return ours_s / floor_s, sizes[0] / sizes[1], int(peak_kb) / 1024


_OURS = """
from agents.press.typesetter import typeset
(folder / "ours.pdf").write_bytes(typeset(folder, "2026-01-01"))
print(pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""
_FLOOR = """
import img2pdf
(folder / "floor.pdf").write_bytes(img2pdf.convert([path.read_bytes() for path in sorted(folder.glob("*.jpg"))]))
"""


def _alone(script: str, folder: Path) -> str:
    script = f"import sys, pathlib\nfolder = pathlib.Path(sys.argv[1])\n{script}"
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=main.HERE).stdout


def one_word_ratio() -> float:
    """A book of which one word of one page changed, over the same book made from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "source", Path(folder) / "out"
        shutil.copytree(main.HERE / "sample", source, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        toml = source / "book.toml"
        said = toml.read_text("utf-8")
        whole_s, code = _timed(lambda: main.main(["make", str(source), "--out", str(out), "--quiet"]))
        assert code == main.OK
        words = "Pip was a small fox who liked to walk. " * 7
        table = '\n[text]\n"inputs/fox-pip.jpg" = '
        toml.write_text(f'{said}{table}"{words}"\n', "utf-8")
        main.main(["make", str(source), "--out", str(out), "--quiet"])
        toml.write_text(f'{said}{table}"{words.replace("small", "little", 1)}"\n', "utf-8")
        again_s, _ = _timed(lambda: main.main(["make", str(source), "--out", str(out), "--quiet"]))
    return again_s / whole_s


def rows() -> list[Row]:
    """Medians of paired ratios of one run."""
    shelf = _shelf()
    job = _job(shelf)
    pictures = [picture for sheet in job.sheets for picture in sheet.pictures]
    album = Album(lambda blob: shelf[blob.digest])
    scaling = median(scaling_ratio(shelf, pictures) for _ in range(REPEATS))
    times, sizes, peaks_mb = zip(*(typesetting(job, album) for _ in range(REPEATS)), strict=True)
    return [
        Row("scaling over a bare two-thread resize", scaling, "at most 1.2"),
        Row("PDF of 24 sheets over img2pdf, time", median(times), "at most 2.0"),
        Row("PDF of 24 sheets over img2pdf, size", median(sizes), "at most 1.02"),
        Row("peak memory of the PDF of 24 sheets, MB", max(peaks_mb), "at most 300"),
        Row("one word changed over the whole book", one_word_ratio(), "at most 0.25"),
    ]
