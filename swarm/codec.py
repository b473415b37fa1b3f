"""Values as bytes and back: what is journalled is exactly what the next step gets.

MessagePack by msgspec: dataclasses become maps in field order, so equal values of one type give equal bytes on every
machine. Decoding checks the types, which is how a result of the wrong type is noticed.
"""

import hashlib
from functools import cache
from typing import Any, get_args

import msgspec

from swarm.errors import DeclarationError

encode = msgspec.msgpack.Encoder(order="deterministic").encode
"""The bytes of a value; equal values of one type give equal bytes."""


class Sealed(msgspec.Struct, frozen=True):
    """A value with its bytes and their SHA-256 in hex."""

    value: object
    data: bytes
    digest: str


def digest_of(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def seal(value: object, kind: Any) -> Sealed:
    """Encode `value` as a `kind`. Raises TypeError or ValueError when it is none or cannot be encoded."""
    try:
        data = encode(value)
    except (OverflowError, RecursionError) as cause:
        raise ValueError(f"too large to be journalled: {cause}") from cause
    return Sealed(decode(data, kind), data, digest_of(data))


def decode(data: bytes, kind: Any) -> object:
    """The value of these bytes. Raises `msgspec.ValidationError`, a ValueError, when they hold no `kind`."""
    return _decoder(kind).decode(data)


def check_kind(kind: Any) -> None:
    """Raise DeclarationError when values of this type cannot cross the swarm."""
    try:
        _decoder(kind)
    except (TypeError, AttributeError) as cause:
        raise DeclarationError(f"values of type {type_name(kind)} cannot be journalled: {cause}") from cause


def type_name(kind: Any) -> str:
    """How a type is called in a sentence for people."""
    return str(kind) if get_args(kind) else getattr(kind, "__name__", str(kind))


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)
