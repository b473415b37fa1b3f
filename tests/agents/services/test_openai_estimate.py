"""The estimate: what it counts, and that it is about what the adapters then ask for."""

import pytest

from agents.book.settings import Settings
from agents.services.openai_estimate import estimate, estimate_as_json, estimate_as_text


def _estimated(**settings: object) -> dict[str, dict[str, float]]:
    found = estimate(Settings.model_validate(settings), drawings=10, pictures=120)
    return estimate_as_json(found)  # type: ignore[return-value]  # of numbers throughout


def test_nothing_is_counted_offline() -> None:
    assert estimate(Settings.model_validate({}), drawings=10, pictures=120) == ()
    assert "Nothing is paid for" in estimate_as_text(())


def test_each_picture_and_page_is_counted_once() -> None:
    found = _estimated(language="openai", vision="openai")

    calls = {stage: figures["calls"] for stage, figures in found.items()}
    assert calls == {"settings": 1, "look": 360, "sequence": 1, "write": 20, "review": 10, "total": 392}
    assert found["total"]["usd"] == pytest.approx(sum(found[stage]["usd"] for stage in calls if stage != "total"))
    assert found["total"]["usd"] < found["total"]["most_usd"]


def test_what_is_switched_off_is_not_counted() -> None:
    assert _estimated(language="openai", moderation=False).keys() == {"sequence", "write", "review", "total"}
    assert _estimated(vision="openai")["look"]["calls"] == 360


def test_fewer_pages_cost_less() -> None:
    whole, short = (_estimated(language="openai", max_pages=pages) for pages in (None, 3))

    assert short["write"]["calls"] == 6
    assert short["total"]["usd"] < whole["total"]["usd"]


def test_price_that_nobody_knows_is_said_so() -> None:
    settings = Settings.model_validate({"language": "openai", "language_model": "my-own-model"})

    text = estimate_as_text(estimate(settings, drawings=10, pictures=120))

    assert "not known" in text


def test_prices_of_the_settings_count() -> None:
    prices = {"gpt-5-mini": {"input": 1000, "output": 1000}}
    dear, usual = (_estimated(language="openai", prices=table)["total"]["usd"] for table in (prices, {}))

    assert dear > 100 * usual
