"""pair: finds out which renderings were made from which drawing."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from agents.book.pair import Evidence, Match, Pair, Pairing
from agents.book.picture import Heap, Omission, Reading, Reason
from agents.craft import pairing
from agents.craft.names import name_likeness
from agents.craft.similarity import centre, diffuse
from agents.services.ports import Vectors
from swarm import Gathered, Step, StepError, agent

_MIRROR = "|mirrored"


@agent(
    scope="book",
    needs=("ingest",),
    settings=("flag_below",),
    ports=("vectors",),
    deadline_s=300,
)
async def pair(step: Step, *, ingest: Gathered[Reading], flag_below: float, vectors: Vectors) -> Pairing:
    """Finds out which renderings were made from which drawing."""
    inputs, outputs = (_readable(ingest.values(), heap) for heap in Heap)
    omitted = _omitted(ingest)
    for heap, readings in ((Heap.INPUT, inputs), (Heap.OUTPUT, outputs)):
        if not readings:
            raise StepError(_nothing_left(heap, omitted), code="bad-input")
    drawings, renderings = _paths(inputs), _paths(outputs)
    likeness = await _likeness(step, vectors, inputs, outputs)
    names = await step.run_blocking(name_likeness, drawings, renderings)
    found = await step.run_blocking(pairing.pair, likeness, names)
    matches = [(m.input, _match(m, drawings, renderings)) for m in found]
    by_input = ([match for owner, match in matches if owner == index] for index in range(len(drawings)))
    pairs = tuple(_pair(path, group, flag_below) for path, group in zip(drawings, by_input, strict=True) if group)
    if not pairs:
        raise StepError(
            "no rendering looks like any of the drawings: check that both heaps belong to the same drawings",
            code="bad-input",
        )
    used = {path for pair in pairs for path in (pair.input, *(match.output for match in pair.matches))}
    unpaired = tuple(path for path in (*drawings, *renderings) if path not in used)
    return Pairing(pairs, unpaired, omitted)


def _readable(readings: Iterable[Reading], heap: Heap) -> list[Reading]:
    return [reading for reading in readings if reading.picture is not None and reading.source.heap is heap]


def _omitted(ingest: Gathered[Reading]) -> tuple[Omission, ...]:
    unread = [reading.omission for reading in ingest.values() if reading.omission is not None]
    lost = [Omission(item, Reason.FAILED, reason) for item, reason in ingest.losses.items()]
    return tuple(sorted([*unread, *lost], key=lambda omission: omission.path))


def _nothing_left(heap: Heap, omitted: Sequence[Omission]) -> str:
    kind = "drawing" if heap is Heap.INPUT else "rendering"
    because = f": {omitted[0].path}: {omitted[0].detail}" if omitted else ""
    return f"none of the {kind}s can be read, so there is no book to make{because}"


def _paths(readings: Sequence[Reading]) -> list[str]:
    return [reading.source.item for reading in readings]


async def _likeness(
    step: Step, vectors: Vectors, inputs: Sequence[Reading], outputs: Sequence[Reading]
) -> NDArray[np.float64]:
    """The likeness (outputs, inputs) by the index, each input standing in it twice: as it is and mirrored."""
    drawings = min(len(inputs), len(outputs))
    made = centre(_matrix(r.features for r in outputs), drawings)
    drawn = centre(_matrix(r.features for r in inputs), drawings)
    flipped = centre(_matrix(r.mirrored for r in inputs), drawings)
    paths = _paths(inputs)
    collection = f"drawings-{step.run}"
    points = np.concatenate([drawn, flipped]).astype(np.float32)
    await vectors.index(collection, [*paths, *(path + _MIRROR for path in paths)], points)
    hits = await vectors.search(collection, made.astype(np.float32), 2 * len(paths))
    place = {path: index for index, path in enumerate(paths)}
    likeness = np.full((len(outputs), len(inputs)), -1.0)
    for row, neighbours in zip(likeness, hits, strict=True):
        for hit in neighbours:
            column = place[hit.id.removesuffix(_MIRROR)]
            row[column] = max(row[column], hit.likeness)
    return await step.run_blocking(diffuse, likeness, made)


def _matrix(features: Iterable[bytes]) -> NDArray[np.float32]:
    return np.stack([np.frombuffer(data, dtype="<f2") for data in features]).astype(np.float32)


def _match(match: pairing.Match, drawings: Sequence[str], renderings: Sequence[str]) -> Match:
    return Match(
        output=renderings[match.output],
        confidence=round(match.confidence, 4),
        evidence=Evidence(*(_rounded(part) for part in (match.picture, match.name, match.metadata))),
        runner_up=None if match.runner_up is None else drawings[match.runner_up],
    )


def _pair(path: str, matches: Sequence[Match], flag_below: float) -> Pair:
    confidence = sum(match.confidence for match in matches) / len(matches)
    return Pair(
        input=path,
        matches=tuple(matches),
        confidence=round(confidence, 4),
        evidence=Evidence(
            *(_mean([getattr(m.evidence, part) for m in matches]) for part in ("picture", "name", "metadata"))
        ),
        flagged=confidence < flag_below,
    )


def _mean(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return round(sum(known) / len(known), 4) if known else None


def _rounded(part: float | None) -> float | None:
    return None if part is None else round(part, 4)
