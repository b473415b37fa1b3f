"""References to bytes that lie in a content-addressed store: pixels never travel in messages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes by their content: `digest` is their SHA-256 in hex (64 characters), `size_bytes` their number."""

    digest: str
    size_bytes: int
