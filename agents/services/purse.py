"""The purse of a run: what was spent, what calls in hand may still cost, and the caps that both stay under."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from swarm.errors import RunBroken
from swarm.ledger import MICRO
from swarm.request import CAPPED


class CapReached(RunBroken):
    """The next call might cost more than the run may: it stops, and goes on when the person lifts the cap."""

    def __init__(self, said: str, setting: str) -> None:
        how = f"raise DOODLEBOUND_{setting.upper()} and resume the run"
        super().__init__(f"stopped at the cap: {said}; what was paid for is kept, {how}", code=CAPPED)


@dataclass(frozen=True, slots=True)
class Amount:
    """So many calls, tokens, and millionths of a US dollar."""

    calls: int = 0
    tokens: int = 0
    cost: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.calls + other.calls, self.tokens + other.tokens, self.cost + other.cost)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.calls - other.calls, self.tokens - other.tokens, self.cost - other.cost)


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that a run may come to; None is no cap."""

    calls: int | None = None
    tokens: int | None = None
    cost: int | None = None

    def reached_by(self, amount: Amount) -> tuple[str, str] | None:
        """What of an amount is too much, in words and as the setting that caps it."""
        if self.cost is not None and amount.cost > self.cost:
            return f"{amount.cost / MICRO:.4f} of {self.cost / MICRO:g} US dollars with the next call", "max_cost_usd"
        if self.calls is not None and amount.calls > self.calls:
            return f"{amount.calls - 1} of {self.calls} calls are made", "max_calls"
        if self.tokens is not None and amount.tokens > self.tokens:
            return f"{amount.tokens} of {self.tokens} tokens with the next call", "max_tokens"
        return None


class Purse:
    """Counts for one run, on one loop. What a call may cost at most is held while it is in hand, so that calls at the
    same time cannot come to more than the caps together."""

    def __init__(self, caps: Caps, spent: Amount = Amount()) -> None:
        self.spent = spent
        self._caps = caps
        self._held = Amount()
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def held(self, most: Amount) -> AsyncIterator[None]:
        """Hold an amount for a call, once there is room for it. Raises CapReached when there will never be."""
        async with self._changed:
            while too_much := self._caps.reached_by(self.spent + self._held + most):
                if self._held == Amount():
                    raise CapReached(*too_much)
                await self._changed.wait()
            self._held += most
        try:
            yield
        finally:
            self._held -= most
            async with self._changed:
                self._changed.notify_all()

    def check(self) -> None:
        """Raise CapReached if what is spent and held is too much, for one more attempt of a call that is held."""
        if too_much := self._caps.reached_by(self.spent + self._held):
            raise CapReached(*too_much)

    def spend(self, amount: Amount) -> None:
        """An attempt came to so much."""
        self.spent += amount
