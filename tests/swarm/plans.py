"""Plans to test with: declarations without handlers, and random plans over a listed and an opened scope."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from swarm import ROOT_SCOPE, AgentSpec, Kind, Plan, PlanError
from swarm.scheduler import ItemRef

LISTED = "image"
OPENED = "page"


async def _never_called(step: Any) -> int:
    raise AssertionError(f"the scheduler calls no handler, but {step.id} was called")


def role(
    name: str,
    scope: str = ROOT_SCOPE,
    *,
    needs: Sequence[str] = (),
    before: str | None = None,
    opens: str | None = None,
    may_rework: Sequence[str] = (),
    may_fall_back: bool = False,
    kind: Kind = Kind.PURE,
    version: int = 1,
    settings: Sequence[str] = (),
    ports: Sequence[str] = (),
    gives: Any = int,
    takes: Mapping[str, Any] | None = None,
) -> AgentSpec:
    """A declaration as `agent` would make it; it takes anything of its needs, and extras."""
    return AgentSpec(
        role=name,
        version=version,
        scope=scope,
        handler=_never_called,
        gives=gives,
        summary="",
        needs=tuple(needs),
        settings=tuple(settings),
        ports=tuple(ports),
        kind=kind,
        opens=opens,
        before=before,
        may_rework=tuple(may_rework),
        may_fall_back=may_fall_back,
        takes={**dict.fromkeys(needs, Any), "extras": Any, **(takes or {})},
    )


def refs(*items: str) -> tuple[ItemRef, ...]:
    """Items with a digest for the brief of each."""
    return tuple(ItemRef(item, f"brief of {item}") for item in items)


def can_flow(source: str, target: str) -> bool:
    """Whether results can flow from one scope to another: within one, or to and from the book."""
    return source == target or ROOT_SCOPE in (source, target)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A random plan of 2 to 9 roles whose last one is the goal; edges follow the order of the names."""
    scopes, opener = draw(_scopes())
    names = [f"r{i}" for i in range(len(scopes))]
    last = len(names) - 1
    specs = []
    for i, name in enumerate(names):
        earlier = [names[j] for j in range(i) if can_flow(scopes[j], scopes[i])]
        later = [names[j] for j in range(i + 1, last + 1) if can_flow(scopes[i], scopes[j])]
        needs = draw(_some_of(earlier, at_least=int(i == last and bool(earlier))))
        before = draw(st.none() | st.sampled_from(later)) if later else None
        opens = OPENED if i == opener else None
        specs.append(role(name, scopes[i], needs=needs, before=before, opens=opens, may_fall_back=draw(st.booleans())))
    reviewed = [_as_reviewer(spec, draw(_some_of(sorted(own_ancestors(specs, spec.role))))) for spec in specs]
    try:
        return Plan.of(reviewed, goal=names[-1], listed=[LISTED])
    except PlanError as error:
        if "circle" not in str(error):  # where a reviewer waits for who gathers what it reviews, its reviews must go
            raise
        return Plan.of(specs, goal=names[-1], listed=[LISTED])


@st.composite
def _scopes(draw: st.DrawFn) -> tuple[list[str], int | None]:
    """The scope of each role, and which role of the book opens the pages: only later ones can work on them."""
    size = draw(st.integers(2, 9))
    opener = draw(st.none() | st.integers(0, size - 2))
    scopes = []
    for i in range(size - 1):
        choices = [ROOT_SCOPE, LISTED] if opener is None or i < opener else [OPENED, OPENED, ROOT_SCOPE, LISTED]
        scopes.append(ROOT_SCOPE if i == opener else draw(st.sampled_from(choices)))
    return [*scopes, ROOT_SCOPE], opener


def _some_of(names: Sequence[str], *, at_least: int = 0) -> st.SearchStrategy[list[str]]:
    if not names:
        return st.just([])
    return st.lists(st.sampled_from(names), unique=True, min_size=at_least, max_size=3)


def _as_reviewer(spec: AgentSpec, targets: Sequence[str]) -> AgentSpec:
    return role(
        spec.role,
        spec.scope,
        needs=spec.needs,
        before=spec.before,
        opens=spec.opens,
        may_fall_back=spec.may_fall_back,
        may_rework=targets,
    )


def sources(specs: Sequence[AgentSpec], name: str) -> set[str]:
    """The roles whose results a role takes, read from the declarations."""
    needs = next(spec.needs for spec in specs if spec.role == name)
    return {*needs, *(spec.role for spec in specs if spec.before == name)}


def own_ancestors(specs: Sequence[AgentSpec], name: str) -> set[str]:
    """The roles of the same narrow scope that a role may ask for rework, by the declarations."""
    scope = {spec.role: spec.scope for spec in specs}
    if scope[name] == ROOT_SCOPE:
        return set()
    found: set[str] = set()
    todo = [name]
    while todo:
        current = todo.pop()
        fresh = {r for r in sources(specs, current) if scope[r] == scope[name]} - found
        found |= fresh
        todo += fresh
    return found


def redone(specs: Sequence[AgentSpec], target: str) -> set[str]:
    """The roles that run again for an item when `target` is asked for rework, by the declarations."""
    return {target} | {spec.role for spec in specs if target in own_ancestors(specs, spec.role)}


def awaited(specs: Sequence[AgentSpec], name: str) -> set[str]:
    """All that a role must wait for: what it takes, and for a gatherer whoever may still have that done again."""
    scope = {spec.role: spec.scope for spec in specs}
    found = sources(specs, name)
    if scope[name] != ROOT_SCOPE:
        return found
    while True:
        reviewers = {spec.role for spec in specs if any(found & redone(specs, target) for target in spec.may_rework)}
        if reviewers <= found:
            return found
        found |= reviewers


def required(specs: Sequence[AgentSpec], goal: str) -> set[str]:
    """The roles that the goal cannot do without, by the declarations."""
    by_role = {spec.role: spec for spec in specs}
    found = {goal}
    while True:
        needed = {need for name in found for need in by_role[name].needs}
        needed |= {spec.role for spec in specs if spec.opens in {by_role[name].scope for name in found} - {None}}
        if needed <= found:
            return found
        found |= needed
