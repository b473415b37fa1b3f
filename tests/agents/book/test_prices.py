"""What models cost."""

import pytest

from agents.book.prices import KNOWN, Price, known_price
from agents.book.settings import Settings


def test_a_price_counts_cached_tokens_apart() -> None:
    price = Price(input=1, cached=0.1, output=10)

    assert price.usd(input_tokens=1_000_000) == 1
    assert price.usd(input_tokens=1_000_000, cached_tokens=500_000) == pytest.approx(0.55)
    assert price.usd(input_tokens=0, output_tokens=100_000) == 1
    assert Price(input=2).usd(input_tokens=10, cached_tokens=10) == pytest.approx(20 / 1_000_000)


def test_a_snapshot_costs_what_its_model_costs() -> None:
    assert known_price("gpt-5-mini-2025-08-07") == KNOWN["gpt-5-mini"]
    assert known_price("gpt-5-mini-2025") is None


def test_a_price_in_the_settings_wins() -> None:
    settings = Settings.model_validate({"prices": {"gpt-5-mini": {"input": 9}}})

    assert settings.price("gpt-5-mini") == Price(input=9)
    assert settings.price("gpt-5-nano") == KNOWN["gpt-5-nano"]


@pytest.mark.parametrize("name", ["language_model", "vision_model", "embedding_model", "moderation_model"])
def test_every_model_of_the_defaults_has_a_price(name: str) -> None:
    assert known_price(Settings.model_fields[name].default)
