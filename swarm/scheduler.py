"""The decision: which steps to send, given the state of a run and what just happened.

Pure of clock, randomness and I/O: `RunState.on` takes one happening and answers with the steps to send. The state is
owned by one coordinator and changed in place, so that an event costs only the steps that it touches, whatever the
size of the run. Only digests are held; values stay in the journal.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from swarm.agent import ROOT_SCOPE, StepId
from swarm.plan import Edge, Mode, Part, Plan


class Status(StrEnum):
    """Where a step stands; done, failed and skipped are its answers."""

    WAITING = "waiting"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


SETTLED = (Status.DONE, Status.FAILED, Status.SKIPPED)


class ItemRef(Struct, frozen=True, gc=False, array_like=True):
    """An item of a scope and the digest of its brief."""

    item: str
    digest: str


class Began(Struct, frozen=True, gc=False):
    """The run starts; `listed` holds the items of the scopes that the source opens."""

    listed: Mapping[str, Sequence[ItemRef]]


class Done(Struct, frozen=True, gc=False):
    """A step gave a result; `opened` are the items of the scope that its role opens."""

    step: StepId
    ticket: int
    digest: str
    opened: tuple[ItemRef, ...] = ()


class Failed(Struct, frozen=True, gc=False):
    """A step cannot be done, for this reason."""

    step: StepId
    ticket: int
    reason: str


class Asked(Struct, frozen=True, gc=False):
    """A review asks `role` to do this item again; `digest` is the result that stands if no round is left."""

    step: StepId
    ticket: int
    role: str
    notes: str
    digest: str


Happening: TypeAlias = Began | Done | Failed | Asked


class Send(Struct, frozen=True, gc=False):
    """A step to run. An answer counts only with the newest ticket of its step."""

    step: StepId
    ticket: int
    round: int
    is_fallback: bool = False
    notes: str = ""
    rejected: str = ""


class Gathering(Struct, frozen=True, gc=False, array_like=True):
    """The results of a role over all items, as digests, and the reasons for those that are missing."""

    values: tuple[ItemRef, ...]
    losses: tuple[tuple[str, str], ...]


Source: TypeAlias = str | Gathering


class Inputs(Struct, frozen=True, gc=False, array_like=True):
    """What goes into a step, as digests: by need, by extra, and the brief of its item (empty for the book)."""

    needs: tuple[tuple[str, Source], ...]
    extras: tuple[tuple[str, Source], ...]
    brief: str


class _Record(Struct, gc=False):
    """The state of one step."""

    step: StepId
    waiting: int
    status: Status = Status.WAITING
    ticket: int = 0
    digest: str = ""
    reason: str = ""
    fell_back: bool = False
    notes: str = ""
    rejected: str = ""


@dataclass(slots=True)
class RunState:
    """The state of one run. `strict` makes a lost item fail the run, `max_reworks` bounds the rounds of an item,
    `may_fall_back` allows agents that can to try once more without the service that failed."""

    plan: Plan
    max_reworks: int = 2
    strict: bool = False
    may_fall_back: bool = True
    failure: str = ""
    failed_step: StepId | None = None
    items: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rounds: dict[tuple[str, str], int] = field(default_factory=dict)
    lost: dict[tuple[str, str], str] = field(default_factory=dict)
    _steps: dict[str, dict[str, _Record]] = field(default_factory=dict)
    _briefs: dict[str, dict[str, str]] = field(default_factory=dict)
    _left: dict[str, int] = field(default_factory=dict)
    _open: int = 0
    _sends: list[Send] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether every step has its answer, or the run has failed."""
        return bool(self.failure) or (self._open == 0 and ROOT_SCOPE in self.items)

    def status(self, step: StepId) -> Status:
        """Where a step stands. Raises KeyError for a step that the run does not have."""
        return self._steps[step.role][step.item].status

    def digest(self, step: StepId) -> str:
        """The digest of a step's result, empty if it has none."""
        return self._steps[step.role][step.item].digest

    def is_awaited(self, send: Send) -> bool:
        """Whether an answer to this send would still count: a rework may have called its step back."""
        record = self._steps[send.step.role][send.step.item]
        return record.status is Status.SENT and record.ticket == send.ticket

    def count(self, role: str) -> int:
        """How many steps the role has, as far as its scope is open."""
        return len(self.items.get(self.plan.specs[role].scope, ()))

    def on(self, happening: Happening) -> list[Send]:
        """Take one happening and give the steps to send, in the order in which they became ready.

        A stale or repeated answer changes nothing. Raises KeyError for a step that the run does not have.
        """
        if isinstance(happening, Began):
            self._begin(happening)
        else:
            step = happening.step
            record = self._steps[step.role][step.item]
            if record.status is Status.SENT and record.ticket == happening.ticket:
                self._answer(record, happening)
        sends, self._sends = self._sends, []
        return [] if self.failure else sends

    def inputs(self, step: StepId) -> Inputs:
        """What goes into a step now; complete as soon as it has been sent."""
        spec = self.plan.specs[step.role]
        extras = self.plan.extras[step.role]
        brief = self._briefs[spec.scope][step.item]
        if not spec.needs and not extras:
            return Inputs((), (), brief)
        found = [(role, self._source(role, step)) for role in extras]
        return Inputs(
            needs=tuple([(role, self._source(role, step)) for role in spec.needs]),
            extras=tuple([(role, source) for role, source in found if source]),
            brief=brief,
        )

    def _source(self, role: str, step: StepId) -> Source:
        scope = self.plan.specs[role].scope
        records = self._steps[role]
        if scope == ROOT_SCOPE or scope == self.plan.specs[step.role].scope:
            return records["" if scope == ROOT_SCOPE else step.item].digest
        values, losses = [], []
        for item, record in records.items():
            if record.digest and (scope, item) not in self.lost:
                values.append(ItemRef(item, record.digest))
            else:
                losses.append((item, self.lost.get((scope, item)) or record.reason))
        return Gathering(tuple(values), tuple(losses))

    def _begin(self, began: Began) -> None:
        self._open_scope(ROOT_SCOPE, [ItemRef("", "")])
        for scope, refs in began.listed.items():
            self._open_scope(scope, refs)

    def _open_scope(self, scope: str, refs: Sequence[ItemRef]) -> None:
        items = tuple([ref.item for ref in refs])
        twice = [item for item, times in Counter(items).items() if times > 1]
        if twice:
            raise ValueError(f"the scope {scope} lists {', '.join(twice)} twice")
        self.items[scope] = items
        roles = self.plan.scopes[scope]
        self._briefs[scope] = {ref.item: ref.digest for ref in refs}
        self._steps.update({role: {} for role in roles})
        for item in items:
            for role in roles:
                self._steps[role][item] = _Record(StepId(role, item), self._waits(role, item))
        self._open += len(items) * len(roles)
        self._left.update(dict.fromkeys(roles, len(items)))
        for item in items:
            for role in roles:
                self._send_if_ready(self._steps[role][item])
        if not refs:
            for role in roles:
                self._all_settled(role)

    def _waits(self, role: str, item: str) -> int:
        """How many of its incoming edges are not yet settled."""
        edges = self.plan.incoming[role]
        return sum([not self._is_settled(edge, item) for edge in edges]) if edges else 0

    def _is_settled(self, edge: Edge, item: str) -> bool:
        if edge.mode is Mode.GATHER:
            return self._left.get(edge.source, 1) == 0
        record = self._upstream(edge, item)
        return record is not None and record.status in SETTLED

    def _upstream(self, edge: Edge, item: str) -> _Record | None:
        """The step that an edge to this item comes from, if it is known already; not for what is gathered."""
        return self._steps.get(edge.source, {}).get("" if edge.mode is Mode.SPREAD else item)

    def _send_if_ready(self, record: _Record) -> None:
        if record.waiting or record.status is not Status.WAITING:
            return
        missing = self._missing_need(record.step)
        if missing is None:
            self._send(record)
        else:
            self._skip(record, missing.reason)

    def _missing_need(self, step: StepId) -> _Record | None:
        """A needed step that has no result, so that this one cannot run; a gathered role is never missing."""
        for edge in self.plan.incoming[step.role]:
            if edge.part is Part.NEED and edge.mode is not Mode.GATHER:
                record = self._upstream(edge, step.item)
                if record is None or record.status is not Status.DONE:
                    return record
        return None

    def _send(self, record: _Record) -> None:
        step = record.step
        record.status = Status.SENT
        record.ticket += 1
        round_ = self.rounds.get((self.plan.specs[step.role].scope, step.item), 0) if self.rounds else 0
        self._sends.append(Send(step, record.ticket, round_, record.fell_back, record.notes, record.rejected))

    def _answer(self, record: _Record, answer: Done | Failed | Asked) -> None:
        if isinstance(answer, Done):
            record.digest = answer.digest
            self._settle(record, Status.DONE)
            self._open_after(record, answer.opened)
        elif isinstance(answer, Failed):
            self._fail(record, answer.reason)
        else:
            self._rework(record, answer)

    def _open_after(self, record: _Record, opened: Sequence[ItemRef]) -> None:
        scope = self.plan.specs[record.step.role].opens
        if scope is not None:
            self._open_scope(scope, opened)

    def _fail(self, record: _Record, reason: str) -> None:
        if self._may_fall_back(record.step) and not record.fell_back:
            record.fell_back = True
            self._send(record)
            return
        record.reason = reason
        if record.step.role in self.plan.required:
            self._lose(record.step, reason)
        self._settle(record, Status.FAILED)

    def _may_fall_back(self, step: StepId) -> bool:
        spec = self.plan.specs[step.role]
        return self.may_fall_back and spec.may_fall_back and (spec.scope, step.item) not in self.lost

    def _lose(self, step: StepId, reason: str) -> None:
        """A required step has failed: its item is lost, or with it the run."""
        scope = self.plan.specs[step.role].scope
        if scope == ROOT_SCOPE or self.strict:
            self.failure = reason
            self.failed_step = step
            return
        self.lost.setdefault((scope, step.item), reason)
        for role in reversed(self.plan.scopes[scope]):  # from the last, so that no skip lets a later step go
            self._skip(self._steps[role][step.item], reason)

    def _skip(self, record: _Record, reason: str) -> None:
        if record.status is Status.WAITING:
            record.reason = reason
            self._settle(record, Status.SKIPPED)

    def _settle(self, record: _Record, status: Status) -> None:
        role, item = record.step
        record.status = status
        self._open -= 1
        self._left[role] -= 1
        for edge in self.plan.outgoing[role]:
            if edge.mode is Mode.OWN:
                self._let_go(self._steps[edge.target][item])
            elif edge.mode is Mode.SPREAD:
                for target in self._steps.get(edge.target, {}).values():
                    self._let_go(target)
        if self._left[role] == 0:
            self._all_settled(role)
        if status is not Status.DONE:
            self._open_after(record, ())

    def _all_settled(self, role: str) -> None:
        for edge in self.plan.outgoing[role]:
            if edge.mode is Mode.GATHER:
                self._let_go(self._steps[edge.target][""])

    def _let_go(self, target: _Record) -> None:
        target.waiting -= 1
        self._send_if_ready(target)

    def _rework(self, record: _Record, asked: Asked) -> None:
        role, item = record.step
        place = (self.plan.specs[role].scope, item)
        if self.rounds.get(place, 0) >= self.max_reworks or place in self.lost:
            record.digest = asked.digest
            self._settle(record, Status.DONE)
            return
        self.rounds[place] = self.rounds.get(place, 0) + 1
        target = self._steps[asked.role][item]
        rejected = target.digest
        again = [self._steps[role][item] for role in self.plan.affected[role, asked.role]]
        for affected in again:
            self._reopen(affected)
        target.notes, target.rejected = asked.notes, rejected
        for affected in again:
            affected.waiting = self._waits(affected.step.role, item)
        for affected in again:
            self._send_if_ready(affected)

    def _reopen(self, record: _Record) -> None:
        """Take a step's answer back. Its gatherers still wait for the reviewer, so none of them has been sent."""
        role = record.step.role
        if record.status in SETTLED:
            self._open += 1
            if self._left[role] == 0:
                for edge in self.plan.outgoing[role]:
                    if edge.mode is Mode.GATHER:
                        self._steps[edge.target][""].waiting += 1
            self._left[role] += 1
        record.status = Status.WAITING
        record.digest = record.reason = record.notes = record.rejected = ""
        record.fell_back = False
