"""A bounded mailbox with several readers: each letter wakes the reader that has waited longest."""

import asyncio
from collections import deque
from typing import TypeVar

T = TypeVar("T")


class Mailbox(deque[T]):
    """A bounded queue, leaner than asyncio.Queue: putting never waits. A letter lies in it until a reader runs and
    takes it, so that it can be taken back until then."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._readers: deque[asyncio.Future[None]] = deque()

    def put(self, letter: T) -> None:
        """Add a letter and wake a reader. Raises asyncio.QueueFull over the size."""
        if len(self) >= self._size:
            raise asyncio.QueueFull
        self.append(letter)
        if self._readers:
            self._wake()

    async def get(self) -> T:
        """The oldest letter, as soon as there is one. A reader that is cancelled loses none."""
        while not self:
            reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._readers.append(reader)
            try:
                await reader
            except asyncio.CancelledError:
                if not reader.cancelled() and self:
                    self._wake()
                raise
        return self.popleft()

    take = deque.popleft
    """The oldest letter that is there. Raises IndexError when there is none."""

    def _wake(self) -> None:
        while self._readers:
            reader = self._readers.popleft()
            if not reader.done():
                reader.set_result(None)
                return
