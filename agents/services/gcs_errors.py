"""What the errors of google-cloud-storage mean; for the same modules as `gcs_client`, and imported with it.

Source: the exceptions that the client was seen to raise under faults, and "HTTP status and error codes for JSON" at
cloud.google.com/storage/docs/json_api/v1/status-codes.
"""

from collections.abc import Callable

import requests
import urllib3
from google.api_core.exceptions import GoogleAPICallError
from google.auth import exceptions as auth
from google.cloud.storage.exceptions import DataCorruption

from agents.services.errors import (
    AccountRefused,
    BadAnswer,
    ServiceConflict,
    ServiceError,
    ServiceMissing,
    ServiceRefused,
    ServiceUnavailable,
)

_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_RATE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_LOGIN = "run `gcloud auth application-default login`, or name the file of a key in GOOGLE_APPLICATION_CREDENTIALS"


def classifier(bucket: str) -> Callable[[Exception], ServiceError | AccountRefused | None]:
    """What an exception of the client of this bucket means; None for one that it should not raise. The sentences are
    parts of one that begins with the object."""

    def classify(error: Exception) -> ServiceError | AccountRefused | None:
        if isinstance(error, GoogleAPICallError):
            return _of_status(error, bucket)
        if isinstance(error, auth.GoogleAuthError) and not isinstance(error, auth.TransportError):
            is_none = type(error) is auth.DefaultCredentialsError  # others are made of it that mean something else
            fault = "no Google credentials were found" if is_none else "Google does not take the credentials any more"
            return AccountRefused(f"{fault} (for gs://{bucket}): {_LOGIN}")
        return next((make() for kinds, make in _MEANINGS if isinstance(error, kinds)), None)

    return classify


_MEANINGS: tuple[tuple[tuple[type[Exception], ...], Callable[[], ServiceError]], ...] = (
    ((DataCorruption,), lambda: BadAnswer("it arrived damaged")),
    ((requests.exceptions.InvalidJSONError,), lambda: BadAnswer("the bucket's answer is none")),
    (
        (requests.exceptions.TooManyRedirects,),
        lambda: ServiceRefused("the bucket sends us elsewhere, where we do not go"),
    ),
    (
        (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema),
        lambda: ServiceRefused("its address is none: check STORAGE_EMULATOR_HOST"),
    ),
    (
        (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError),
        lambda: ServiceUnavailable("the bucket did not answer in time", outcome="timeout"),
    ),
    ((auth.TransportError,), lambda: ServiceUnavailable("Google's login could not be reached", outcome="lost")),
    (
        (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, ConnectionError),
        lambda: ServiceUnavailable("the connection was lost", outcome="lost"),
    ),
)
"""The first that fits counts."""


def _of_status(error: GoogleAPICallError, bucket: str) -> ServiceError | AccountRefused:
    status = int(error.code or 0)
    if status in _PASSING or (status == 403 and _reasons(error) & _RATE_REASONS):
        outcome = "rate-limited" if status in (403, 429) else "failed"
        return ServiceUnavailable(
            f"the bucket answered {status}", outcome=outcome, retry_after_s=_retry_after_s(error.response)
        )
    match status:
        case 401:
            return AccountRefused(f"Google does not take the credentials (401, for gs://{bucket}): {_LOGIN}")
        case 403:
            return ServiceRefused(
                f"this account may not do that (403): give it the role Storage Object User on the bucket {bucket}"
            )
        case 404:
            return ServiceMissing("it is not there (404)")
        case 409 | 412:
            return ServiceConflict(f"it is not as it was ({status})")
    return ServiceRefused(f"the bucket will not do that ({status})")


def _reasons(error: GoogleAPICallError) -> set[str]:
    return {str(part.get("reason")) for part in error.errors if isinstance(part, dict)}


def _retry_after_s(response: object) -> float | None:
    """The seconds that the service asks to wait, where it names a number of them."""
    headers = getattr(response, "headers", {})
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None
