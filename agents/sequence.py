"""sequence: decides the order of the drawings and the outline, and briefs every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.book.pair import Pair, Pairing
from agents.book.picture import Picture, Reading
from agents.book.story import PageBrief, Proposal, Scene, Storyline
from agents.craft.kinship import sketch
from agents.craft.names import name_words
from agents.craft.portions import portions
from agents.services.ports import Language
from swarm import Gathered, Step, StepError, agent

_MOST_A_PAGE = 16


@dataclass(frozen=True, slots=True)
class _Spread:
    """A page to be: its scene with the part of its pair that it shows."""

    scene: Scene
    pair: Pair


@agent(
    scope="book",
    needs=("ingest", "pair"),
    settings=("age", "seed", "shown_title", "captions", "text", "max_pages"),
    ports=("language",),
    opens="page",
    may_fall_back=True,
    deadline_s=900,
)
async def sequence(
    step: Step,
    *,
    ingest: Gathered[Reading],
    pair: Pairing,
    age: int,
    seed: int,
    shown_title: str,
    captions: Mapping[str, str],
    text: Mapping[str, str],
    max_pages: int | None,
    language: Language,
) -> Storyline:
    """Chooses the best of three orders and outlines, and briefs every page."""
    pictures = {item: reading.picture for item, reading in ingest.items() if reading.picture}
    drawn = {each.input for each in pair.pairs}
    layouts = {
        item: sketch(np.frombuffer(reading.features, "<f2")) for item, reading in ingest.items() if item in drawn
    }
    spreads = _spreads(_surest(pair.pairs, max_pages), pictures, captions, layouts)
    proposals = await language.propose([s.scene for s in spreads], age=age, seed=seed, title=shown_title)
    chosen = max(range(len(proposals)), key=lambda i: proposals[i].score)
    return Storyline(
        proposals=proposals,
        orders=tuple(tuple(spreads[i].scene.input for i in p.order) for p in proposals),
        chosen=chosen,
        reason=_reason(proposals, chosen),
        made_with=language.identity,
        briefs=tuple(_briefs(proposals[chosen], spreads, pictures, text)),
    )


def _surest(pairs: Sequence[Pair], max_pages: int | None) -> list[Pair]:
    """The surest pairs whose pages the book may have, in the order of the source."""
    room, kept = max_pages, []
    for pair in sorted(pairs, key=lambda pair: -pair.confidence):
        pages = len(portions(len(pair.matches), _MOST_A_PAGE))
        if room is None or pages <= room:
            kept.append(pair)
            room = None if room is None else room - pages
    if not kept:
        raise StepError(f"no pair fits into {max_pages} pages: allow more", code="bad-input")
    return sorted(kept, key=pairs.index)


def _spreads(
    pairs: Sequence[Pair],
    pictures: Mapping[str, Picture],
    captions: Mapping[str, str],
    layouts: Mapping[str, tuple[float, ...]],
) -> list[_Spread]:
    spreads = []
    for pair in pairs:
        drawing = pictures[pair.input]
        parts = portions(len(pair.matches), _MOST_A_PAGE)
        scene = Scene(
            input=pair.input,
            caption=captions.get(pair.input, ""),
            name_words=name_words(pair.input),
            mean=drawing.mean,
            palette=drawing.palette,
            parts=len(parts),
            layout=layouts[pair.input],
            description=pair.description,
        )
        for number, part in enumerate(parts, start=1):
            shown = replace(pair, matches=pair.matches[part])
            spreads.append(_Spread(replace(scene, part=number), shown))
    return spreads


def _briefs(
    proposal: Proposal, spreads: Sequence[_Spread], pictures: Mapping[str, Picture], text: Mapping[str, str]
) -> list[PageBrief]:
    outline, briefs = proposal.outline, []
    beats = (None, *outline.beats, None)
    for number, index in enumerate(proposal.order, start=1):
        scene, pair = spreads[index].scene, spreads[index].pair
        brief = PageBrief(
            item=scene.input if scene.parts == 1 else f"{scene.input}#{scene.part}",
            number=number,
            page_count=len(proposal.order),
            scene=scene,
            drawing=pictures[scene.input],
            renderings=tuple(pictures[match.output] for match in pair.matches),
            pair=pair,
            hero=outline.hero,
            want=outline.want,
            trouble=outline.trouble,
            refrain=outline.refrain,
            beat=outline.beats[number - 1],
            beat_before=beats[number - 1],
            beat_after=beats[number + 1],
            fixed_text=text.get(scene.input) if scene.part == 1 else None,
        )
        briefs.append(brief)
    return briefs


def _reason(proposals: Sequence[Proposal], chosen: int) -> str:
    best = proposals[chosen]
    parts = {"coherence": best.coherence, "arc": best.arc, "variety": best.variety}
    strongest = max(parts, key=lambda name: parts[name])
    others = ", ".join(f"{p.score:.2f}" for i, p in enumerate(proposals) if i != chosen)
    return (
        f"“{best.outline.shape}” scored {best.score:.2f} against {others or 'none'}, "
        f"most of all for its {strongest} ({parts[strongest]:.2f})"
    )
