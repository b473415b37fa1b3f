"""The folder of books that a command is about."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.services.errors import OutputError
from agents.services.publishing import OutFolder
from wiring.endings import say
from wiring.job import configuration
from wiring.shelf import Shelf, opened_shelf


@contextmanager
def shelf_of(arguments: Namespace, *, is_thorough: bool = False, synchronous: str = "full") -> Iterator[Shelf]:
    """The store of the folder of books that the arguments name. Raises OutputError when there is none."""
    out = OutFolder(Path(configuration(arguments, None).settings.out))
    if not out.store.is_dir():
        raise OutputError(f"no book was ever made in {out.root}: name the folder of your books with --out")
    with opened_shelf(out, synchronous=synchronous, is_thorough=is_thorough, say=say) as shelf:
        yield shelf
