"""Structured output as OpenAI has it: what a strict schema must be, and a value that fits it, made from a prompt.

Source: platform.openai.com/docs/guides/structured-outputs, its supported schemas.
"""

import hashlib
from typing import Any

from tests.peers.openai_content import Prompt

_STORIES = ("text", "story", "page_text")
_SEEN = ("description", "scene", "shows", "alt")


def checked_schema(schema: Any, place: str = "()", *, is_root: bool = True) -> str:
    """Why a strict schema is refused; empty if it is not."""
    if not isinstance(schema, dict):
        return f"In context={place}, schema must be an object."
    if is_root and schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'"
    if "default" in schema:
        return f"In context={place}, 'default' is not permitted."
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"In context={place}, 'additionalProperties' is required to be supplied and to be false."
        if sorted(schema.get("required", [])) != sorted(properties):
            return f"In context={place}, 'required' is required to be supplied and to include every key in properties."
    inner = {**schema.get("properties", {}), **schema.get("$defs", {})}
    inner |= {f"anyOf {index}": one for index, one in enumerate(schema.get("anyOf", []))}
    inner |= {"items": schema["items"]} if "items" in schema else {}
    faults = (checked_schema(one, f"{place} {name}", is_root=False) for name, one in inner.items())
    return next((fault for fault in faults if fault), "")


def made_of(schema: dict[str, Any], prompt: Prompt) -> Any:  # whatever the schema says
    """A value that fits the schema: stories where a text is asked for, what the picture shows where it is described."""
    return _Maker(schema, prompt).value(schema, ())


class _Maker:
    def __init__(self, root: dict[str, Any], prompt: Prompt) -> None:
        self._root = root
        self._prompt = prompt

    def value(self, schema: dict[str, Any], path: tuple[str, ...]) -> Any:
        if "$ref" in schema:
            return self.value(self._root["$defs"][schema["$ref"].rpartition("/")[2]], path)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][self._chance(path) % len(schema["enum"])]
        if "anyOf" in schema:
            return self.value(next((one for one in schema["anyOf"] if one.get("type") != "null"), {}), path)
        kind = schema.get("type", "null")
        kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
        match kind:
            case "object":
                return {name: self.value(one, (*path, name)) for name, one in schema.get("properties", {}).items()}
            case "array":
                return self._array(schema, path)
            case "string":
                return self._string(schema, path)
            case "integer" | "number":
                return self._number(schema, path, is_whole=kind == "integer")
            case "boolean":
                return True
        return None

    def _array(self, schema: dict[str, Any], path: tuple[str, ...]) -> list[Any]:
        things = self._prompt.count
        if path[-1:] == ("order",) and things:
            return sorted(range(things), key=lambda index: self._chance((*path, str(index))))
        wished = things if path[-1:] in (("beats",), ("pages",)) and things else 3
        count = min(max(wished, schema.get("minItems", 0)), schema.get("maxItems", 1000))
        return [self.value(schema.get("items", {}), (*path, str(index))) for index in range(count)]

    def _string(self, schema: dict[str, Any], path: tuple[str, ...]) -> str:
        name = next((part for part in reversed(path) if not part.isdigit()), "")
        if self._prompt.order:
            text = self._prompt.order
        elif name in _STORIES:
            text = self._prompt.story()
        elif name in _SEEN and self._prompt.pictures:
            text = self._prompt.shown()
        else:
            text = self._prompt.phrase(path)
        text = text[: schema.get("maxLength", len(text))].strip()
        return text.ljust(schema.get("minLength", 0), "x")

    def _number(self, schema: dict[str, Any], path: tuple[str, ...], *, is_whole: bool) -> float:
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        most = schema.get("maximum", schema.get("exclusiveMaximum", least + 1))
        share = (self._chance(path) % 1000 + 0.5) / 1000
        return int(least + share * (most - least + 1)) if is_whole else round(least + share * (most - least), 4)

    def _chance(self, path: tuple[str, ...]) -> int:
        digest = hashlib.sha256(repr((self._prompt.digest, path)).encode()).digest()
        return int.from_bytes(digest[:8], "big")
