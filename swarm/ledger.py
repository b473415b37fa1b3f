"""The ledger: each request that costs money, written down with its answer before the answer is used."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

MICRO = 1_000_000
"""Money is counted in millionths of a US dollar, each sum rounded up."""


class Booking(Struct):
    """A request that is about to be made, by a step of `role`. `digest` (SHA-256 in hex) covers all that determines
    the answer. Until its end is known it may have cost up to `most` millionths; `row` is the ledger's own."""

    digest: str
    service: str
    model: str
    role: str = ""
    most: int = 0
    row: int = 0


class Spending(Struct, frozen=True):
    """What the requests of a role came to: how many were made, of these how many were in vain, and how many answers
    were there already; tokens by kind; millionths of a dollar for certain, and at most for those whose cost nobody
    told."""

    role: str
    calls: int = 0
    failed: int = 0
    reused: int = 0
    tokens: Mapping[str, int] = {}
    cost: int = 0
    unsure: int = 0


class Ledger(Protocol):
    """The ledger of one run. Answers are shared between runs, but a run that makes all anew finds only its own."""

    async def find(self, booking: Booking) -> bytes | None:
        """The answer to this request, if it was ever paid for; noted as reused."""
        ...

    def begin(self, booking: Booking) -> None:
        """The request is made now. Nobody waits for this to be durable; a kill leaves it as `begun`."""
        ...

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
        """The request ended so (as in `CallEnded`). With `ok`, the answer is kept."""
        ...

    async def written(self) -> None:
        """Returns when all that was said before is durable."""
        ...

    async def reject(self, digest: str) -> None:
        """The answer is of no use: it is not given again."""
        ...

    async def spending(self) -> tuple[Spending, ...]:
        """What this run came to so far, by role."""
        ...
