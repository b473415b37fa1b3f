"""Choice by seed: the same everywhere, in every process, and different from page to page."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def generator(*parts: object) -> random.Random:
    """A generator of numbers that depends on nothing but the text of the parts."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return random.Random(int.from_bytes(digest[:8]))  # noqa: S311  (for stories, not for secrets)


def shuffled(items: Sequence[T], *parts: object) -> tuple[T, ...]:
    """The items in an order drawn from the parts."""
    order = list(items)
    generator(*parts).shuffle(order)
    return tuple(order)


def one_of(items: Sequence[T], *parts: object) -> T:
    """One item, drawn from the parts."""
    return shuffled(items, *parts)[0]


def dealt(items: Sequence[T], number: int, *parts: object) -> T:
    """The item that page `number` (from 0) is dealt from a shuffled pack: pages below `len(items)` never share one."""
    return shuffled(items, *parts)[number % len(items)]


def spread(items: Sequence[T], number: int, count: int) -> T:
    """The item for page `number` (from 0) of `count`, keeping the items' own order from first to last.

    Pages never share one as long as there are at least as many items as pages.
    """
    return items[min(len(items) - 1, number * len(items) // max(count, 1)) % len(items)]
