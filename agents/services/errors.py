"""The errors of the services: one class for each thing that a caller can do about it."""

from swarm import StepError, SwarmError


class SettingsError(SwarmError):
    """A setting is unknown, malformed or contradictory: the person mends it."""


class SourceError(StepError):
    """The source, or one picture of it, cannot be read."""


class StoreError(StepError):
    """The content-addressed store lost or damaged something, or cannot be written."""


class PublishError(SwarmError):
    """The finished book cannot be put in its place."""


class OutputError(SwarmError):
    """The output folder cannot be used: the person names another or makes room."""
