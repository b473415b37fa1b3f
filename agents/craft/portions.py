"""Splitting many things over few places, as evenly as it goes."""

from itertools import pairwise


def portions(count: int, most: int) -> list[slice]:
    """Slices over `count` things, each of at most `most`, as few as possible, their sizes at most 1 apart."""
    number = -(-count // most)
    bounds = [-(-count * i // number) for i in range(number + 1)] if number else [0]
    return [slice(start, stop) for start, stop in pairwise(bounds)]
