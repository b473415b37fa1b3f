"""The key of a step: a digest of all that went into it, so that the same work is known again.

A key covers role, version and kind, the code (for steps that cost nothing), the values of the declared settings, the
identity of the ports, the digests of the inputs, and for a rework the round, the rejected result and the notes.
All is encoded as MessagePack, which gives every part its length, so that no two different inputs read alike.
"""

import hashlib
from collections.abc import Mapping

from swarm.agent import AgentSpec, Kind
from swarm.codec import encode
from swarm.scheduler import Inputs, Send


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
        values = {name: settings[name] for name in spec.settings}
        identities = [(name, ports[name]) for name in spec.ports]
        self.parts = encode((spec.role, spec.version, spec.kind, code, values, identities))
        self._prefix = hashlib.sha256(self.parts)

    def key(self, send: Send, inputs: Inputs) -> tuple[str, bytes]:
        """The key in hex of one step with these inputs, and the parts of it that are the step's own."""
        parts = encode((send.round, send.notes, send.rejected, inputs))
        digest = self._prefix.copy()
        digest.update(parts)
        return digest.hexdigest(), parts
