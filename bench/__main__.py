"""Run all benchmarks, or those named, as in `python -m bench start kernel journal`."""

import sys

from loguru import logger

from bench import book, journal, kernel, logs, online, pictures, press, services, start, viewers
from bench.table import printed

BENCHES = {
    "start": start.rows,
    "kernel": kernel.rows,
    "journal": journal.rows,
    "book": book.rows,
    "pictures": pictures.rows,
    "press": press.rows,
    "logs": logs.rows,
    "online": online.rows,
    "services": services.rows,
    "viewers": viewers.rows,
}


def run(names: list[str]) -> None:
    """Print the figures of each benchmark as soon as they are there."""
    logger.remove()
    for name in names:
        print(printed(BENCHES[name]()), flush=True)


if __name__ == "__main__":
    run(sys.argv[1:] or list(BENCHES))
