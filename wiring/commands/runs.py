"""The commands that look at runs and books that were made."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from agents.services.errors import SettingsError
from wiring.commands.store import shelf_of
from wiring.endings import OK, say
from wiring.history import run_as_json, run_as_text, runs_as_json, runs_as_text
from wiring.job import configuration
from wiring.logs import LEVELS, LogView, log_lines


def runs(arguments: Namespace) -> int:
    """Show all runs."""
    with shelf_of(arguments) as shelf:
        print(runs_as_json(shelf) if arguments.json else runs_as_text(shelf))
    return OK


def show(arguments: Namespace) -> int:
    """Show one run."""
    with shelf_of(arguments) as shelf:
        row = shelf.runs.one(shelf.writer, arguments.run_id)
        print(run_as_json(shelf, row) if arguments.json else run_as_text(shelf, row))
    return OK


def similar(arguments: Namespace) -> int:
    """Show the pictures of all books that are like one."""
    from wiring.vectors import similar  # decoding and likeness are slow to load

    settings = configuration(arguments, None).settings
    with shelf_of(arguments) as shelf:
        found = similar(shelf, settings, Path(arguments.picture), arguments.limit, say)
    print(found.as_json() if arguments.json else found.as_text())
    return OK


def logs(arguments: Namespace) -> int:
    """Show the log of a run."""
    if arguments.level not in LEVELS:
        raise SettingsError(f"--level is one of {', '.join(LEVELS)}, not {arguments.level!r}")
    is_coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    view = LogView(arguments.role, arguments.level, arguments.json, is_coloured)
    with shelf_of(arguments) as shelf:
        row = shelf.runs.one(shelf.writer, arguments.run_id)
        for line in log_lines(shelf, row, view, is_followed=arguments.follow):
            print(line, flush=arguments.follow)
    return OK


def prune(arguments: Namespace) -> int:
    """Forget old runs."""
    settings = configuration(arguments, None).settings
    with shelf_of(arguments) as shelf:
        gone = shelf.prune(settings.keep_days)
    print(
        f"forgot {len(gone.runs)} runs, {gone.results} results and {gone.blobs} pictures of the store "
        f"({gone.size_bytes / 2**20:.1f} MiB); finished books are untouched"
    )
    return OK
