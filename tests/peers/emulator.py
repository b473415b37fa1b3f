"""gcp-storage-emulator, a Google Cloud Storage server that others wrote: a second opinion where it can.

It overlooks preconditions, the size of pages and offsets, and breaks on some names.
"""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from gcp_storage_emulator.server import create_server


@contextmanager
def emulated(bucket: str) -> Iterator[str]:
    """The address of an emulator in this process that holds an empty bucket in memory."""
    logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)
    server = create_server("127.0.0.1", _free_port(), in_memory=True, default_bucket=bucket)
    server.start()
    try:
        yield f"http://127.0.0.1:{server._api._port}"
    finally:
        server.stop()
        server.wipe()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
