"""A bounded mailbox with several readers: an order goes straight to the reader that has waited longest."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """A bounded queue, leaner than asyncio.Queue: putting never waits, and hands over where somebody waits."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._letters: deque[T] = deque()
        self._readers: deque[asyncio.Future[T]] = deque()

    def __len__(self) -> int:
        return len(self._letters)

    def put(self, letter: T) -> None:
        """Hand a letter to the reader that waits longest, or keep it. Raises asyncio.QueueFull over the size."""
        if not self._hand_over(letter):
            if len(self._letters) >= self._size:
                raise asyncio.QueueFull
            self._letters.append(letter)

    async def get(self) -> T:
        """The oldest letter, as soon as there is one. A reader that is cancelled loses none."""
        if self._letters:
            return self._letters.popleft()
        reader: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._readers.append(reader)
        try:
            return await reader
        except asyncio.CancelledError:
            if reader.done() and not reader.cancelled() and not self._hand_over(reader.result()):
                self._letters.appendleft(reader.result())
            raise

    def take(self) -> T:
        """The oldest letter that is there. Raises IndexError when there is none."""
        return self._letters.popleft()

    def _hand_over(self, letter: T) -> bool:
        while self._readers:
            reader = self._readers.popleft()
            if not reader.done():
                reader.set_result(letter)
                return True
        return False
