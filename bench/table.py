"""One figure of a benchmark, and how all of them are printed."""

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """A ratio with its target in words; `note` says what it is made of."""

    name: str
    ratio: float
    target: str
    note: str = ""


def printed(rows: Iterable[Row]) -> str:
    """A line a row."""
    return "\n".join(f"{row.name:<58} {row.ratio:8.3f}   ({row.target}) {row.note}".rstrip() for row in rows)
