"""The mailbox of a crew, which several runs may share."""

import asyncio

from swarm.mailbox import Mailbox
from swarm.messages import Order


class Orders(Mailbox[Order]):
    """A mailbox that holds `size` orders of each run: what may be out is granted for each run alone."""

    def put(self, letter: Order) -> None:
        """Add an order and wake a reader. Raises asyncio.QueueFull over the size."""
        if len(self) >= self._size and sum(other.step.run == letter.step.run for other in self) >= self._size:
            raise asyncio.QueueFull
        self.append(letter)
        if self._readers:
            self._wake()

    def drop(self, run: str) -> None:
        """Take out the orders of a run."""
        kept = [order for order in self if order.step.run != run]
        self.clear()
        self.extend(kept)
