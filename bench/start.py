"""How long `--help` takes, against an interpreter that does nothing."""

import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

import main
from bench.table import Row

REPEATS = 11


def _seconds(arguments: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=main.HERE)
    return time.perf_counter() - began


def rows() -> list[Row]:
    """The median of the ratios of pairs of starts."""
    ratios = [_seconds(["main.py", "--help"]) / _seconds(["-c", "pass"]) for _ in range(REPEATS)]
    return [Row("python main.py --help over python -c pass", median(ratios), "at most 15")]
