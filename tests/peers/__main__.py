"""Serves a bucket until it is ended: `python -m tests.peers [--objects N] [--bytes N] [--late SECONDS] [FOLDER]`.

Prints its address for STORAGE_EMULATOR_HOST. The bucket is called `pictures`; below `mila/` lie what the folder holds
and so many made-up objects.
"""

import argparse
import random
import signal
from dataclasses import replace
from pathlib import Path

from tests.peers.gcs import Gcs
from tests.peers.serving import Answer, Asked, served


class Late:
    """A peer whose answers begin so many seconds late."""

    def __init__(self, peer: Gcs, after_s: float) -> None:
        self.peer = peer
        self.after_s = after_s

    async def answer(self, asked: Asked) -> Answer:
        """What the peer says, later."""
        answer = await self.peer.answer(asked)
        return replace(answer, delivery=replace(answer.delivery, after_s=self.after_s))


def _filled(arguments: argparse.Namespace) -> Gcs:
    peer, chance = Gcs(), random.Random(0)
    bucket = peer.bucket("pictures")
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
    parser.add_argument("--objects", type=int, default=0)
    parser.add_argument("--bytes", type=int, default=20_000)
    parser.add_argument("--late", type=float, default=0.0)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    peer = _filled(arguments)
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # in all threads, so that they wait here
    with served(Late(peer, arguments.late), port=arguments.port) as here:
        print(here.url, flush=True)  # noqa: T201  (what it is for)
        signal.sigwait(signals)


if __name__ == "__main__":
    main()
