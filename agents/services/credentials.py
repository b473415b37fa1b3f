"""Keys and addresses of the services: from the environment, `.env`, a folder of secrets; never kept, never shown.

They are no settings of a book: not in the journal, not in a step's key, not in `book.json`. Import this module where a
service is really used, since pydantic-settings takes longer to import than all else at the start.
"""

import os
import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from agents.services.dotenv import DOTENV, read_dotenv
from agents.services.errors import SettingsError

SECRETS_DIR = "DOODLEBOUND_SECRETS_DIR"
_MOST_FILES = 1000
_MOST_BYTES = 64 * 2**10


def _printable(value: SecretStr) -> SecretStr:
    plain = value.get_secret_value().strip()
    if not plain.isascii() or not plain.isprintable():
        raise ValueError("must be plain characters without a line break: copy the key anew")
    return SecretStr(plain)


def _address(value: str) -> str:
    parts = _split(value.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address like https://host:port/path")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be an address without a name, password or query: a key has a variable of its own")
    return parts.geturl().rstrip("/")


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise ValueError("must be an address like https://host:port/path") from None
    return parts


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine only."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


Secret = Annotated[SecretStr, AfterValidator(_printable)]
Address = Annotated[str, AfterValidator(_address)]


class Credentials(BaseSettings):
    """What opens the services; None where nobody says. A field's name in capitals is its name in the environment."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, env_file_encoding="utf-8-sig", hide_input_in_errors=True
    )

    openai_api_key: Secret | None = Field(None, description="The key of OpenAI, or of a server with its API.")
    openai_base_url: Address | None = Field(
        None, description="A server with OpenAI's API, like http://127.0.0.1:8000/v1."
    )
    openai_org_id: str | None = Field(None, description="The organisation that OpenAI's calls are booked to.")
    qdrant_url: Address | None = Field(None, description="The Qdrant server, like http://127.0.0.1:6333.")
    qdrant_api_key: Secret | None = Field(None, description="The key of the Qdrant server.")
    google_application_credentials: Path | None = Field(None, description="The key file of Google Cloud.")
    google_cloud_project: str | None = Field(None, description="The project of Google Cloud.")
    storage_emulator_host: Address | None = Field(None, description="A server in Google Cloud Storage's place.")
    doodlebound_monitor_token: Secret | None = Field(None, description="What opens the monitor to other machines.")

    @classmethod
    def read(cls, dotenv: Path = DOTENV) -> Self:
        """The credentials that there are now; the environment wins over `.env`, and `.env` over the folder of secrets
        that `DOODLEBOUND_SECRETS_DIR` names. Raises SettingsError, whose sentence never holds a value."""
        folder = os.environ.get(SECRETS_DIR) or read_dotenv(dotenv).get(SECRETS_DIR)
        places: dict[str, Any] = {"_env_file": dotenv, "_secrets_dir": folder or None}  # what the stubs do not know
        try:
            return cls(**places)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            said = str(first["msg"]).removeprefix("Value error, ")
            raise SettingsError(f"{str(first['loc'][0]).upper()} {said}") from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The sources, strongest first."""
        folder = getattr(file_secret_settings, "secrets_dir", None)
        secrets = (_SecretsFolder(settings_cls, Path(folder)),) if folder else ()
        return (init_settings, env_settings, dotenv_settings, *secrets)

    def secret_values(self) -> tuple[str, ...]:
        """What must not appear in anything that is shown or kept."""
        fields = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in fields if isinstance(value, SecretStr))


class _SecretsFolder(PydanticBaseSettingsSource):
    """One secret a file. `openai_api_key`, `OPENAI_API_KEY`, `openai__api_key` and `openai/api_key` mean the same."""

    def __init__(self, settings_cls: type[BaseSettings], folder: Path) -> None:
        super().__init__(settings_cls)
        if not folder.is_dir():
            raise SettingsError(f"{SECRETS_DIR} names {folder}, which is no folder: make it, or unset the variable")
        self._folder = folder

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The secret of one field, None where there is no file of it."""
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """The secrets by the names of the fields. Raises SettingsError for a file that others may read."""
        return {name: value for name, path in self._files() if (value := _read_secret(path))}

    def _files(self) -> Iterator[tuple[str, Path]]:
        entries = sorted(self._folder.rglob("*"))[:_MOST_FILES]
        for path in entries:
            parts = path.relative_to(self._folder).parts
            name = "_".join(parts).replace("__", "_").lower()
            is_hidden = any(part.startswith(".") for part in parts)
            if name in self.settings_cls.model_fields and path.is_file() and not is_hidden:
                yield name, path


def _read_secret(path: Path) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"the secret {path} cannot be read: {error.strerror}; check its permissions") from None
    if stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"others may read the secret {path}: `chmod 600` it, and think of changing the secret")
    if len(data) > _MOST_BYTES:
        raise SettingsError(f"the secret {path} is larger than {_MOST_BYTES} bytes: it must hold the secret alone")
    try:
        text = data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise SettingsError(f"the secret {path} is no text: write it anew") from None
    return str(path) if text.lstrip().startswith("{") else text  # a key file of Google's stands for itself
