"""Settings and credentials that do not go together: one sentence each, and no secret in it."""

from typing import Any

import pytest

from agents.book.settings import Settings
from agents.services.credentials import Credentials
from agents.services.errors import SettingsError
from agents.services.safety import refuse_unsafe

PLANTED = "sk-planted-0123456789"
ONLINE = {"language": "openai", "vision": "openai"}
HERE, AWAY, OPEN = "http://127.0.0.1:8000/v1", "https://api.example/v1", "http://api.example/v1"


def _check(settings: dict[str, Any], **credentials: str) -> None:
    refuse_unsafe(Settings.model_validate(settings), Credentials.model_validate(credentials))


@pytest.mark.parametrize(
    ("settings", "credentials", "said"),
    [
        (ONLINE, {}, "language is openai, and there is no key: set OPENAI_API_KEY"),
        ({"vision": "openai"}, {}, "vision is openai, and there is no key.*or vision to offline"),
        (ONLINE, {"openai_base_url": AWAY}, "there is no key"),
        (ONLINE, {"openai_base_url": OPEN}, "there is no key"),
        (ONLINE, {"openai_base_url": OPEN, "openai_api_key": PLANTED}, "OPENAI_BASE_URL .* in the open: use https"),
        (
            ONLINE | {"language_model": "mine"},
            {"openai_api_key": PLANTED},
            r"nobody knows what the model mine costs.*\[services\.prices\]",
        ),
        ({"vectors": "qdrant"}, {}, "vectors is qdrant, and there is no server: set QDRANT_URL"),
        (
            {"vectors": "qdrant"},
            {"qdrant_url": "http://10.1.2.3:6333", "qdrant_api_key": PLANTED},
            "QDRANT_URL .* in the open: use https",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(settings: dict[str, Any], credentials: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        _check(settings, **credentials)
    assert PLANTED not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "credentials"),
    [
        ({}, {}),
        ({"moderation": True}, {}),
        ({}, {"openai_api_key": PLANTED, "openai_base_url": OPEN}),
        (ONLINE, {"openai_api_key": PLANTED}),
        (ONLINE, {"openai_api_key": PLANTED, "openai_base_url": AWAY}),
        (ONLINE | {"language_model": "mine"}, {"openai_base_url": HERE}),
        (ONLINE | {"language_model": "mine", "max_cost_usd": None}, {"openai_api_key": PLANTED}),
        (ONLINE | {"language_model": "mine", "prices": {"mine": {"input": 1}}}, {"openai_api_key": PLANTED}),
        (ONLINE | {"language_model": "gpt-5-mini-2025-08-07"}, {"openai_api_key": PLANTED}),
        ({"vectors": "qdrant"}, {"qdrant_url": "http://qdrant:6333"}),
        ({"vectors": "qdrant"}, {"qdrant_url": "https://q.example", "qdrant_api_key": PLANTED}),
        ({"vectors": "qdrant"}, {"qdrant_url": "http://localhost:6333", "qdrant_api_key": PLANTED}),
    ],
)
def test_what_goes_together_is_let_through(settings: dict[str, Any], credentials: dict[str, str]) -> None:
    _check(settings, **credentials)


def test_clients_that_are_not_installed_are_named_with_the_way_to_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.services.safety.find_spec", lambda _name: None)

    with pytest.raises(SettingsError, match="openai is missing: run `make cloud`"):
        _check(ONLINE, openai_api_key=PLANTED)
