"""What one run has given so far, caught up with step by step: every row of the journal is looked at once."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.book.design import PageDesign
from agents.book.pair import Pair, Pairing
from agents.book.picture import Reading
from monitor.page.views import Doubt, LeftOut, Mark, Picture, RunCard, RunSheet, Spread, StageCard
from monitor.text import shortened, visible
from swarm import Blob, Plan
from swarm.codec import decode
from swarm.store.history import StepSeen, in_hand, progress, steps_after, troubles
from swarm.store.writer import Asked
from wiring.history import trouble_in_words
from wiring.spreads import spread

_KINDS: dict[str, Any] = {"ingest": Reading, "pair": Pairing, "design": PageDesign}
"""The roles whose results are shown, and what these are."""
_AT_A_TIME = 2_000
_MOST_MARKS = 2_000
_MOST_TROUBLES = 50
_ANSWERED = {"done": "done", "reused": "done", "provisional": "done", "failed": "failed", "waiting": "failed"}


@dataclass(slots=True)
class _Stage:
    steps: int | None = None
    standing: dict[str, str] = field(default_factory=dict)
    reworked: int = 0
    first_at: float = 0.0
    last_at: float = 0.0


class Tally:
    """The stages of a run, and what is shown of their results; `base` begins the addresses of its pictures."""

    def __init__(self, plan: Plan, base: str) -> None:
        self.thumbnails: dict[str, Blob] = {}
        self._plan = plan
        self._base = base
        self._place = 0
        self._stages: dict[str, _Stage] = {role: _Stage() for role in plan.order}
        self._in_hand: Mapping[str, int] = {}
        self._addresses: dict[str, str] = {}
        self._unreadable: dict[str, str] = {}
        self._pairing: Pairing | None = None
        self._spreads: dict[str, Spread] = {}
        self._marks: deque[Mark] = deque(maxlen=_MOST_MARKS)
        self._troubles: tuple[str, ...] = ()

    def catch_up(self, journal: Asked, run: int) -> None:
        """Look at what was written down since the last time; blocking."""
        for known in progress(journal, run):
            self._stage(known.role).steps = known.steps
        self._in_hand = in_hand(journal, run)
        while rows := steps_after(journal, run, self._place, with_data=_KINDS, most=_AT_A_TIME):
            for row in rows:
                self._take(row)
            self._place = rows[-1].id
        found = troubles(journal, run)[-_MOST_TROUBLES:]
        self._troubles = tuple(trouble_in_words(trouble) for trouble in found)

    def sheet(self, card: RunCard, labels: Mapping[str, str]) -> RunSheet:
        """All that is known now."""
        return RunSheet(
            card=card,
            stages=tuple(self._stage_card(role, labels, is_over=card.is_over) for role in self._stages),
            spreads=tuple(sorted(self._spreads.values(), key=lambda one: (one.number, one.item))),
            left_out=tuple(self._left_out()),
            doubts=tuple(self._doubt(pair) for pair in self._pairing.pairs if pair.flagged) if self._pairing else (),
            marks=tuple(self._marks),
            troubles=self._troubles,
            place=self._place,
        )

    def _stage(self, role: str) -> _Stage:
        return self._stages.setdefault(role, _Stage())

    def _take(self, row: StepSeen) -> None:
        stage = self._stage(row.role)
        stage.first_at = stage.first_at or row.at
        stage.last_at = row.at
        if row.state == "rework":
            stage.reworked += 1
        elif row.state in _ANSWERED:
            stage.standing[row.item] = _ANSWERED[row.state]
        self._marks.append(Mark(row.id, row.role, visible(row.item), row.state, row.at, shortened(visible(row.reason))))
        if row.data:
            self._take_value(row)

    def _take_value(self, row: StepSeen) -> None:
        try:
            value: Any = decode(row.data, _KINDS[row.role])
        except ValueError:  # of another version of the program
            return
        match value:
            case Reading(picture=None):
                self._unreadable[row.item] = value.omission.detail if value.omission else ""
            case Reading(picture=picture) if picture is not None:
                thumbnail = picture.thumbnail
                self.thumbnails[thumbnail.digest] = thumbnail
                self._addresses[row.item] = self._base + thumbnail.digest
            case Pairing():
                self._pairing = value
            case PageDesign():
                self._spreads[row.item] = spread(row.item, value, lambda path: self._addresses.get(path, ""))

    def _stage_card(self, role: str, labels: Mapping[str, str], *, is_over: bool) -> StageCard:
        stage, needs = self._stages[role], _needs(self._plan, role)
        states = list(stage.standing.values())
        return StageCard(
            role=role,
            label=labels.get(role, role),
            needs=needs,
            steps=stage.steps,
            done=states.count("done"),
            failed=states.count("failed"),
            in_hand=0 if is_over else self._in_hand.get(role),
            reworked=stage.reworked,
            first_at=stage.first_at,
            last_at=stage.last_at,
        )

    def _left_out(self) -> Iterator[LeftOut]:
        told = dict(self._unreadable)
        if self._pairing:
            told |= {omission.path: omission.detail for omission in self._pairing.omitted}
            told |= dict.fromkeys(self._pairing.unpaired, "it belongs to no drawing, and no rendering to it")
        for path, why in sorted(told.items()):
            yield LeftOut(visible(path), visible(why))

    def _doubt(self, pair: Pair) -> Doubt:
        others = tuple(
            self._picture(match.output, f"A rendering, {match.confidence:.0%} sure") for match in pair.matches
        )
        parts = {"likeness": pair.evidence.picture, "name": pair.evidence.name, "metadata": pair.evidence.metadata}
        grounds = ", ".join(f"{name} {share:.2f}" for name, share in parts.items() if share is not None)
        return Doubt(self._picture(pair.input, "The drawing"), others, pair.confidence, grounds)

    def _picture(self, path: str, what: str) -> Picture:
        return Picture(self._addresses.get(path, ""), f"{what}: {visible(path)}", visible(path))


def _needs(plan: Plan, role: str) -> tuple[str, ...]:
    """The roles that a stage waits for, with the one that opens its items."""
    needs: Sequence[str] = [edge.source for edge in plan.incoming[role]] if role in plan.specs else []
    opener = plan.openers.get(plan.specs[role].scope, "") if role in plan.specs else ""
    return tuple(dict.fromkeys([*needs, *([opener] if opener in plan.specs else [])]))
