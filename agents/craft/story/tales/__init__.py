"""The written tales: one text file a story shape, the plain walk, and the tries that any tale may go on with.

A file begins with its plot in a comment. `goal NOUN | WANT | TROUBLE`, `refrain …`, `word …`, `curve …` and
`keywords …` each take a line. An act begins with `== STATION`; each of its lines is one passage, with `+` before one
that may be left out. `~` shows where the refrain stands, else it ends the page. `> N TEXT` is a way for a trouble to
end that leads to try N of the ring, from 0. Slots are listed in `voice`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from agents.craft.story.shape import Act, Goal, Line, Shape, Station

NAMES = ("bedtime", "giggle", "hide", "maker", "parade", "race", "sneeze", "song", "whisper")


@cache
def shapes() -> Mapping[str, Shape]:
    """The shapes that are proposed, by name."""
    return {name: _read(name) for name in NAMES}


@cache
def walk() -> Shape:
    """A plain walk through the drawings, for outlines that were made elsewhere: it speaks of their own want."""
    return _read("walk")


@cache
def manners() -> Mapping[Station, tuple[Act, ...]]:
    """Tries for any tale whose own are used up (how the hero comes, and why that does not do), and how they begin."""
    return _read("manners").acts


def _read(name: str) -> Shape:
    text = resources.files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    head, *blocks = text.split("\n== ")
    facts = [*_facts(head)]
    acts: dict[Station, tuple[Act, ...]] = {}
    for block in blocks:
        station, _, body = block.partition("\n")
        acts[Station(station.strip())] = (*acts.get(Station(station.strip()), ()), _act(body))
    return Shape(
        name=name,
        goals=tuple(Goal(*(part.strip() for part in value.split("|"))) for key, value in facts if key == "goal"),
        refrains=tuple(value for key, value in facts if key == "refrain"),
        curve=tuple(float(point) for key, value in facts if key == "curve" for point in value.split()),
        acts=acts,
        keywords=frozenset(word for key, value in facts if key == "keywords" for word in value.split()),
        words=tuple(value for key, value in facts if key == "word"),
    )


def _facts(head: str) -> Iterator[tuple[str, str]]:
    for line in head.splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.partition(" ")
            yield key, value.strip()


def _act(body: str) -> Act:
    written = [line.strip() for line in body.splitlines() if line.strip() and not line.startswith("#")]
    refrain_at = written.index("~") if "~" in written else len(written)
    lines = tuple(Line(text.removeprefix("+ "), text[0] != "+") for text in written if text[0] not in "~>")
    leads = (text[1:].split(maxsplit=1) for text in written if text[0] == ">")
    return Act(lines, min(refrain_at, len(lines)), tuple((int(number), lead) for number, lead in leads))
