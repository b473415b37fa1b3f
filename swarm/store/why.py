"""Which steps would run again, and what of each has changed since a run: the plan walked without doing anything.

A step whose key is in the journal is not run. For one that is not, the parts of its key are held against those that
the run recorded. What a step that runs will give is not known, so that those who take it are only said to follow.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from swarm.agent import StepId
from swarm.codec import decode, digest_of, encode
from swarm.lanes import Resources
from swarm.plan import Plan
from swarm.request import Brief, RunRequest
from swarm.scheduler import Asked, Began, Done, Failed, Inputs, ItemRef, RunState, Send
from swarm.store.schema import OF_RUN, key_hash
from swarm.store.writer import Writer


class Why(Struct, frozen=True):
    """A step that would run, or would after another: `changed` says what of its inputs is not as it was."""

    step: StepId
    changed: tuple[str, ...]


class Forecast(Struct, frozen=True):
    """What a run would find in the journal (`reused` steps), what it would do, and the roles that follow from that."""

    reused: int
    runs: tuple[Why, ...]
    follows: tuple[str, ...]


def forecast(writer: Writer, plan: Plan, request: RunRequest, run: int) -> Forecast:
    """What making the book as `request` says would do, held against a run that is recorded."""
    return writer.call(lambda connection: _Walk(connection, plan, request, run).done(), is_write=False)


class _Walk:
    def __init__(self, connection: sqlite3.Connection, plan: Plan, request: RunRequest, run: int) -> None:
        self._connection = connection
        self._plan = plan
        self._run = run
        self._listed = request.listed
        self._state = RunState(plan, request.max_reworks, strict=False, may_fall_back=False)
        self._resources = {role: Resources(plan.specs[role], request, _nowhere) for role in plan.order}
        steps = f"SELECT role, item, round, parts, key, state, reason FROM steps WHERE {OF_RUN} ORDER BY id"
        recorded = connection.execute(steps, {"run": run}).fetchall()
        self._before = {(role, item, round_): parts for role, item, round_, parts, *_ in recorded}
        self._failures = {key: reason for *_, key, state, reason in recorded if state == "failed"}
        self._reused = 0
        self._runs: list[tuple[Send, Why]] = []

    def done(self) -> Forecast:
        began = Began({scope: _refs(briefs) for scope, briefs in self._listed.items()})
        sends = self._state.on(began)
        while sends:
            sends = [following for send in sends for following in self._after(send)]
        runs = tuple(why for send, why in self._runs if self._state.is_awaited(send))  # no rework has called it back
        return Forecast(self._reused, runs, self._followers({why.step.role for why in runs}))

    def _after(self, send: Send) -> list[Send]:
        """The sends that follow from what the journal has of a step; none from one that would run."""
        inputs = self._state.inputs(send.step)
        key, _ = self._resources[send.step.role].key(send, inputs)
        found = (
            "SELECT digest, rework, data FROM steps WHERE state = 'done' AND hash = ? AND key = ? AND owner IN (0, ?) "
            "ORDER BY id DESC"
        )
        raw = bytes.fromhex(key)
        row = self._connection.execute(found, (key_hash(raw), raw, self._run)).fetchone()
        if row is None:
            if raw in self._failures:
                return self._state.on(Failed(send.step, send.ticket, self._failures[raw]))
            self._runs.append((send, Why(send.step, self._changes(send, inputs))))
            return []
        self._reused += 1
        digest, rework, data = row
        if rework:
            role, notes = msgspec.msgpack.decode(rework, type=tuple[str, str])
            return self._state.on(Asked(send.step, send.ticket, role, notes, digest.hex()))
        spec = self._plan.specs[send.step.role]
        opened = _refs(decode(data, spec.gives).briefs) if spec.opens else ()  # type: ignore[attr-defined]
        return self._state.on(Done(send.step, send.ticket, digest.hex(), opened))

    def _changes(self, send: Send, inputs: Inputs) -> tuple[str, ...]:
        role, item = send.step
        old_role = self._connection.execute(
            "SELECT parts FROM roles WHERE run = ? AND role = ?", (self._run, role)
        ).fetchone()
        old = self._before.get((role, item, send.round))
        if old is None or old_role is None:
            return ("it was not done in that run",)
        changed = [*_role_changes(old_role[0], self._resources[role].parts)]
        *_, before = msgspec.msgpack.decode(old)
        changed += _input_changes(before, msgspec.msgpack.decode(encode(inputs)))
        return tuple(changed) or ("its result is no longer there",)

    def _followers(self, ran: set[str]) -> tuple[str, ...]:
        """The roles that take, at first or second hand, what those roles give, or work in a scope that they open."""
        found = set(ran)
        for role in self._plan.order:
            opener = self._plan.openers.get(self._plan.specs[role].scope)
            sources = {edge.source for edge in self._plan.incoming[role]} | ({opener} if opener else set())
            if sources & found:
                found.add(role)
        return tuple(role for role in self._plan.order if role in found - ran)


def _refs(briefs: Sequence[Brief]) -> tuple[ItemRef, ...]:
    return tuple(ItemRef(brief.item, digest_of(encode(brief))) for brief in briefs)


def _role_changes(before: bytes, after: bytes) -> list[str]:
    names = ("role", "version", "kind", "code")
    *old, old_settings, old_ports = msgspec.msgpack.decode(before)
    *new, new_settings, new_ports = msgspec.msgpack.decode(after)
    changed = [name for name, one, other in zip(names, old, new, strict=True) if one != other]
    changed += _differing("setting", old_settings, new_settings)
    return changed + _differing("service", dict(old_ports), dict(new_ports))


def _input_changes(before: Sequence[Any], after: Sequence[Any]) -> list[str]:
    changed = [f"result of {role}" for role in _named(before[0], after[0])]
    changed += [f"extra of {role}" for role in _named(before[1], after[1])]
    return changed + (["what the item itself is"] if before[2] != after[2] else [])


def _named(before: Sequence[Any], after: Sequence[Any]) -> list[str]:
    old, new = dict(before), dict(after)
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def _differing(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [f"{what} {name}" for name in {**before, **after} if before.get(name) != after.get(name)]


async def _nowhere(*_: object, **__: object) -> Any:
    raise AssertionError("nothing runs here")
