"""From digests to what a handler takes: which sealed values a step wants, and its keyword arguments."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from swarm.agent import Gathered
from swarm.codec import decode
from swarm.plan import Plan
from swarm.scheduler import Gathering, Inputs, Send, Source

_CACHED = 512
"""Decoded values kept at hand: briefs and results that go to many steps."""

Lookup = Callable[[str, Any], object]


def wanted(inputs: Inputs, send: Send) -> list[str]:
    """The digests of all values that go into a step."""
    digests = [inputs.brief, send.rejected]
    for _, source in (*inputs.needs, *inputs.extras):
        digests += [ref.digest for ref in source.values] if isinstance(source, Gathering) else [source]
    return [digest for digest in digests if digest]


def assemble(plan: Plan, send: Send, inputs: Inputs, lookup: Lookup) -> Mapping[str, object]:
    """The keyword arguments of a step that come from other steps."""
    spec = plan.specs[send.step.role]
    arguments = {role: _argument(source, plan.specs[role].gives, lookup) for role, source in inputs.needs}
    if spec.wants_brief:
        arguments["brief"] = lookup(inputs.brief, spec.takes["brief"])
    if spec.wants_extras:
        arguments["extras"] = {
            role: _argument(source, plan.specs[role].gives, lookup) for role, source in inputs.extras
        }
    return arguments


def _argument(source: Source, kind: Any, lookup: Lookup) -> object:
    if isinstance(source, Gathering):
        return Gathered({item: lookup(digest, kind) for item, digest in source.values}, dict(source.losses))
    return lookup(source, kind)


class ValueCache:
    """The values used last, decoded once."""

    def __init__(self, size: int = _CACHED) -> None:
        self._values: OrderedDict[str, object] = OrderedDict()
        self._size = size

    def missing(self, digests: list[str]) -> list[str]:
        """Those of the digests that have to be loaded; the others are used now and so stay longest."""
        missing = []
        for digest in digests:
            if digest in self._values:
                self._values.move_to_end(digest)
            else:
                missing.append(digest)
        return missing

    def lookup(self, loaded: Mapping[str, bytes]) -> Lookup:
        """A lookup over the cache and these loaded bytes."""

        def find(digest: str, kind: Any) -> object:
            if digest not in loaded:
                return self._values[digest]
            value = decode(loaded[digest], kind)
            self._values[digest] = value
            return value

        return find

    def shrink(self) -> None:
        """Forget the values not used for longest, down to the size."""
        for digest in _surplus(self._values, self._size):
            del self._values[digest]


def _surplus(values: Mapping[str, object], size: int) -> Iterator[str]:
    return iter(list(values)[: max(0, len(values) - size)])
