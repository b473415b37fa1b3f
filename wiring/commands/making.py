"""The commands that make a book, and what they say in the end."""

import signal
import sysconfig
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from agents.book.picture import Heap
from agents.book.settings import Settings
from agents.book.volume import Volume
from agents.craft.summary import summary
from agents.services.errors import SourceError
from agents.services.ports import Listing
from agents.services.publishing import OutFolder
from monitor.text import shortened, visible
from wiring import HERE
from wiring.commands.store import shelf_of
from wiring.endings import OK, SIGNAL_CODES, Ending, failed, say
from wiring.job import configuration, listed, new_job, opened, resumed_job
from wiring.shelf import opened_shelf
from wiring.sources import source_named
from wiring.uploading import check_upload
from wiring.work import do


def sample(arguments: Namespace) -> int:
    """Make the sample book."""
    place = sample_folder()
    if place is None:
        raise SourceError("the sample pictures are missing: make a book of your own with `python main.py make FOLDER`")
    arguments.source = str(place)
    return make(arguments)


def sample_folder() -> Path | None:
    """Where the sample pictures lie."""
    schemes = sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")
    installed = (HERE, *(Path(sysconfig.get_path("data", scheme)) for scheme in schemes))
    for place in (HERE, *(base / "share" / "doodlebound" for base in installed)):
        if (place / "sample" / "book.toml").is_file():
            return place / "sample"
    return None


def make(arguments: Namespace) -> int:
    """Make a book of a source."""
    return _told(arguments, _make)


def resume(arguments: Namespace) -> int:
    """Go on with a run."""
    return _told(arguments, _resume)


def _make(arguments: Namespace) -> Ending:
    source = source_named(arguments.source)
    settings = configuration(arguments, source).settings
    if arguments.estimate:
        return _estimate(settings, listed(settings, source), is_json=arguments.json)
    credentials = opened(settings)
    check_upload(settings, source)
    storage = listed(settings, source)
    out = OutFolder(Path(settings.out))
    out.prepare(source=source.folder, source_bytes=sum(picture.size_bytes for picture in storage.pictures))
    with opened_shelf(out, synchronous=settings.durability, say=say) as shelf:
        ending = do(new_job(shelf, settings, source, storage, arguments, credentials))
        if ending.book:
            shelf.prune(settings.keep_days)
        return ending


def _estimate(settings: Settings, storage: Listing, *, is_json: bool) -> Ending:
    """Say what the services would cost; nothing is asked, and nothing is made."""
    from agents.services.openai_estimate import estimate, estimate_as_json, estimate_as_text

    drawings = sum(picture.heap is Heap.INPUT for picture in storage.pictures)
    found = estimate(settings, drawings=drawings, pictures=len(storage.pictures))
    if not is_json:
        print(estimate_as_text(found))
    return Ending(OK, "complete", estimate=estimate_as_json(found))


def _resume(arguments: Namespace) -> Ending:
    settings = configuration(arguments, None).settings
    with shelf_of(arguments, is_thorough=True, synchronous=settings.durability) as shelf:
        runs = shelf.runs
        row = runs.one(shelf.writer, arguments.run_id) if arguments.run_id else runs.newest_to_resume(shelf.writer)
        ending = do(resumed_job(shelf, row, arguments, _nothing_said if arguments.quiet else say))
        if ending.book:
            shelf.prune(settings.keep_days)
        return ending


def _nothing_said(_text: str) -> None:
    """For --quiet."""


def _told(arguments: Namespace, made: Callable[[Namespace], Ending]) -> int:
    """Make a book, and tell how that ended."""
    try:
        ending = made(arguments)
    except KeyboardInterrupt:
        ending = Ending(SIGNAL_CODES[signal.SIGINT], "interrupted", error="interrupted before the work began")
    except Exception as error:
        if arguments.debug:
            raise
        ending = failed(error)
    if ending.error:
        say(ending.error)
    if arguments.json:
        print(ending.as_json())
    elif ending.volume and ending.book:
        print(_summary(ending.volume, ending.book, is_quiet=arguments.quiet))
        if ending.uploaded and not arguments.quiet:
            print(f"  It lies in {ending.uploaded} as well.")
    return ending.code


def _summary(volume: Volume, book: Path, *, is_quiet: bool) -> str:
    shown = next((book / name for name in ("book.html", "book.pdf") if (book / name).is_file()), book)
    if is_quiet:
        return str(shown)
    draft = book / "book.toml"
    return summary(
        volume,
        opened=str(shown),
        draft=str(draft) if draft.is_file() else "",
        clean=lambda text: shortened(visible(text)),
    )
