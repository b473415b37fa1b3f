"""Similarity: how alike each rendering and each drawing of a batch are, by their feature vectors."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.floating]
Matrix = NDArray[np.float64]

_LEAST_FOR_CENTRING = 8
_PRIOR_DRAWINGS = 40
_NEIGHBOURS = 5
_DIFFUSION = 0.3
_STEPS = 12
_DESCRIBED = 0.5


def similarity(outputs: Floats, inputs: Floats, mirrored_inputs: Floats | None = None) -> Matrix:
    """The likeness, about 0..1, of each output to each input: shape (n, m).

    `outputs` (n, d), `inputs` (m, d) and the same inputs' mirror images (m, d) are vectors of unit length. Three steps:
    the batch is centred (`centre`), the better of an input and its mirror image counts, and renderings that look
    alike lend each other evidence (`diffuse`), so that one easy rendering helps its harder sisters.
    A true match mostly lies above 0.3, the best of wrong ones about 0.2.

    Cost: n squared; 0.02 s for 250 x 50, below 1 s for 2000.
    """
    if not len(outputs) or not len(inputs):
        return np.zeros((len(outputs), len(inputs)))
    effective = min(len(outputs), len(inputs))
    made = centre(outputs, effective)
    likeness = made @ centre(inputs, effective).T
    if mirrored_inputs is not None:
        likeness = np.maximum(likeness, made @ centre(mirrored_inputs, effective).T)
    return diffuse(likeness, made)


def with_descriptions(likeness: Matrix, outputs: Sequence[Floats | None], inputs: Sequence[Floats | None]) -> Matrix:
    """`likeness` (n, m) with the likeness of descriptions as half of it, where both pictures have one.

    `outputs` (n) and `inputs` (m) hold vectors of unit length; each heap is centred, since all texts on pictures of one
    house are alike. What one side does not have changes nothing.
    """
    rows, columns = ([place for place, one in enumerate(heap) if one is not None] for heap in (outputs, inputs))
    if not rows or not columns:
        return likeness
    drawings = min(len(rows), len(columns))
    told, asked = (centre(np.stack([one for one in heap if one is not None]), drawings) for heap in (outputs, inputs))
    mixed = likeness.copy()
    mixed[np.ix_(rows, columns)] += _DESCRIBED * (told @ asked.T - likeness[np.ix_(rows, columns)])
    return mixed


def cosine(one: Floats, other: Floats) -> float:
    """The cosine -1..1 of two vectors; 0 where one of them has no length."""
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.dot(one, other)) / length if length else 0.0


def centre(vectors: Floats, drawings: int) -> Matrix:
    """Unit vectors about a part of their own mean; `drawings` is how many different drawings stand behind them.

    What all pictures of one heap share (white paper, a house style) says nothing about which belongs to which. The mean
    of few is mostly chance, and the mean of a heap that shows one drawing is that drawing; so drawings/(drawings+40) of
    it is taken off, and nothing below 8. Taking off all of it gains 3 % on 50 drawings, and loses 40 % where all
    renderings are of one.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    if drawings >= _LEAST_FOR_CENTRING:
        rows = rows - drawings / (drawings + _PRIOR_DRAWINGS) * rows.mean(axis=0)
    return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-12))


def diffuse(likeness: Matrix, outputs: Matrix) -> Matrix:
    """`likeness` (n, m) spread over the graph of each output's five nearest outputs; `outputs` (n, d) of unit length.

    Z = (1 - a) (I - a P)^-1 S^3 with a = 0.3 and P the symmetrically normed graph of cubed cosines, as the sum of its
    first 12 powers; the cube root of Z is given, so that the scale stays. Negative likeness becomes 0.
    Source: Zhou et al., Ranking on data manifolds, 2003.
    """
    seeds = np.maximum(likeness, 0) ** 3
    count = len(outputs)
    if count < 3:
        return np.asarray(np.cbrt(seeds))
    affinity = np.maximum(outputs @ outputs.T, 0) ** 3
    np.fill_diagonal(affinity, 0)
    kept = min(_NEIGHBOURS, count - 1)
    least = np.partition(affinity, count - kept, axis=1)[:, count - kept]
    graph = np.where(affinity >= least[:, None], affinity, 0)
    graph = np.maximum(graph, graph.T)
    degree = np.sqrt(graph.sum(axis=1) + 1e-9)
    walk = csr_array(graph / degree[:, None] / degree[None])
    spread = seeds
    for _ in range(_STEPS):
        spread = _DIFFUSION * (walk @ spread) + (1 - _DIFFUSION) * seeds
    return np.asarray(np.cbrt(spread))
