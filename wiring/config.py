"""The effective settings, as text and as JSON: each with its origin, secrets masked, and what is switched on."""

import json
import os
from collections.abc import Mapping

from pydantic import SecretStr

from agents.book.features import FEATURES
from agents.book.settings import Settings
from agents.services.configuration import Configuration
from agents.services.credentials import Credentials
from agents.services.dotenv import read_dotenv
from monitor.text import table

MASK = "********"


def config_as_text(found: Configuration) -> str:
    """Three tables: settings, keys and addresses, features. Raises SettingsError for credentials that cannot be."""
    settings = [("setting", "value", "from")]
    values = _effective(found.settings)
    settings += [(name, json.dumps(value, ensure_ascii=False), found.origins[name]) for name, value in values.items()]
    opened = [("key or address", "value", "from")]
    opened += [(name, told["value"] or "-", told["from"] or "-") for name, told in _credentials().items()]
    features = [("feature", "is", "what it costs to have it on")]
    features += [
        (feature.setting, "on" if feature.is_on(found.settings) else "off", feature.cost) for feature in FEATURES
    ]
    return "\n\n".join(table(rows) for rows in (settings, opened, features))


def config_as_json(found: Configuration) -> str:
    """The same as one object with `settings`, `credentials` and `features`, on one line."""
    values = _effective(found.settings)
    return json.dumps(
        {
            "settings": {name: {"value": value, "from": found.origins[name]} for name, value in values.items()},
            "credentials": _credentials(),
            "features": {feature.setting: feature.is_on(found.settings) for feature in FEATURES},
        },
        ensure_ascii=False,
    )


def _effective(settings: Settings) -> dict[str, object]:
    values = settings.model_dump(mode="json")
    return values | {"moderation": settings.is_moderated}


def _credentials() -> dict[str, dict[str, str | None]]:
    """Each by its name in the environment: where it is from, and what it is, a secret masked; None for neither."""
    found, dotenv = Credentials.read(), read_dotenv()
    told: dict[str, dict[str, str | None]] = {}
    for field in Credentials.model_fields:
        name, value = field.upper(), getattr(found, field)
        shown = MASK if isinstance(value, SecretStr) else str(value)
        is_there = value is not None
        told[name] = {"value": shown if is_there else None, "from": _origin(name, dotenv) if is_there else None}
    return told


def _origin(name: str, dotenv: Mapping[str, str]) -> str:
    if _has(os.environ, name):
        return "environment"
    return ".env" if _has(dotenv, name) else "folder of secrets"


def _has(variables: Mapping[str, str], name: str) -> bool:
    """Whether there is a variable of this name, in whatever letters, that is not empty."""
    return any(value and variable.upper() == name for variable, value in variables.items())
