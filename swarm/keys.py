"""The key of a step: a digest of all that went into it, so that the same work is known again.

A key covers role, version and kind, the code (for steps that cost nothing), the values of the declared settings, the
identity of the ports, the digests of the inputs, and for a rework the round, the rejected result and the notes.
Every part is written with its length, so that no two different inputs read alike.
"""

import hashlib
from collections.abc import Iterable, Mapping

from swarm.agent import AgentSpec, Kind
from swarm.codec import seal
from swarm.scheduler import Gathering, Inputs, Send, Source


class KeyMaker:
    """Makes the keys of one role; what does not change between its steps is digested once."""

    def __init__(
        self,
        spec: AgentSpec,
        *,
        code_digest: str,
        settings: Mapping[str, object],
        ports: Mapping[str, str],
    ) -> None:
        code = "" if spec.kind is Kind.PAID else code_digest
        values = seal({name: settings[name] for name in spec.settings}, dict[str, object]).digest
        identities = [f"{name}={ports[name]}" for name in spec.ports]
        head = [spec.role, str(spec.version), spec.kind.value, code, values, *identities]
        self._prefix = hashlib.sha256(_framed(head))

    def key(self, send: Send, inputs: Inputs) -> str:
        """The key in hex of one step with these inputs."""
        parts = [str(send.round), send.notes, send.rejected, inputs.brief]
        for name, source in (*inputs.needs, ("", ""), *inputs.extras):
            parts.append(name)
            parts += _flat(source)
        digest = self._prefix.copy()
        digest.update(_framed(parts))
        return digest.hexdigest()


def _flat(source: Source) -> Iterable[str]:
    if isinstance(source, Gathering):
        yield str(len(source.values))
        for item, digest in (*source.values, *source.losses):
            yield item
            yield digest
    else:
        yield source


def _framed(parts: Iterable[str]) -> bytes:
    return "".join([f"{len(part)}:{part}" for part in parts]).encode("utf-8", "surrogatepass")
