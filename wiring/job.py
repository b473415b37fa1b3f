"""One book to make: its settings, its source, where it goes; made anew or taken up again from the journal."""

import hashlib
import json
import os
import secrets
import signal
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agents.book.picture import Heap, SourcePicture
from agents.book.settings import Settings
from agents.services.configuration import Configuration, check_captions, configure, split
from agents.services.dotenv import read_dotenv
from agents.services.errors import SettingsError
from agents.services.persons_word import check_word
from agents.services.ports import Listing
from monitor import Feed, Limits, Redactor, WorkflowMonitor
from swarm import Brake
from swarm.store.runs import RunRow
from wiring.plan import item_names
from wiring.shelf import Shelf
from wiring.sources import Source, source_named

if TYPE_CHECKING:
    from agents.services.credentials import Credentials

OF_THE_RUN = (
    *("out", "monitor", "threads", "in_flight", "max_pictures"),
    *("drain_s", "durability", "keep_days", "min_pages"),
    *("log_form", "traces"),
    *("prices", "service_concurrency", "requests_per_minute", "tokens_per_minute"),
    *("max_cost_usd", "max_calls", "max_tokens"),
    *("upload", "storage_deadline_s"),
)
"""Settings that say how a book is made and not what is in it."""

READ_ANEW = (
    *("prices", "service_concurrency", "requests_per_minute", "tokens_per_minute"),
    *("max_cost_usd", "max_calls", "max_tokens"),
)
"""Those of them that a resumed run takes from today's settings, where these name them."""


_SECRETS = ("OPENAI_API_KEY", "QDRANT_API_KEY", "DOODLEBOUND_MONITOR_TOKEN")
"""What is masked wherever it appears, from the start; who reads other secrets tells `Job.redact`."""

_FLAGS = (
    *("input_prefix", "output_prefix", "out", "title", "author", "age", "seed"),
    *("formats", "max_pages", "monitor", "keep_days", "upload"),
    *("max_cost_usd", "max_calls", "max_tokens"),
)


class Request(msgspec.Struct, frozen=True):
    """What a run was asked, as the journal keeps it: where the source is, the flags, the settings that came of them
    and of all else, the pictures as listed."""

    source: str
    flags: dict[str, object]
    settings: dict[str, object]
    pictures: tuple[SourcePicture, ...]
    is_draft_wanted: bool

    @property
    def source_id(self) -> str:
        """Names the source by its place, so that a new edition takes the place of the old one."""
        places = (self.source, str(self.settings["input_prefix"]), str(self.settings["output_prefix"]))
        return hashlib.sha256("\0".join(places).encode("utf-8", "surrogateescape")).hexdigest()[:16]


@dataclass(slots=True)
class Job:
    """A run in this process: what it is made of, where it goes, how it is stopped, and who watches. `notes` are what
    its report says beside the figures."""

    run: str
    request: Request
    settings: Settings
    storage: Listing
    shelf: Shelf
    monitor: WorkflowMonitor
    credentials: "Credentials | None" = None
    operation: str = "make"
    redact: Redactor = field(default_factory=Redactor)
    is_quiet: bool = False
    is_debugged: bool = False
    is_work_kept: bool = False
    notes: dict[str, object] = field(default_factory=dict)
    brake: Brake = field(default_factory=Brake)
    stopped_by: signal.Signals | None = None
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def staging(self) -> Path:
        """Where the book is made before it is moved to its place."""
        return self.shelf.out.work(self.run) / "book"

    def agent_settings(self, code_digest: str) -> dict[str, object]:
        """What agents may ask for: the settings, and what follows from them and the source."""
        settings = self.settings.model_dump(mode="json")
        contents = {name: value for name, value in settings.items() if name not in OF_THE_RUN}
        source = [[picture.item, picture.heap.value, picture.digest] for picture in self.storage.pictures]
        made_of = json.dumps([contents, source, code_digest], sort_keys=True)
        return settings | {
            "is_moderated": self.settings.is_moderated,
            "shown_title": self.settings.shown_title,
            "book_id": hashlib.sha256(made_of.encode("utf-8", "surrogatepass")).hexdigest()[:32],
            "made_with": self._made_with(),
        }

    def _made_with(self) -> dict[str, str]:
        """Which implementation makes each part, with its model where it has one."""
        settings = self.settings
        told = {
            "language": _with_model(settings.language, settings.language_model),
            "vision": _with_model(settings.vision, settings.vision_model),
            "vectors": settings.vectors,
            "storage": self.storage.identity.partition("/")[0],
        }
        return told | ({"moderation": f"openai:{settings.moderation_model}"} if settings.is_moderated else {})


def _with_model(implementation: str, model: str) -> str:
    return f"{implementation}:{model}" if implementation == "openai" else implementation


def configuration(arguments: Namespace, source: Source | None) -> Configuration:
    """The settings for a command, where it has a source with those of its `book.toml`. Raises SettingsError."""
    return _configured(_flags(arguments), source)


def _flags(arguments: Namespace) -> dict[str, object]:
    flags = {name: value for name in _FLAGS if (value := getattr(arguments, name, None)) is not None}
    if getattr(arguments, "online", False):
        flags |= dict.fromkeys(("language", "vision"), "openai")
    return flags | ({"formats": split(flags["formats"])} if "formats" in flags else {})


def _configured(flags: Mapping[str, object], source: Source | None) -> Configuration:
    toml_path = source.toml if source else None
    return configure(flags=flags, environment=os.environ, dotenv=read_dotenv(), toml_path=toml_path)


def opened(settings: Settings) -> "Credentials | None":
    """The keys and addresses of the services that the settings name, checked against these; None when all is offline.
    Raises SettingsError."""
    if not settings.is_online and settings.vectors == "memory":
        return None
    from agents.services.credentials import Credentials
    from agents.services.safety import refuse_unsafe

    credentials = Credentials.read()
    refuse_unsafe(settings, credentials)
    return credentials


def listed(settings: Settings, source: Source) -> Listing:
    """The pictures of a source, checked against the settings. Raises SourceError, SettingsError."""
    storage = source.listed(settings)
    drawings, renderings = ([picture.item for picture in storage.pictures if picture.heap is heap] for heap in Heap)
    check_captions(settings, drawings)
    check_word(settings, drawings, renderings)
    return storage


def new_job(
    shelf: Shelf,
    settings: Settings,
    source: Source,
    storage: Listing,
    arguments: Namespace,
    credentials: "Credentials | None",
) -> Job:
    """A new run, written down in the journal and held by this process."""
    request = Request(
        source=source.name,
        flags=_flags(arguments),
        settings=settings.model_dump(mode="json"),
        pictures=tuple(storage.pictures),
        is_draft_wanted=not source.toml.is_file(),
    )
    run = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    shelf.runs.begin(shelf.writer, run, request.source_id, msgspec.json.encode(request), is_fresh=arguments.fresh)
    return _job("make", run, request, settings, storage, shelf, arguments, credentials)


def resumed_job(shelf: Shelf, row: RunRow, arguments: Namespace, say: Callable[[str], None]) -> Job:
    """A run taken up again, with its settings and the pictures that are there now.

    Raises RunHeld, SettingsError when the settings are those of another version, and what the source raises.
    """
    request = _request_of(row)
    try:
        settings = Settings.model_validate(request.settings)
    except ValueError as error:
        raise _not_understood(row) from error
    settings = settings.model_copy(update=_said_anew(arguments, source_named(request.source)))
    credentials = opened(settings)
    storage = listed(settings, source_named(request.source))
    for line in changes(request.pictures, storage.pictures):
        say(line)
    shelf.runs.take(shelf.writer, row.id, retry_failed=arguments.retry_failed)
    return _job("resume", row.id, request, settings, storage, shelf, arguments, credentials)


def _said_anew(arguments: Namespace, source: Source) -> dict[str, object]:
    """The caps, prices and limits that somebody names today: they are no part of what was asked."""
    now = _configured(_flags(arguments), source)
    return {name: getattr(now.settings, name) for name in READ_ANEW if now.origins[name] != "default"}


def job_now(shelf: Shelf, row: RunRow) -> Job:
    """The job that making the book of a run again would be now, with the settings and pictures of today; it is no run
    of the journal. Raises SettingsError and what the source raises."""
    request = _request_of(row)
    source = source_named(request.source)
    settings = _configured(request.flags, source).settings
    storage = listed(settings, source)
    return Job(row.id, request, settings, storage, shelf, WorkflowMonitor(), credentials=opened(settings))


def _request_of(row: RunRow) -> Request:
    try:
        return msgspec.json.decode(row.request, type=Request)
    except ValueError as error:
        raise _not_understood(row) from error


def _not_understood(row: RunRow) -> SettingsError:
    return SettingsError(f"run {row.id} was asked in a way that is not understood any more: make the book again")


def caps(settings: Settings) -> dict[str, float]:
    """The caps of a run that there are, by what they cap."""
    found = {"cost_usd": settings.max_cost_usd, "calls": settings.max_calls, "tokens": settings.max_tokens}
    return {name: cap for name, cap in found.items() if cap is not None}


def _job(
    operation: str,
    run: str,
    request: Request,
    settings: Settings,
    storage: Listing,
    shelf: Shelf,
    arguments: Namespace,
    credentials: "Credentials | None",
) -> Job:
    redact = Redactor(filter(None, map(os.environ.get, _SECRETS)))
    redact.learn(credentials.secret_values() if credentials else ())
    return Job(
        operation=operation,
        redact=redact,
        run=run,
        request=request,
        settings=settings,
        storage=storage,
        shelf=shelf,
        credentials=credentials,
        monitor=WorkflowMonitor(
            redact=redact,
            logs_steps=arguments.debug,
            item_names=item_names(),
            limits=Limits(caps=caps(settings)),
            feed=Feed(redact=redact) if settings.monitor is not None else None,
        ),
        is_quiet=arguments.quiet,
        is_debugged=arguments.debug,
        is_work_kept=arguments.keep_work,
    )


def changes(before: Sequence[SourcePicture], after: Sequence[SourcePicture]) -> list[str]:
    """What became of a source since it was listed last: a line for the new, the changed and the vanished pictures."""
    old, new = ({picture.item: picture.digest for picture in pictures} for pictures in (before, after))
    kinds = {
        "new": [item for item in new if item not in old],
        "changed": [item for item in new if item in old and new[item] != old[item]],
        "vanished": [item for item in old if item not in new],
    }
    return [
        f"since the run began, {len(items)} {'picture is' if len(items) == 1 else 'pictures are'} {kind}: {_few(items)}"
        for kind, items in kinds.items()
        if items
    ]


def _few(items: Sequence[str], most: int = 5) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more
