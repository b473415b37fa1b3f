"""The errors of the services: one class for each thing that a caller can do about it."""

from swarm import StepError, SwarmError
from swarm.errors import RunBroken


class SettingsError(SwarmError):
    """A setting is unknown, malformed or contradictory: the person mends it."""


class SourceError(StepError):
    """The source, or one picture of it, cannot be read."""


NO_RENDERINGS = (
    "give each drawing to an image model with a prompt like 'the same scene as a watercolour', "
    "and save what it makes there"
)
"""What to do about a source without renderings."""


class StoreError(StepError):
    """The content-addressed store lost or damaged something, or cannot be written."""


class PublishError(SwarmError):
    """The finished book cannot be put in its place."""


class OutputError(SwarmError):
    """The output folder cannot be used: the person names another or makes room."""


class ServiceError(StepError):
    """A request to a service came to nothing. `outcome` is that of `CallEnded`; where `retryable`, the same request may
    succeed later, after `retry_after_s` seconds if the service named a time."""

    def __init__(
        self, message: str, *, outcome: str = "failed", retryable: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, code=f"service-{outcome}", retryable=retryable)
        self.outcome = outcome
        self.retry_after_s = retry_after_s


class ServiceUnavailable(ServiceError):
    """The service is down, slow, too busy or cannot be reached: the same request may succeed later."""

    def __init__(self, message: str, *, outcome: str = "failed", retry_after_s: float | None = None) -> None:
        super().__init__(message, outcome=outcome, retryable=True, retry_after_s=retry_after_s)


class CircuitOpen(ServiceUnavailable):
    """The service failed so often in a row that it is left alone for a while: no request was made."""


class ServiceRefused(ServiceError):
    """The service will have none of this request, however often it is made: the request or the rights are wrong."""

    def __init__(self, message: str) -> None:
        super().__init__(message, outcome="refused")


class ServiceMissing(ServiceRefused):
    """What was asked for is not there (404)."""


class ServiceConflict(ServiceRefused):
    """What was to be changed is not as it was thought to be (409, 412)."""


class BadAnswer(ServiceError):
    """The service answered what is no answer to the request. Asked anew, it may do better."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message, outcome="bad-answer", retryable=retryable)


class AccountRefused(RunBroken):
    """The service refuses whoever asks (a wrong key, no money left): every request would meet that, so the run stops,
    and the person mends the account and resumes it."""

    outcome = "refused"
