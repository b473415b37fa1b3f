"""pair: finds out which renderings were made from which drawing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from agents.book.pair import Evidence, Match, Pair, Pairing
from agents.book.picture import Heap, Look, Omission, Reading, Reason
from agents.craft import pairing
from agents.craft.kinship import near_duplicates
from agents.craft.names import name_likeness
from agents.craft.notes import Source, notes_likeness
from agents.craft.similarity import centre, diffuse, with_descriptions
from agents.services.ports import Vectors
from swarm import Gathered, Step, StepError, agent

_MIRROR = "|mirrored"
_MOST_NEIGHBOURS = 64
"""More than so many drawings are never in question for one rendering; what is farther counts as not alike."""


@agent(
    scope="book",
    needs=("ingest",),
    settings=("flag_below", "pairs", "ban", "near_duplicates"),
    ports=("vectors",),
    deadline_s=300,
)
async def pair(
    step: Step,
    *,
    ingest: Gathered[Reading],
    extras: Mapping[str, Gathered[Look]],
    flag_below: float,
    pairs: Mapping[str, Sequence[str]],
    ban: Mapping[str, Sequence[str]],
    near_duplicates: str,
    vectors: Vectors,
) -> Pairing:
    """Finds out which renderings were made from which drawing."""
    looks = extras.get("look", Gathered({}, {}))
    omitted = _omitted(ingest, looks)
    left_out = {omission.path for omission in omitted}
    inputs, outputs = (_readable(ingest.values(), heap, left_out) for heap in Heap)
    for heap, readings in ((Heap.INPUT, inputs), (Heap.OUTPUT, outputs)):
        if not readings:
            raise _nothing_left(heap, omitted)
    likeness = await _likeness(step, vectors, inputs, outputs, looks)
    word = _word(pairs, ban, _paths(inputs), _paths(outputs))
    groups = await step.run_blocking(_matched, inputs, outputs, likeness, word)
    found = [_pair(path, group, flag_below) for path, group in groups.items() if group]
    if not found:
        raise StepError(
            "no rendering looks like any of the drawings: check that both heaps belong to the same drawings",
            code="bad-input",
        )
    used = {path for pair in found for path in (pair.input, *(match.output for match in pair.matches))}
    found = [replace(pair, description=_description(pair.input, looks)) for pair in found]
    unpaired = tuple(path for path in (*_paths(inputs), *_paths(outputs)) if path not in used)
    if near_duplicates == "drop":
        found, dropped = _without_twins(found, flag_below)
        omitted = tuple(sorted([*omitted, *dropped], key=lambda omission: omission.path))
    return Pairing(tuple(found), unpaired, omitted)


def _matched(
    inputs: Sequence[Reading], outputs: Sequence[Reading], likeness: NDArray[np.float64], word: pairing.Word
) -> dict[str, list[Match]]:
    """The matches of each drawing, by its path; near-duplicates among them marked."""
    drawings, renderings = _paths(inputs), _paths(outputs)
    names = name_likeness(drawings, renderings)
    sources = [Source(reading.source.item, reading.source.digest, reading.notes) for reading in inputs]
    notes = notes_likeness(sources, [reading.notes for reading in outputs])
    groups: dict[str, list[Match]] = {path: [] for path in drawings}
    members: dict[str, list[Reading]] = {path: [] for path in drawings}
    for match in pairing.pair(likeness, names, notes, word=word):
        if match.input is not None:
            path = drawings[match.input]
            groups[path].append(_match(match, drawings, renderings, match.output in word.given))
            members[path].append(outputs[match.output])
    return {path: _with_twins(group, members[path]) for path, group in groups.items()}


def _with_twins(matches: list[Match], readings: Sequence[Reading]) -> list[Match]:
    pictures = [reading.picture for reading in readings if reading.picture is not None]
    if len(pictures) < 2:
        return matches
    twins = near_duplicates(pictures, _matrix(reading.features for reading in readings))
    return [
        match if twin is None else replace(match, twin_of=matches[twin].output)
        for match, twin in zip(matches, twins, strict=True)
    ]


def _without_twins(pairs: Sequence[Pair], flag_below: float) -> tuple[list[Pair], list[Omission]]:
    dropped = [
        Omission(match.output, Reason.NEAR_DUPLICATE, f"nearly the same picture as {match.twin_of}")
        for pair in pairs
        for match in pair.matches
        if match.twin_of
    ]
    kept = [_pair(pair.input, [match for match in pair.matches if not match.twin_of], flag_below) for pair in pairs]
    return kept, dropped


def _word(
    pairs: Mapping[str, Sequence[str]],
    ban: Mapping[str, Sequence[str]],
    drawings: Sequence[str],
    renderings: Sequence[str],
) -> pairing.Word:
    """What a person said of the pictures that could be read."""
    row, column = ({path: index for index, path in enumerate(paths)} for paths in (renderings, drawings))
    said = [
        [
            (row[path], column[drawing])
            for drawing, named in table.items()
            for path in named
            if path in row and drawing in column
        ]
        for table in (pairs, ban)
    ]
    return pairing.Word(dict(said[0]), frozenset(said[1]))


def _readable(readings: Iterable[Reading], heap: Heap, left_out: Collection[str]) -> list[Reading]:
    whole = (reading for reading in readings if reading.picture is not None and reading.source.heap is heap)
    return [reading for reading in whole if reading.source.item not in left_out]


def _omitted(ingest: Gathered[Reading], looks: Gathered[Look]) -> tuple[Omission, ...]:
    """What could not be read, what moderation flags, and what it could not be asked about."""
    unread = [reading.omission for reading in ingest.values() if reading.omission is not None]
    lost = [Omission(item, Reason.FAILED, reason) for item, reason in ingest.losses.items()]
    flagged = [
        Omission(item, Reason.FLAGGED, f"moderation flags it: {', '.join(look.flagged)}")
        for item, look in looks.items()
        if look.flagged
    ]
    unscreened = [
        Omission(item, Reason.NOT_SCREENED, f"it could not be moderated: {reason}")
        for item, reason in looks.losses.items()
        if item in ingest
    ]
    return tuple(sorted([*unread, *lost, *flagged, *unscreened], key=lambda omission: omission.path))


def _description(path: str, looks: Gathered[Look]) -> str:
    return looks[path].description if path in looks else ""


def _nothing_left(heap: Heap, omitted: Sequence[Omission]) -> StepError:
    """Bad input; or, where pictures wait for a service, a failure that may be resumed."""
    kind = "drawing" if heap is Heap.INPUT else "rendering"
    waiting = [omission for omission in omitted if omission.reason is Reason.NOT_SCREENED]
    first = next(iter(waiting or omitted), None)
    because = f": {first.path}: {first.detail}" if first else ""
    can, code = ("used", "failed") if waiting else ("read", "bad-input")
    said = f"none of the {kind}s can be {can}, so there is no book to make{because}"
    return StepError(said, code=code, retryable=bool(waiting))


def _paths(readings: Sequence[Reading]) -> list[str]:
    return [reading.source.item for reading in readings]


async def _likeness(
    step: Step, vectors: Vectors, inputs: Sequence[Reading], outputs: Sequence[Reading], looks: Gathered[Look]
) -> NDArray[np.float64]:
    """The likeness (outputs, inputs) by the index, each input standing in it twice: as it is and mirrored; where both
    pictures are described, half of it is the likeness of the descriptions."""
    drawings = min(len(inputs), len(outputs))
    made = centre(_matrix(r.features for r in outputs), drawings)
    drawn = centre(_matrix(r.features for r in inputs), drawings)
    flipped = centre(_matrix(r.mirrored for r in inputs), drawings)
    paths = _paths(inputs)
    collection = f"drawings-{step.run}"
    points = np.concatenate([drawn, flipped]).astype(np.float32)
    await vectors.index(collection, [*paths, *(path + _MIRROR for path in paths)], points)
    hits = await vectors.search(collection, made.astype(np.float32), min(2 * len(paths), _MOST_NEIGHBOURS))
    place = {path: index for index, path in enumerate(paths)}
    likeness = np.zeros((len(outputs), len(inputs)))
    for row, neighbours in zip(likeness, hits, strict=True):
        for hit in neighbours:
            column = place[hit.id.removesuffix(_MIRROR)]
            row[column] = max(row[column], hit.likeness)
    described = [[_described(reading, looks) for reading in readings] for readings in (outputs, inputs)]
    return await step.run_blocking(diffuse, with_descriptions(likeness, *described), made)


def _described(reading: Reading, looks: Gathered[Look]) -> NDArray[np.float32] | None:
    """The vector of what is to be seen in a picture, if somebody looked."""
    item = reading.source.item
    if item not in looks or not looks[item].vector:
        return None
    return np.frombuffer(looks[item].vector, dtype="<f2").astype(np.float32)


def _matrix(features: Iterable[bytes]) -> NDArray[np.float32]:
    return np.stack([np.frombuffer(data, dtype="<f2") for data in features]).astype(np.float32)


def _match(match: pairing.Match, drawings: Sequence[str], renderings: Sequence[str], by_person: bool) -> Match:
    return Match(
        output=renderings[match.output],
        confidence=round(match.confidence, 4),
        evidence=Evidence(*(_rounded(part) for part in (match.picture, match.name, match.metadata))),
        runner_up=None if match.runner_up is None else drawings[match.runner_up],
        by_person=by_person,
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
