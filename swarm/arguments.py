"""From digests to what a handler takes: which sealed values a step wants, and its keyword arguments."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from swarm.agent import Gathered
from swarm.codec import decode
from swarm.plan import Plan
from swarm.scheduler import Gathering, Inputs, Send, Source

_CACHED = 512
"""Values kept at hand: briefs and results that go to many steps."""


class Held:
    """Sealed bytes and what they hold, decoded once for each type: two types can have the same bytes."""

    __slots__ = ("_data", "_values")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._values: dict[Any, object] = {}

    def value(self, kind: Any) -> object:
        """What the bytes hold as a `kind`."""
        if kind not in self._values:
            self._values[kind] = decode(self._data, kind)
        return self._values[kind]


Values: TypeAlias = Mapping[str, Held]
"""The values that go into a step, by digest."""


def wanted(inputs: Inputs, send: Send) -> list[str]:
    """The digests of all values that go into a step."""
    digests = [inputs.brief, send.rejected]
    for _, source in (*inputs.needs, *inputs.extras):
        digests += [ref.digest for ref in source.values] if isinstance(source, Gathering) else [source]
    return [digest for digest in digests if digest]


def assemble(plan: Plan, send: Send, inputs: Inputs, values: Values) -> dict[str, object]:
    """The keyword arguments of a step that come from other steps."""
    spec = plan.specs[send.step.role]
    arguments = {role: _argument(source, plan.specs[role].gives, values) for role, source in inputs.needs}
    if spec.wants_brief:
        arguments["brief"] = values[inputs.brief].value(spec.takes["brief"])
    if spec.wants_extras:
        arguments["extras"] = {
            role: _argument(source, plan.specs[role].gives, values) for role, source in inputs.extras
        }
    return arguments


def _argument(source: Source, kind: Any, values: Values) -> object:
    if isinstance(source, Gathering):
        return Gathered({item: values[digest].value(kind) for item, digest in source.values}, dict(source.losses))
    return values[source].value(kind)


class ValueCache:
    """The values used last. A step holds what it was given, whatever is forgotten meanwhile."""

    def __init__(self, size: int = _CACHED) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._size = size

    def held(self, digests: Iterable[str]) -> tuple[dict[str, Held], list[str]]:
        """What is at hand of these digests, which is used now and so kept longest, and those that are not."""
        values, missing = {}, []
        for digest in digests:
            held = self._held.get(digest)
            if held is None:
                missing.append(digest)
            else:
                values[digest] = held
                self._held.move_to_end(digest)
        return values, missing

    def hold(self, loaded: Iterable[tuple[str, bytes]]) -> dict[str, Held]:
        """Keep these digests and bytes, and forget in their place what was not used for longest."""
        values = {}
        for digest, data in loaded:
            values[digest] = self._held[digest] = self._held.get(digest) or Held(data)
        while len(self._held) > self._size:
            self._held.popitem(last=False)
        return values
