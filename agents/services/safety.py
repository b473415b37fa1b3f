"""Settings and credentials that do not go together, or would give a secret away: refused before any work begins."""

from importlib.util import find_spec

from agents.book.settings import Settings
from agents.services.credentials import Credentials, is_loopback
from agents.services.errors import SettingsError


def refuse_unsafe(settings: Settings, credentials: Credentials) -> None:
    """Raise SettingsError, one sentence for the first fault found."""
    if settings.is_online:
        if find_spec("openai") is None:
            raise SettingsError("the Python package openai is missing: run `make cloud`")
        _check_openai(settings, credentials)
        _check_prices(settings, credentials)
    if settings.vectors == "qdrant":
        _check_qdrant(credentials)


def _check_openai(settings: Settings, credentials: Credentials) -> None:
    address, key = credentials.openai_base_url, credentials.openai_api_key
    if key is None and not (address and is_loopback(address)):
        name = "language" if settings.language == "openai" else "vision"
        raise SettingsError(
            f"{name} is openai, and there is no key: set OPENAI_API_KEY, or OPENAI_BASE_URL to a server on this "
            f"machine, or {name} to offline"
        )
    if address and key is not None and _is_open(address):
        raise SettingsError(
            f"OPENAI_BASE_URL ({address}) would send the key in the open: use https, or a server on this machine"
        )


def _check_prices(settings: Settings, credentials: Credentials) -> None:
    """A cap of money can be kept only where all prices are known; a server on this machine costs nothing."""
    address = credentials.openai_base_url
    if settings.max_cost_usd is None or (address and is_loopback(address)):
        return
    for model in settings.models:
        if settings.price(model) is None:
            raise SettingsError(
                f"max_cost_usd cannot be kept, since nobody knows what the model {model} costs: put its price into "
                "[services.prices] of book.toml, or set max_cost_usd to none"
            )


def _check_qdrant(credentials: Credentials) -> None:
    if credentials.qdrant_url is None:
        raise SettingsError(
            "vectors is qdrant, and there is no server: set QDRANT_URL, like http://127.0.0.1:6333, or vectors to "
            "memory"
        )
    if credentials.qdrant_api_key is not None and _is_open(credentials.qdrant_url):
        raise SettingsError(
            f"QDRANT_URL ({credentials.qdrant_url}) would send the key in the open: use https, or a server on this "
            "machine"
        )


def _is_open(address: str) -> bool:
    return address.startswith("http://") and not is_loopback(address)
