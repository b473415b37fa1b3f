"""The key of a step: a digest of all that went into it, so that the same work is known again.

A key covers role, version and kind, the code (for steps that cost no money), the values of the declared settings, the
identity of the ports, the digests of the inputs, and for a rework the round, the rejected result and the notes.
All is encoded as MessagePack, which gives every part its length, so that no two different inputs read alike.
"""

import hashlib
from collections.abc import Mapping

from swarm.agent import AgentSpec, Kind
from swarm.codec import encode
from swarm.scheduler import Inputs, Send


def effective_kind(kind: Kind, *, is_paid: bool) -> Kind:
    """What a step is when it may use a port that costs money: a pure one is paid then, others stay what they are."""
    return Kind.PAID if is_paid and kind is Kind.PURE else kind


class KeyMaker:
    """Makes the keys of one role; what does not change between its steps is digested once.
    `is_paid` says that a port costs money: then a key does without the code, whatever the kind."""

    def __init__(
        self,
        spec: AgentSpec,
        *,
        code_digest: str,
        settings: Mapping[str, object],
        ports: Mapping[str, str],
        is_paid: bool = False,
    ) -> None:
        is_paid = is_paid or spec.kind is Kind.PAID
        kind = effective_kind(spec.kind, is_paid=is_paid)
        code = "" if is_paid else code_digest
        values = {name: settings[name] for name in spec.settings}
        identities = [(name, ports[name]) for name in spec.ports]
        self.parts = encode((spec.role, spec.version, kind, code, values, identities))
        self._prefix = hashlib.sha256(self.parts)

    def key(self, send: Send, inputs: Inputs) -> tuple[str, bytes]:
        """The key in hex of one step with these inputs, and the parts of it that are the step's own."""
        parts = encode((send.round, send.notes, send.rejected, inputs))
        digest = self._prefix.copy()
        digest.update(parts)
        return digest.hexdigest(), parts
