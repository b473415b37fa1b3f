"""A ledger that lasts as long as the test."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from swarm.ledger import Booking, Spending


@dataclass
class MemoryLedger:
    """A ledger that says what was written down, and when it is durable."""

    answers: dict[str, bytes] = field(default_factory=dict)
    begun: list[Booking] = field(default_factory=list)
    ended: list[tuple[str, str, Mapping[str, int], int, int]] = field(default_factory=list)
    takes_s: float = 0.0

    async def find(self, booking: Booking) -> bytes | None:
        return self.answers.get(booking.digest)

    def begin(self, booking: Booking) -> None:
        self.begun.append(booking)

    def end(
        self,
        booking: Booking,
        outcome: str,
        *,
        tokens: Mapping[str, int],
        cost: int,
        unsure: int = 0,
        answer: bytes = b"",
    ) -> None:
        self.ended.append((booking.role, outcome, tokens, cost, unsure))
        if outcome == "ok":
            self.answers[booking.digest] = answer

    async def written(self) -> None:
        await asyncio.sleep(self.takes_s)

    async def reject(self, digest: str) -> None:
        self.answers.pop(digest, None)

    async def spending(self) -> tuple[Spending, ...]:
        return ()
