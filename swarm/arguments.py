"""From digests to what a handler takes: which values a step wants, and its keyword arguments."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias

from swarm.agent import Gathered
from swarm.codec import decode
from swarm.plan import Plan
from swarm.scheduler import Gathering, Inputs, Send, Source

_CACHED = 512
"""Values kept at hand at least: briefs and results that go to many steps."""

Want: TypeAlias = tuple[str, Any]
"""A digest and the type that it is taken as: two types can have the same bytes."""


class Values(Protocol):
    """Values by what is wanted of them. Raises KeyError for one that is not at hand."""

    def __getitem__(self, want: Want, /) -> object: ...


def wanted(plan: Plan, send: Send, inputs: Inputs) -> list[Want]:
    """All values that go into a step."""
    spec = plan.specs[send.step.role]
    wants: list[Want] = [(inputs.brief, spec.takes["brief"])] if spec.wants_brief else []
    for role, source in (*inputs.needs, *inputs.extras):
        kind = plan.specs[role].gives
        wants += [(ref.digest, kind) for ref in source.values] if isinstance(source, Gathering) else [(source, kind)]
    if send.rejected:
        wants.append((send.rejected, spec.gives))
    return wants


def assemble(plan: Plan, send: Send, inputs: Inputs, values: Values) -> dict[str, object]:
    """The keyword arguments of a step that come from other steps. Raises KeyError when a value is not at hand."""
    spec = plan.specs[send.step.role]
    arguments = {role: _argument(source, plan.specs[role].gives, values) for role, source in inputs.needs}
    if "brief" in spec.takes:
        arguments["brief"] = values[inputs.brief, spec.takes["brief"]]
    if "extras" in spec.takes:
        arguments["extras"] = {
            role: _argument(source, plan.specs[role].gives, values) for role, source in inputs.extras
        }
    return arguments


def _argument(source: Source, kind: Any, values: Values) -> object:
    if isinstance(source, Gathering):
        return Gathered({ref.item: values[ref.digest, kind] for ref in source.values}, dict(source.losses))
    return values[source, kind]


class ValueCache:
    """The values used last, at least `size` and at most twice as many: two generations, of which the older is dropped
    when the younger is full. A step holds what it was given, whatever is forgotten meanwhile."""

    def __init__(self, size: int = _CACHED) -> None:
        self._young: dict[Want, object] = {}
        self._old: dict[Want, object] = {}
        self._size = size
        self._briefs: dict[str, bytes] = {}

    def __getitem__(self, want: Want) -> object:
        """A value that is at hand, which is used now and so kept longest. Raises KeyError."""
        if want in self._young:
            return self._young[want]
        value = self._old[want] if want in self._old else decode(self._briefs[want[0]], want[1])
        self.hold(want, value)
        return value

    def held(self, wants: Iterable[Want]) -> tuple[dict[Want, object], list[Want]]:
        """What is at hand of these values, and those that are not."""
        values: dict[Want, object] = {}
        missing = []
        for want in wants:
            try:
                values[want] = self[want]
            except KeyError:
                missing.append(want)
        return values, missing

    def hold(self, want: Want, value: object) -> None:
        """Keep a value at hand."""
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}
        self._young[want] = value

    def hold_brief(self, digest: str, data: bytes) -> None:
        """Keep the bytes of a brief for the whole run."""
        self._briefs[digest] = data
