"""Serves a peer until it is ended: `python -m tests.peers [FOLDER]`, and prints its address.

By default that is a bucket server, for STORAGE_EMULATOR_HOST. The bucket is called `pictures`; below `mila/` lie what
the folder holds and so many made-up objects; another, `shelf`, is empty. `--service` serves another peer.
"""

import argparse
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.peers.gcs import Gcs
from tests.peers.openai import OpenAI
from tests.peers.qdrant import Qdrant
from tests.peers.serving import Answer, Asked, Peer, served


class Late:
    """A peer whose answers begin so many seconds late."""

    def __init__(self, peer: Peer, after_s: float) -> None:
        self.peer = peer
        self.after_s = after_s

    async def answer(self, asked: Asked) -> Answer:
        """What the peer says, later."""
        answer = await self.peer.answer(asked)
        return replace(answer, delivery=replace(answer.delivery, after_s=self.after_s))


def _filled(arguments: argparse.Namespace) -> Gcs:
    peer, chance = Gcs(), random.Random(0)
    bucket = peer.bucket("pictures")
    peer.bucket("shelf")
    for number in range(arguments.objects):
        heap = "inputs" if number % 2 else "outputs"
        bucket.put(f"mila/{heap}/{number:05}.png", chance.randbytes(arguments.bytes))
    for path in sorted(arguments.folder.rglob("*")) if arguments.folder else ():
        if path.is_file():
            bucket.put(f"mila/{path.relative_to(arguments.folder).as_posix()}", path.read_bytes())
    return peer


def main() -> None:
    """Serve, and wait."""
    parser = argparse.ArgumentParser(prog="python -m tests.peers")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--service", choices=("gcs", "openai", "qdrant"), default="gcs")
    parser.add_argument("--objects", type=int, default=0)
    parser.add_argument("--bytes", type=int, default=20_000)
    parser.add_argument("--late", type=float, default=0.0)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    peers: dict[str, Callable[[], Peer]] = {"gcs": lambda: _filled(arguments), "openai": OpenAI, "qdrant": Qdrant}
    peer = peers[arguments.service]()
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # in all threads, so that they wait here
    with served(Late(peer, arguments.late), port=arguments.port) as here:
        print(here.url, flush=True)  # noqa: T201  (what it is for)
        signal.sigwait(signals)


if __name__ == "__main__":
    main()
