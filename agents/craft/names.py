"""Names: what the file names say about which rendering was made from which drawing."""

import itertools
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_VARIANT_SHARE: Final = 0.35
_STOP_WORD: Final = re.compile(
    r"""
    in | inputs? | out | outputs? | images? | img | pic | picture | photo | scan | scanned | drawings? | page
    | render | rendered | renders | renderings? | results? | gen | generated | ai | dall | e | dalle | midjourney
    | final | edit | edited | copy | draft | new | old | v | ver | version | var | variants? | variations?
    | download | untitled | screenshot | dsc | dscn | pxl | upscaled? | large | small | thumb | preview
    """,
    re.VERBOSE,
)
_UUID: Final = re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])")
_DATE: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-_. ]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"(?:[T _-]*(?:at )?\d{1,2}[.:_-]\d\d[.:_-]\d\d(?!\d))?"
)
_COPY_NUMBER: Final = re.compile(r"\s*\(\d+\)\s*$")
_SUFFIX: Final = re.compile(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{1,4}$")
_HEX: Final = re.compile(r"(?<![^\W_])[0-9a-fA-F]{6,}(?![^\W_])")
_WORD_AND_NUMBER: Final = re.compile(r"[a-fA-F]+\d+")
_PIECE: Final = re.compile(r"[^\W\d_]+|\d+")


def tokens(path: str) -> tuple[str, ...]:
    """The telling words and numbers of a path's last part, in order: folded in case and width, without leading zeros.

    Left out: the suffix, dates, UUIDs and digests, a closing `(2)`, and words that any picture may bear, such as `img`,
    `final` and `copy`.
    """
    name = _SUFFIX.sub("", unicodedata.normalize("NFKC", path).rpartition("/")[2])
    return _words(name)


def name_words(path: str) -> tuple[str, ...]:
    """The words of a path's last part that may say what is to be seen: letters only, at least three of them."""
    return tuple(token for token in tokens(path) if token.isalpha() and len(token) > 2)


def name_likeness(input_paths: Sequence[str], output_paths: Sequence[str]) -> NDArray[np.float64]:
    """How much of each input's name each output's name holds, 0..1: shape (outputs, inputs).

    Each token weighs ln((N + 1) / (df + 0.5)), with df the number of the N inputs that bear it, so that what all share
    counts little. An output's second and later numbers are mostly the variant's and count 0.35. Folders count as far as
    a heap's paths differ in them; beside a folder that is named like a drawing, all else in the path counts 0.35.
    A few microseconds a pair. Numbers can mislead where the outputs have a numbering of their own.
    """
    inputs = [
        frozenset(itertools.chain(*(_words(folder) for folder in folders), tokens(path)))
        for path, folders in zip(input_paths, _folders(input_paths), strict=True)
    ]
    drawings = frozenset(held for held in inputs if held)
    weight = _weights(inputs)
    bearers = _bearers(inputs)
    whole = [sum(sorted(weight[token] for token in held)) for held in inputs]
    likeness = np.zeros((len(output_paths), len(inputs)))
    for row, (path, folders) in enumerate(zip(output_paths, _folders(output_paths), strict=True)):
        for token, share in _shares(path, folders, drawings).items():
            for column in bearers.get(token, ()):
                likeness[row, column] += share * weight[token] / whole[column]
    return np.minimum(likeness, 1.0)


def _words(name: str) -> tuple[str, ...]:
    bare = unicodedata.normalize("NFKC", name)
    bare = _DATE.sub(" ", _UUID.sub(" ", _COPY_NUMBER.sub("", bare)))
    bare = _HEX.sub(_without_digest, bare)
    pieces = (piece.casefold() for piece in _PIECE.findall(_split_camel(bare)))
    plain = (piece.lstrip("0") or "0" if piece.isdecimal() else piece for piece in pieces)
    return tuple(piece for piece in plain if not _STOP_WORD.fullmatch(piece))


def _without_digest(found: re.Match[str]) -> str:
    text = found.group()
    is_digest = not text.isdecimal() and not text.isalpha() and not _WORD_AND_NUMBER.fullmatch(text)
    return " " if is_digest else text


def _split_camel(text: str) -> str:
    borders = (" " if one.islower() and other.isupper() else "" for one, other in itertools.pairwise(text))
    return "".join(itertools.chain.from_iterable(zip(text, (*borders, ""), strict=True))) if text else text


def _folders(paths: Sequence[str]) -> list[tuple[str, ...]]:
    """Each path's folders below those that all paths share."""
    split = [tuple(path.split("/")[:-1]) for path in paths]
    shared = 0
    for level in zip(*split, strict=False):
        if len(set(level)) > 1:
            break
        shared += 1
    return [folders[shared:] for folders in split]


def _weights(inputs: Sequence[frozenset[str]]) -> dict[str, float]:
    held_by: defaultdict[str, int] = defaultdict(int)
    for token in itertools.chain.from_iterable(inputs):
        held_by[token] += 1
    return {token: math.log((len(inputs) + 1) / (count + 0.5)) for token, count in held_by.items()}


def _bearers(inputs: Sequence[frozenset[str]]) -> Mapping[str, Sequence[int]]:
    bearers: defaultdict[str, list[int]] = defaultdict(list)
    for index, held in enumerate(inputs):
        for token in held:
            bearers[token].append(index)
    return bearers


def _shares(path: str, folders: Iterable[str], drawings: frozenset[frozenset[str]]) -> dict[str, float]:
    """How much each token of an output's path is believed, 0..1."""
    around = [_words(folder) for folder in folders]
    owners = [token for words in around if frozenset(words) in drawings for token in words]
    others = [token for words in around if frozenset(words) not in drawings for token in words]
    shares = dict.fromkeys(owners, 1.0)
    numbers = 0
    for token in (*tokens(path), *others):
        numbers += token.isdecimal()
        is_variant = bool(owners) or (token.isdecimal() and numbers > 1)
        shares[token] = max(_VARIANT_SHARE if is_variant else 1.0, shares.get(token, 0.0))
    return shares
