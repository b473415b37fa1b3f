"""Text from outside made safe to show: secrets masked, control characters made visible, length bounded."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias
from urllib.parse import quote

MASK = "[redacted]"
MAX_CHARS = 2_000
MIN_SECRET_CHARS = 4
"""A shorter value is not masked: it would tear holes into every other word."""

Redact: TypeAlias = Callable[[str], str]

_SECRETS = re.compile(
    r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{10,}"
    r"|AIza[A-Za-z0-9_-]{20,}"
    r"|-----BEGIN [A-Z0-9 ]{1,40}-----.*?(?:-----END [A-Z0-9 ]{1,40}-----|\Z)"
    r"|(?i:\bbearer\s+[^\s\"'&,;]{8,})"
    r"|(?i:\bx-goog-signature(?:=|%3d)[^\s\"'&,;]+)",
    re.DOTALL,
)
_MARKS = ("sk-", "aiza", "-----begin", "bearer", "x-goog-signature")
"""One of these stands in each of them."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Redactor:
    """Masks what looks like a secret, and the exact values that it was told of, in any of their usual spellings.

    Known by their look: `sk-…`, `AIza…`, `Bearer …`, `X-Goog-Signature=…` and PEM blocks, also torn ones.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: tuple[str, ...] = ()
        self._exact = re.compile("")
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Mask these values from now on as well."""
        known = {*self._spellings, *(spelling for secret in secrets for spelling in _spellings(secret))}
        self._spellings = tuple(sorted(known, key=lambda text: (-len(text), text)))
        self._exact = re.compile("|".join(map(re.escape, self._spellings)))

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        for spelling in self._spellings:
            if spelling in text:
                return redacted(self._exact.sub(MASK, text))
        return redacted(text)


def redacted(text: str) -> str:
    """Mask what looks like a secret."""
    lower = text.lower()
    for mark in _MARKS:  # ten times quicker than the pattern where there is none
        if mark in lower:
            return _SECRETS.sub(MASK, text)
    return text


def visible(text: str) -> str:
    r"""One harmless line: control and bidirectional characters as escapes (`\n`, `\x1b`, `\u202e`)."""
    return text if text.isprintable() else _UNSEEN.sub(_escaped, text)


def well_formed(text: str) -> str:
    """Text that can be written as UTF-8: what a name had that is no character becomes a replacement mark."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def shortened(text: str, max_chars: int = MAX_CHARS) -> str:
    """The beginning of a text that is too long, and how much is missing."""
    if len(text) <= max_chars:
        return text
    return f"{text[:max_chars]}… ({len(text) - max_chars} characters more)"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of as many cells each as aligned columns; what is in the cells is made visible."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in shown) for i in range(len(shown[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in shown)
    return "\n".join(line.rstrip() for line in lines)


def _spellings(secret: str) -> set[str]:
    """As it is, in a link, in JSON, and in Python's own quoting."""
    if len(secret) < MIN_SECRET_CHARS:
        return set()
    return {secret, quote(well_formed(secret), safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    code = ord(char)
    return _SHORT.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
