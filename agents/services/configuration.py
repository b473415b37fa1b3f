"""Where settings come from: flags over environment over `.env` over `book.toml` over defaults, each with its origin."""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Protocol

from pydantic import ValidationError

from agents.book.settings import Settings
from agents.services.errors import SettingsError
from swarm import failpoints

PREFIX = "DOODLEBOUND_"
_NO_SETTINGS = (failpoints.VARIABLE, "DOODLEBOUND_SECRETS_DIR", "DOODLEBOUND_MONITOR_TOKEN")
_TOML_NAMES = {
    "title": "title",
    "author": "author",
    "age": "age",
    "dedication": "dedication",
    "trim": "trim",
    "theme": "theme",
    "printer": "printer",
    "language": "book_language",
    "date": "date",
    "captions": "captions",
    "text": "text",
    "pairs": "pairs",
    "ban": "ban",
    "order": "order",
}
_TABLES = ("captions", "text", "pairs", "ban", "order")
_SERVICES = (
    *("language", "vision", "vectors", "moderation"),
    *("language_model", "vision_model", "embedding_model", "moderation_model", "prices"),
    *("service_concurrency", "requests_per_minute", "tokens_per_minute"),
    *("max_cost_usd", "max_calls", "max_tokens"),
)
"""What may stand in the table `[services]`."""
_IN_ENVIRONMENT = frozenset(Settings.model_fields) - {*_TABLES, "book_language", "upload"}
_TABLES_IN_ENVIRONMENT = frozenset({"prices"})


class TomlFile(Protocol):
    """A `book.toml`, wherever it lies; as text it is its path or address."""

    @property
    def name(self) -> str: ...
    def exists(self) -> bool: ...
    def is_file(self) -> bool: ...
    def read_bytes(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Configuration:
    """The effective settings, and for each its origin in words."""

    settings: Settings
    origins: Mapping[str, str]


def configure(
    *,
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    toml_path: TomlFile | None,
    dotenv: Mapping[str, str] = MappingProxyType({}),
) -> Configuration:
    """Merge the origins and check the result. Raises SettingsError, one sentence for the first fault found."""
    layers = [
        ("default", _defaults(environment)),
        (toml_path.name if toml_path else "", _from_toml(toml_path) if toml_path else {}),
        (".env", _from_environment(dotenv, ".env")),
        ("environment", _from_environment(environment, "the environment")),
        ("flag", {name: value for name, value in flags.items() if value is not None}),
    ]
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for origin, layer in layers:
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    try:
        return Configuration(Settings.model_validate(values), origins)
    except ValidationError as error:
        raise SettingsError(_sentence(error, origins)) from None


def _defaults(environment: Mapping[str, str]) -> dict[str, Any]:
    epoch = environment.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return {}
    try:
        return {"date": datetime.fromtimestamp(int(epoch), UTC).date().isoformat()}
    except (ValueError, OverflowError, OSError):
        raise SettingsError(f"SOURCE_DATE_EPOCH is {epoch[:40]!r}: it must be seconds since 1970") from None


def _from_environment(environment: Mapping[str, str], place: str) -> dict[str, Any]:
    """Settings by their names; what belongs to a table is named `DOODLEBOUND_TABLE__KEY`."""
    values: dict[str, Any] = {}
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable in _NO_SETTINGS:
            continue
        name, *keys = variable.removeprefix(PREFIX).lower().removeprefix("services__").split("__")
        known = _IN_ENVIRONMENT if not keys else _TABLES_IN_ENVIRONMENT
        if name not in known:
            raise SettingsError(f"{variable} in {place} is no setting{_meant(name, known)}: unset it")
        value = environment[variable]
        _put(values, variable, (name, *keys), value if keys else _read(name, value))
    return values


def _read(name: str, text: str) -> Any:  # what pydantic then makes of it
    if name == "formats":
        return split(text)
    if name not in _TABLES_IN_ENVIRONMENT:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text  # what that is not, the check of the settings says


def _put(values: dict[str, Any], variable: str, keys: Sequence[str], value: Any) -> None:
    for key in keys[:-1]:
        values = values.setdefault(key, {})
        if not isinstance(values, dict):
            raise SettingsError(f"{variable} contradicts a variable that sets all of {keys[0]}: unset one of them")
    values[keys[-1]] = value


def check_captions(settings: Settings, drawings: Iterable[str]) -> None:
    """Raise SettingsError if a caption or text of `book.toml` is for a picture that is no drawing of the source."""
    known = set(drawings)
    for table, paths in (("captions", settings.captions), ("text", settings.text)):
        for path in paths:
            if path not in known:
                meant = _meant(path, known) or ": write the path of a drawing below the source"
                raise SettingsError(f"book.toml: [{table}] names {path!r}, which is no drawing of the source{meant}")


def split(text: str) -> tuple[str, ...]:
    """The parts of a list written with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _from_toml(path: TomlFile) -> dict[str, Any]:
    try:
        if path.exists() and not path.is_file():
            raise SettingsError(f"{path} is no file: move it away, or write a text file of this name")
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}; mend it there") from None
    except RecursionError:
        raise SettingsError(f"{path} nests too deep: write plain keys and tables") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}; check its name and permissions") from None
    return _checked_document(path, document)


def _checked_document(path: TomlFile, document: Mapping[str, Any]) -> dict[str, Any]:
    services = document.get("services", {})
    _refuse_unknown(path, "", set(document) - {"services"}, set(_TOML_NAMES))
    for table in (*_TABLES, "services"):
        if not isinstance(document.get(table, {}), dict):
            raise SettingsError(f"{path}: {table} is a table: write [{table}]")
    _refuse_unknown(path, "services.", set(services), set(_SERVICES))
    values: dict[str, Any] = {_TOML_NAMES[key]: value for key, value in document.items() if key != "services"}
    values |= services
    if isinstance(values.get("date"), date):
        values["date"] = values["date"].isoformat()
    for name, value in values.items():
        if name != "age" and name not in (*_TABLES, *services) and not isinstance(value, str):
            raise SettingsError(f"{path}: {name} must be a text in quotes")
    if isinstance(values.get("age"), bool) or not isinstance(values.get("age", 5), int):
        raise SettingsError(f"{path}: age must be a whole number")
    return values


def _refuse_unknown(path: TomlFile, table: str, given: set[str], known: set[str]) -> None:
    for key in sorted(given - known):
        raise SettingsError(f"{path}: unknown key {table}{key!r}{_meant(key, known)}")


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f" (did you mean {close[0]}?)" if close else ""


def _sentence(error: ValidationError, origins: Mapping[str, str]) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    said = str(first["msg"]).removeprefix("Value error, ")
    if not first["loc"]:
        return f"two settings contradict each other: {said}"
    name = str(first["loc"][0])
    place = ".".join(repr(part) if i else str(part) for i, part in enumerate(first["loc"]))
    meaning = Settings.model_fields[name].description if name in Settings.model_fields else ""
    return f"the setting {place} (from {origins.get(name, 'flag')}) is not valid: {said}. {meaning}".strip()
