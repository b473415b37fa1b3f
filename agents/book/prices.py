"""What models cost, in US dollars for a million tokens."""

import re
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MILLION = 1_000_000
Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(BaseModel):
    """US dollars for a million tokens; what was in the cache of the service costs `cached`, by default as `input`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    input: Dollars
    output: Dollars = 0.0
    cached: Dollars | None = None

    def usd(self, *, input_tokens: int, output_tokens: int = 0, cached_tokens: int = 0) -> float:
        """What so many tokens cost; the cached ones are some of the `input_tokens`."""
        cached = self.input if self.cached is None else self.cached
        fresh = max(0, input_tokens - cached_tokens)
        return (fresh * self.input + cached_tokens * cached + output_tokens * self.output) / MILLION


KNOWN = MappingProxyType(
    {
        "gpt-5": Price(input=1.25, cached=0.125, output=10.0),
        "gpt-5-mini": Price(input=0.25, cached=0.025, output=2.0),
        "gpt-5-nano": Price(input=0.05, cached=0.005, output=0.4),
        "gpt-4.1": Price(input=2.0, cached=0.5, output=8.0),
        "gpt-4.1-mini": Price(input=0.4, cached=0.1, output=1.6),
        "gpt-4.1-nano": Price(input=0.1, cached=0.025, output=0.4),
        "gpt-4o": Price(input=2.5, cached=1.25, output=10.0),
        "gpt-4o-mini": Price(input=0.15, cached=0.075, output=0.6),
        "text-embedding-3-small": Price(input=0.02),
        "text-embedding-3-large": Price(input=0.13),
        "omni-moderation-latest": Price(input=0.0),
    }
)
"""OpenAI's list prices as published for these models in 2025; they change, so `prices` in the settings wins."""
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def known_price(model: str) -> Price | None:
    """The list price of a model, also of a dated snapshot of it (`gpt-5-mini-2025-08-07`); None when not known."""
    return KNOWN.get(_SNAPSHOT.sub("", model))
