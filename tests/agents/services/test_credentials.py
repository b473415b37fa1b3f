"""Keys and addresses: where they come from, and that none is ever shown."""

import os
from pathlib import Path

import pytest

from agents.services.credentials import Credentials, is_loopback
from agents.services.errors import SettingsError
from tests.conftest import ROOT

PLANTED = "sk-planted-0123456789"


@pytest.fixture(autouse=True)
def _nothing_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _secret(folder: Path, name: str, text: str, mode: int = 0o600) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def _key(found: Credentials) -> str | None:
    return found.openai_api_key.get_secret_value() if found.openai_api_key else None


def test_credentials_are_none_where_nobody_says() -> None:
    assert set(Credentials.read().model_dump().values()) == {None}


def test_credentials_come_from_the_strongest_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _secret(tmp_path / "secrets", "openai_api_key", "of-the-folder\n")
    (tmp_path / ".env").write_text(f"DOODLEBOUND_SECRETS_DIR={tmp_path}/secrets\n", "utf-8")
    assert _key(Credentials.read()) == "of-the-folder"

    with (tmp_path / ".env").open("a") as file:
        file.write("OPENAI_API_KEY=of-the-file\n")
    assert _key(Credentials.read()) == "of-the-file"

    monkeypatch.setenv("OPENAI_API_KEY", "of-the-environment")
    assert _key(Credentials.read()) == "of-the-environment"

    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert _key(Credentials.read()) == "of-the-file"


@pytest.mark.parametrize("name", ["openai_api_key", "OPENAI_API_KEY", "openai__api_key", "openai/api_key"])
def test_a_secret_is_found_under_its_plain_and_its_nested_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _secret(tmp_path / "secrets", name, f"{PLANTED}\r\n")
    monkeypatch.setenv("DOODLEBOUND_SECRETS_DIR", str(tmp_path / "secrets"))

    assert _key(Credentials.read()) == PLANTED


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_secret_is_refused_when_others_may_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    _secret(tmp_path / "secrets", "openai_api_key", PLANTED, mode)
    monkeypatch.setenv("DOODLEBOUND_SECRETS_DIR", str(tmp_path / "secrets"))

    with pytest.raises(SettingsError, match=r"others may read the secret .*openai_api_key: `chmod 600` it") as caught:
        Credentials.read()
    assert PLANTED not in str(caught.value)


def test_a_folder_of_secrets_passes_over_what_is_no_secret_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "secrets"
    _secret(folder, "..data/openai_api_key", PLANTED)
    _secret(folder, "password_of_the_database", PLANTED, 0o644)
    os.mkfifo(folder / "qdrant_api_key")
    (folder / "openai_base_url").mkdir()
    monkeypatch.setenv("DOODLEBOUND_SECRETS_DIR", str(folder))

    assert set(Credentials.read().model_dump().values()) == {None}


def test_a_folder_of_secrets_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOODLEBOUND_SECRETS_DIR", "/nowhere")

    with pytest.raises(SettingsError, match="names /nowhere, which is no folder"):
        Credentials.read()


def test_a_key_file_of_google_in_the_folder_stands_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _secret(tmp_path / "secrets", "google_application_credentials", '{"type": "service_account"}')
    monkeypatch.setenv("DOODLEBOUND_SECRETS_DIR", str(tmp_path / "secrets"))

    assert Credentials.read().google_application_credentials == path


@pytest.mark.parametrize("name", ["openai_api_key", "qdrant_api_key", "doodlebound_monitor_token"])
def test_a_secret_is_never_in_what_is_shown_of_the_credentials(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name.upper(), PLANTED)

    found = Credentials.read()

    assert PLANTED not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"
    assert found.secret_values() == (PLANTED,)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("OPENAI_API_KEY", f"{PLANTED}\nX: y", "OPENAI_API_KEY must be plain characters"),
        ("OPENAI_API_KEY", f"{PLANTED}ü", "OPENAI_API_KEY must be plain characters"),
        ("OPENAI_BASE_URL", f"https://me:{PLANTED}@host/v1", "OPENAI_BASE_URL must be an address without a name"),
        ("QDRANT_URL", f"https://host/?key={PLANTED}", "QDRANT_URL must be an address without a name"),
        ("QDRANT_URL", f"{PLANTED}:99999", "QDRANT_URL must be an address like"),
        ("QDRANT_URL", f"http://host:{PLANTED}", "QDRANT_URL must be an address like"),
    ],
)
def test_a_value_that_cannot_be_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=said) as caught:
        Credentials.read()
    assert PLANTED not in str(caught.value)


def test_a_dotenv_that_is_no_text_is_said_and_a_folder_of_this_name_is_none(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / ".env").write_bytes(b"OPENAI_API_KEY=\xff\n")

    assert _key(Credentials.read(tmp_path / "folder")) is None
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        Credentials.read()


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://localhost", True),
        ("http://[::1]:2", True),
        ("http://10.0.0.1", False),
        ("http://127.evil.example", False),
        ("http://localhost.evil.example", False),
    ],
)
def test_an_address_of_this_machine_is_told_from_others(address: str, local: bool) -> None:
    assert is_loopback(address) is local


@pytest.mark.parametrize("name", sorted(Credentials.model_fields))
def test_every_credential_stands_in_the_readme(name: str) -> None:
    assert f"`{name.upper()}`" in (ROOT / "README.md").read_text("utf-8")
