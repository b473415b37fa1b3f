"""Places in Google Cloud Storage: `gs://bucket/prefix`, and the objects below."""

import re
from dataclasses import dataclass

from agents.services.errors import SettingsError

SCHEME = "gs://"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class GcsPlace:
    """A bucket and a prefix in it, which is empty or ends in a slash. The names of objects are taken to the letter."""

    bucket: str
    prefix: str

    @classmethod
    def of(cls, text: str) -> "GcsPlace":
        """The place that a text names. Raises SettingsError."""
        bucket, _, prefix = text.removeprefix(SCHEME).partition("/")
        if not text.startswith(SCHEME) or not _BUCKET.fullmatch(bucket):
            raise SettingsError(f"{text!r} is no place in a bucket: write gs://bucket/prefix")
        prefix = prefix.strip("/")
        return cls(bucket, f"{prefix}/" if prefix else "")

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")

    def shown(self, name: str) -> str:
        """An object of the bucket as people write it."""
        return f"{SCHEME}{self.bucket}/{name}"


def is_in_bucket(text: str) -> bool:
    """Whether a text is meant as a place in a bucket."""
    return text.startswith(SCHEME)
