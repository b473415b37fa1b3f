"""The plan: the agents' declarations compiled to a graph and checked before anything runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_args, get_origin

from swarm.agent import ROOT_SCOPE, AgentSpec, Gathered
from swarm.codec import type_name
from swarm.errors import PlanError


class Mode(StrEnum):
    """How results flow along an edge: to the same item, from all items to the book, or from the book to each."""

    OWN = "own"
    GATHER = "gather"
    SPREAD = "spread"


class Part(StrEnum):
    """What an edge is for: a needed input, an extra that may be missing, or only waiting."""

    NEED = "need"
    EXTRA = "extra"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` waits for `source`."""

    source: str
    target: str
    mode: Mode
    part: Part


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked plan. `order` is topological; a role is `required` when the goal cannot do without it.

    `affected[reviewer, target]` lists, in order, the roles of one item to run again when the reviewer asks for a
    rework of the target; `extras[role]` are those that run before it.
    """

    goal: str
    order: tuple[str, ...]
    specs: Mapping[str, AgentSpec]
    incoming: Mapping[str, tuple[Edge, ...]]
    outgoing: Mapping[str, tuple[Edge, ...]]
    scopes: Mapping[str, tuple[str, ...]]
    openers: Mapping[str, str]
    required: frozenset[str]
    affected: Mapping[tuple[str, str], tuple[str, ...]]
    extras: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, specs: Iterable[AgentSpec], *, goal: str, listed: Sequence[str] = ()) -> "Plan":
        """Compile and check. `goal` is the role whose result is wanted, `listed` the scopes opened by the source.

        Raises PlanError with one sentence for the first fault found.
        """
        by_role = _by_role(specs)
        if goal not in by_role:
            raise PlanError(f"no agent has the role {goal}, which the whole run is for")
        if by_role[goal].scope != ROOT_SCOPE:
            said = f"agent {goal} works on the scope {by_role[goal].scope}"
            raise PlanError(f"{said}, but the whole run is for it: it must work on the book")
        openers = _openers(by_role, listed)
        edges = _edges(by_role)
        affected = _affected(by_role, edges)
        edges += _reviewer_edges(edges, affected)
        order = _topological(by_role, edges, openers)
        return cls(
            goal=goal,
            order=order,
            specs={role: by_role[role] for role in order},
            incoming={role: tuple(e for e in edges if e.target == role) for role in order},
            outgoing={role: tuple(e for e in edges if e.source == role) for role in order},
            scopes=_scopes(by_role, order, listed),
            openers=openers,
            required=_required(by_role, openers, goal),
            affected={pair: tuple(r for r in order if r in roles) for pair, roles in affected.items()},
            extras={role: _extras(role, edges) for role in order},
        )

    def to_text(self) -> str:
        """The plan for people, a line a role."""
        rows = [("role", "scope", "needs", "gives", "also")]
        for role in self.order:
            spec = self.specs[role]
            rows.append(
                (
                    role,
                    spec.scope,
                    ", ".join(spec.needs) or "-",
                    type_name(spec.gives),
                    self._also(spec),
                )
            )
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)

    def to_dot(self) -> str:
        """The plan as a Graphviz graph: a box a role, dashed where only extras flow."""
        lines = [
            "digraph plan {",
            "  rankdir=LR;",
            '  node [shape=box, style=rounded, fontname="sans-serif"];',
        ]
        lines += [f'  "{role}" [label="{role}\\n{self.specs[role].scope}"];' for role in self.order]
        for role in self.order:
            for edge in self.outgoing[role]:
                if edge.part is not Part.WAIT:
                    look = ' [style=dashed, label="extra"]' if edge.part is Part.EXTRA else ""
                    lines.append(f'  "{edge.source}" -> "{edge.target}"{look};')
        for scope, role in self.openers.items():
            first = (r for r in self.scopes[scope] if not any(e.mode is Mode.OWN for e in self.incoming[r]))
            lines += [f'  "{role}" -> "{r}" [style=dotted, label="opens {scope}"];' for r in first]
        for reviewer, target in self.affected:
            lines.append(f'  "{reviewer}" -> "{target}" [style=dotted, constraint=false, label="rework"];')
        return "\n".join([*lines, "}"])

    def _also(self, spec: AgentSpec) -> str:
        notes = [
            f"opens {spec.opens}" if spec.opens else "",
            f"before {spec.before}" if spec.before else "",
            f"may rework {', '.join(spec.may_rework)}" if spec.may_rework else "",
            "" if spec.role in self.required else "optional",
        ]
        return "; ".join(note for note in notes if note)


def _by_role(specs: Iterable[AgentSpec]) -> dict[str, AgentSpec]:
    by_role: dict[str, AgentSpec] = {}
    for spec in specs:
        if spec.role in by_role:
            raise PlanError(f"two agents have the role {spec.role}: one must go or be renamed")
        by_role[spec.role] = spec
    return by_role


def _openers(by_role: Mapping[str, AgentSpec], listed: Sequence[str]) -> dict[str, str]:
    openers: dict[str, str] = {}
    for spec in by_role.values():
        if spec.opens is None:
            continue
        if spec.scope != ROOT_SCOPE:
            raise PlanError(f"agent {spec.role} opens {spec.opens}, but only a step of the whole book can open a scope")
        if spec.opens in openers or spec.opens in listed or spec.opens == ROOT_SCOPE:
            other = openers.get(spec.opens, "the source")
            raise PlanError(f"agent {spec.role} opens the scope {spec.opens}, which {other} opens already")
        openers[spec.opens] = spec.role
    for spec in by_role.values():
        if spec.scope not in (ROOT_SCOPE, *listed, *openers):
            raise PlanError(f"agent {spec.role} works on the scope {spec.scope}, which nobody opens")
    return openers


def _edges(by_role: Mapping[str, AgentSpec]) -> list[Edge]:
    edges = []
    for spec in by_role.values():
        for need in spec.needs:
            edges.append(_edge(by_role, need, spec.role, Part.NEED, f"agent {spec.role} needs {need}"))
            _check_type(by_role[need], spec, edges[-1].mode)
        if spec.before is not None:
            said = f"agent {spec.role} runs before {spec.before}"
            edges.append(_edge(by_role, spec.role, spec.before, Part.EXTRA, said))
            if not by_role[spec.before].wants_extras:
                raise PlanError(f"{said}, which takes no extras")
    return edges


def _edge(by_role: Mapping[str, AgentSpec], source: str, target: str, part: Part, said: str) -> Edge:
    for role in (source, target):
        if role not in by_role:
            raise PlanError(f"{said}, but no agent has the role {role}")
    scopes = by_role[source].scope, by_role[target].scope
    if scopes[0] == scopes[1]:
        return Edge(source, target, Mode.OWN, part)
    if ROOT_SCOPE not in scopes:
        raise PlanError(
            f"{said}, across the scopes {scopes[0]} and {scopes[1]}: a role of the whole book must join them"
        )
    return Edge(source, target, Mode.GATHER if scopes[1] == ROOT_SCOPE else Mode.SPREAD, part)


def _check_type(source: AgentSpec, target: AgentSpec, mode: Mode) -> None:
    """The type that a handler expects of a need is the type that the needed role gives."""
    expected, given = target.takes[source.role], source.gives
    if mode is Mode.GATHER:
        is_gathered = get_origin(expected) is Gathered
        expected = get_args(expected)[0] if is_gathered else expected
        given = given if is_gathered else f"Gathered[{type_name(given)}]"
    if expected not in (given, Any):
        raise PlanError(
            f"agent {target.role} expects {type_name(expected)} of {source.role}, which gives {type_name(given)}"
        )


def _reach(starts: Iterable[str], edges: Iterable[Edge], modes: frozenset[Mode]) -> set[str]:
    """`starts` and all roles that follow them along edges of these modes."""
    followers: dict[str, list[str]] = {}
    for edge in edges:
        if edge.mode in modes:
            followers.setdefault(edge.source, []).append(edge.target)
    seen, todo = set(starts), list(starts)
    while todo:
        fresh = [role for role in followers.get(todo.pop(), ()) if role not in seen]
        seen.update(fresh)
        todo += fresh
    return seen


def _affected(by_role: Mapping[str, AgentSpec], edges: list[Edge]) -> dict[tuple[str, str], set[str]]:
    affected: dict[tuple[str, str], set[str]] = {}
    for spec in by_role.values():
        for target in spec.may_rework:
            said = f"agent {spec.role} may ask {target} for rework"
            if target not in by_role:
                raise PlanError(f"{said}, but no agent has the role {target}")
            if spec.scope == ROOT_SCOPE or by_role[target].scope != spec.scope:
                raise PlanError(f"{said}, but a rework stays within one item of one scope")
            roles = _reach([target], edges, frozenset({Mode.OWN}))
            if spec.role not in roles or spec.role == target:
                raise PlanError(f"{said}, which is not its ancestor")
            affected[spec.role, target] = roles
    return affected


def _reviewer_edges(edges: list[Edge], affected: Mapping[tuple[str, str], set[str]]) -> list[Edge]:
    """Who gathers a role that may be reworked waits until its reviewers are done with every item, and so for the
    reviewers that may have these review again."""
    there = {(edge.source, edge.target) for edge in edges if edge.mode is Mode.GATHER}
    waits: set[tuple[str, str]] = set()
    while fresh := _reviews(there | waits, affected) - there - waits:
        waits |= fresh
    return [Edge(source, target, Mode.GATHER, Part.WAIT) for source, target in sorted(waits)]


def _reviews(gathered: set[tuple[str, str]], affected: Mapping[tuple[str, str], set[str]]) -> set[tuple[str, str]]:
    """The reviewers of the gathered roles, each with who gathers."""
    return {
        (reviewer, target)
        for source, target in gathered
        for (reviewer, _), roles in affected.items()
        if source in roles
    }


def _topological(by_role: Mapping[str, AgentSpec], edges: list[Edge], openers: Mapping[str, str]) -> tuple[str, ...]:
    waits = {role: {e.source for e in edges if e.target == role} for role in by_role}
    for role, spec in by_role.items():
        if spec.scope in openers:
            waits[role].add(openers[spec.scope])
    order: list[str] = []
    while len(order) < len(by_role):
        ready = [role for role in by_role if role not in order and waits[role] <= set(order)]
        if not ready:
            raise PlanError(f"these agents wait for each other in a circle: {' -> '.join(_circle(waits, order))}")
        order += ready
    return tuple(order)


def _circle(waits: Mapping[str, set[str]], done: Sequence[str]) -> list[str]:
    path = [min(set(waits) - set(done))]
    while path[-1] not in path[:-1]:
        path.append(min(waits[path[-1]] - set(done)))
    return path[path.index(path[-1]) :][::-1]


def _scopes(
    by_role: Mapping[str, AgentSpec], order: Sequence[str], listed: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    names = dict.fromkeys([ROOT_SCOPE, *listed, *(spec.opens for spec in by_role.values() if spec.opens)])
    return {scope: tuple(role for role in order if by_role[role].scope == scope) for scope in names}


def _extras(role: str, edges: list[Edge]) -> tuple[str, ...]:
    return tuple(sorted(edge.source for edge in edges if edge.target == role and edge.part is Part.EXTRA))


def _required(by_role: Mapping[str, AgentSpec], openers: Mapping[str, str], goal: str) -> frozenset[str]:
    required: set[str] = set()
    todo = [goal]
    while todo:
        role = todo.pop()
        if role not in required:
            required.add(role)
            opener = openers.get(by_role[role].scope)
            todo += [*by_role[role].needs, *([opener] if opener else [])]
    return frozenset(required)
