"""Book after book in one process: memory and time stay what they were."""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.conftest import ROOT
from tests.e2e.running import environment

BOOKS, PICTURES, WARM, LIMIT_S = (100, 100, 10, 5400) if os.environ.get("CHAOS") == "long" else (12, 20, 4, 300)
"""The long form is that of the promise; the short one notices what leaks with every book."""
MAKER = """
import gc, json, resource, sys, time
from pathlib import Path
from random import Random
from PIL import Image, ImageDraw
import main

root, books, pictures = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def picture(path, chance, colour):
    image = Image.new("RGB", (32, 32), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(4):
        x, y = chance.randrange(24), chance.randrange(24)
        pen.rectangle((x, y, x + chance.randrange(3, 16), y + chance.randrange(3, 16)), fill=colour)
    image.save(path)


def source(number):
    folder = root / f"source-{number}"
    for heap in ("inputs", "outputs"):
        (folder / heap).mkdir(parents=True)
    for nth in range(pictures):
        drawing, rendering = divmod(nth, 5)
        chance = Random(f"{number} {drawing}")
        colour = tuple(chance.randrange(40, 200) for _ in range(3))
        name = f"thing{drawing}.png" if rendering == 0 else f"thing{drawing}-{rendering}.png"
        picture(folder / ("inputs" if rendering == 0 else "outputs") / name, chance, colour if rendering == 0 else
                tuple((part + 20 * rendering) % 256 for part in colour))
    return folder


def resident_kib():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


for number in range(books):
    folder = source(number)
    began = time.process_time()
    code = main.main(["make", "--formats=html", "--quiet", "--title", f"Book {number}", "--out", str(root / "books"),
                      str(folder)])
    seconds = time.process_time() - began  # of all threads: the machine may have others to serve
    assert code in (0, 3), code
    gc.collect()
    print(json.dumps({"kib": resident_kib(), "seconds": seconds / pictures}), file=sys.stderr, flush=True)
"""


@pytest.mark.timeout(LIMIT_S + 60)
def test_memory_and_time_stay_flat_over_many_books_in_one_process(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", MAKER, tmp_path, str(BOOKS), str(PICTURES)],
        cwd=ROOT,
        env=environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    figures = [json.loads(line) for line in child.stderr.splitlines() if line.startswith("{")]

    assert child.returncode == 0, child.stderr[-2000:]
    assert len(figures) == BOOKS
    assert figures[-1]["kib"] <= 1.3 * figures[WARM - 1]["kib"], figures
    if BOOKS < 100:  # too few to say anything of time
        return
    seconds = [figure["seconds"] for figure in figures[WARM:]]
    third = len(seconds) // 3 or 1
    print(  # noqa: T201  (figures to be read)
        f"{figures[WARM - 1]['kib']} KiB after {WARM} books, {figures[-1]['kib']} at the end; seconds of the processor "
        f"for each picture: {median(seconds[:third]):.4f}, {median(seconds[-third:]):.4f} in the first and last third"
    )
    assert median(seconds[-third:]) <= 1.25 * max(median(seconds[:third]), median(seconds[third : 2 * third])), seconds
