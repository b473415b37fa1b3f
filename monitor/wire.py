"""HTTP at the socket: uvicorn's protocol with an end to its patience.

One who does not send a whole request, or does not take an answer, holds a connection and nothing else; after a while
not even that.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_HEADER_BYTES = 16 * 1024
MAX_CONNECTIONS = 512


class PatientProtocol(H11Protocol):
    """A connection on which a request must be whole after `request_s` seconds, and an answer that waits to be taken
    must go on within `answer_s`."""

    request_s = 10.0
    answer_s = 20.0

    def __init__(self, *args: object, **others: object) -> None:
        super().__init__(*args, **others)  # type: ignore[arg-type]  # uvicorn's own matter
        self._asking: asyncio.TimerHandle | None = None
        self._answering: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._asking = self.loop.call_later(self.request_s, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Take what came; with the end of a request its time stops, with the beginning of the next it runs again."""
        super().data_received(data)
        is_waited_for = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if self._asking is not None and not is_waited_for:
            self._asking.cancel()
            self._asking = None
        elif self._asking is None and is_waited_for:
            self._asking = self.loop.call_later(self.request_s, self.transport.abort)

    def pause_writing(self) -> None:
        """More waits to be taken than is kept: from now on the time runs."""
        super().pause_writing()
        self._answering = self.loop.call_later(self.answer_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It was taken."""
        super().resume_writing()
        self._stop_answering()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        if self._asking is not None:
            self._asking.cancel()
        self._stop_answering()
        super().connection_lost(exc)

    def _stop_answering(self) -> None:
        if self._answering is not None:
            self._answering.cancel()
            self._answering = None
