"""The list of addresses, read from the application's own description."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address: what it is for, its parameters with what they mean, its answers by status."""

    method: str
    path: str
    summary: str
    parameters: tuple[tuple[str, str, str], ...]
    answers: tuple[tuple[str, str], ...]


def described(schema: Mapping[str, Any]) -> list[Operation]:
    """All operations of an OpenAPI description, in its order."""
    return [operation for path, methods in schema["paths"].items() for operation in _operations(path, methods)]


def _operations(path: str, methods: Mapping[str, Any]) -> Iterator[Operation]:
    for method, said in methods.items():
        yield Operation(
            method=method.upper(),
            path=path,
            summary=said.get("summary", ""),
            parameters=tuple(
                (one["name"], one["in"], one.get("description", "")) for one in said.get("parameters", ())
            ),
            answers=tuple((status, about.get("description", "")) for status, about in said["responses"].items()),
        )
