"""The errors of the registry: one class for each thing that a caller can do about it."""

from swarm import SwarmError


class RegistryError(SwarmError):
    """Root of the registry's errors."""


class DiscoveryError(RegistryError):
    """A file that should hold an agent does not, or cannot be loaded: its author mends it."""


class UnknownAgent(RegistryError):
    """No agent has this id."""


class NoThreadLeft(RegistryError):
    """So many threads hang in blocking work that no more are started."""
