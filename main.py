"""Doodlebound: the command line, and the only place that wires swarm, registry, monitor and agents together.

Only the standard library is imported here at the top: `--help` is quick, and a missing dependency is one sentence.
"""

import argparse
import asyncio
import hashlib
import io
import json
import os
import secrets
import signal
import sys
import sysconfig
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.book.picture import SourcePicture
    from agents.book.settings import Settings
    from agents.book.volume import Volume
    from agents.services.configuration import Configuration
    from agents.services.folder import FolderStorage
    from agents.services.publishing import OutFolder
    from monitor import Health, WorkflowMonitor
    from registry import AgentRegistry
    from swarm import AgentSpec, Plan

VERSION = "0.1.0"
HERE = Path(__file__).resolve().parent
GOAL = "bind"
LISTED_SCOPES = ("image",)
LABELS = {
    "ingest": "reading pictures",
    "pair": "finding pairs",
    "sequence": "planning the story",
    "arrange": "arranging colours",
    "grid": "laying grids",
    "write": "telling the story",
    "design": "designing pages",
    "review": "reviewing pages",
    "scale": "scaling pictures",
    "bind": "binding the book",
}
OK, FAILED, BAD_INPUT, PARTIAL = 0, 1, 2, 3
SIGNAL_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
BAD_INPUT_CODE = "bad-input"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command that makes a book ended; `code` is the exit code."""

    code: int
    status: str
    book: Path | None = None
    run: str | None = None
    error: str | None = None
    volume: "Volume | None" = None

    def as_json(self) -> str:
        """The one object that `--json` prints."""
        volume = self.volume
        return json.dumps(
            {
                "status": self.status,
                "book": str(self.book) if self.book else None,
                "run": self.run,
                "error": self.error,
                "pages": volume.pages if volume else 0,
                "omitted": len(volume.omitted) if volume else 0,
                "unpaired": len(volume.unpaired) if volume else 0,
                "flagged": len(volume.flagged) if volume else 0,
            }
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a path may hold what is no text
    arguments = _parser().parse_args(_with_default_command(sys.argv[1:] if argv is None else argv))
    try:
        _check_own_packages()
        code = int(arguments.run(arguments))
        sys.stdout.flush()
        return code
    except ModuleNotFoundError as error:
        if error.name is None or (HERE / error.name.partition(".")[0]).exists():
            raise
        return _complain(f"the Python package {error.name} is missing: run `make book`, or `pip install -e {HERE}`")
    except BrokenPipeError:  # nobody reads on; the interpreter shall not find that out once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return SIGNAL_CODES[signal.SIGINT]
    except Exception as error:
        if arguments.debug:
            raise
        return _complain(f"{_sentence(error)}", code=BAD_INPUT if _is_bad_input(error) else FAILED)


def _with_default_command(argv: Sequence[str]) -> list[str]:
    """Without a command, the sample book is made, with whatever flags of `make` there are."""
    alone = {"-h", "--help", "--version"}
    if not argv or (argv[0].startswith("-") and argv[0] not in alone):
        return ["sample", *argv]
    return list(argv)


def _complain(sentence: str, code: int = BAD_INPUT) -> int:
    shown = "".join(char if char.isprintable() else repr(char)[1:-1] for char in sentence)
    print(f"doodlebound: {shown}", file=sys.stderr)
    return code


def _sentence(error: Exception) -> str:
    from monitor import MonitorError
    from swarm import SwarmError

    if isinstance(error, SwarmError | MonitorError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file of the run'} cannot be used: {error.strerror}; mend that and run it again"
    return f"something unforeseen happened ({type(error).__name__}: {error}): run again with --debug to see where"


def _is_bad_input(error: Exception) -> bool:
    from agents.services.errors import OutputError, SettingsError, SourceError
    from monitor import MonitorError
    from registry import RegistryError
    from swarm import DeclarationError, PlanError

    kinds = (OutputError, SettingsError, SourceError, MonitorError, RegistryError, DeclarationError, PlanError)
    return isinstance(error, kinds)


def _check_own_packages() -> None:
    """Another distribution may own one of our names; then nothing can work."""
    from importlib.util import find_spec

    for name in ("swarm", "registry", "monitor", "agents"):
        spec = find_spec(name)
        origin = spec.origin if spec else None
        if origin is None or Path(origin).resolve().parent != HERE / name:
            other = (
                f"is at {origin}, where {HERE / name} is needed: another package has this name, so give Doodlebound a "
                "virtual environment of its own"
            )
            lost = (
                f"is not found beside {HERE / 'main.py'}: run Python without -I, -P and PYTHONSAFEPATH, or "
                f"`pip install -e {HERE}`"
            )
            raise SystemExit(_complain(f"the package {name} {other if origin else lost}"))


# The command line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="doodlebound",
        description="Makes a picture book of a child's drawings and their renderings.",
        epilog="Without a command, the sample book is made.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"doodlebound {VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    make = _command(commands, "make", _make, "make a book of a folder with inputs/ and outputs/")
    make.add_argument("source", metavar="SOURCE", help="the folder with the pictures")
    _add_make_flags(make)
    sample = _command(commands, "sample", _make_sample, "make the sample book (what is done without a command)")
    _add_make_flags(sample)
    plan = _command(commands, "plan", _show_plan, "show the plan that the agents make")
    plan.add_argument("--dot", action="store_true", help="as a Graphviz graph")
    _command(commands, "agents", _show_agents, "show the registered agents")
    config = _command(commands, "config", _show_config, "show the effective settings and where each comes from")
    config.add_argument("source", metavar="SOURCE", nargs="?", help="the folder whose book.toml counts")
    new_agent = _command(commands, "new-agent", _new_agent, "write a new agent and its test")
    new_agent.add_argument("name", metavar="NAME", help="its role, like mascot")
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    help_: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_, description=f"Doodlebound: {help_}.", allow_abbrev=False)
    command.add_argument("--debug", action="store_true", help="log every step, and show where an error comes from")
    command.set_defaults(run=run)
    return command


def _add_make_flags(command: argparse.ArgumentParser) -> None:
    command.add_argument("--input-prefix", metavar="PREFIX", help="where the drawings lie (inputs/)")
    command.add_argument("--output-prefix", metavar="PREFIX", help="where the renderings lie (outputs/)")
    command.add_argument("--out", metavar="FOLDER", help="where books are put (books/)")
    command.add_argument("--title", metavar="TEXT", help="the title of the book")
    command.add_argument("--author", metavar="NAME", help="the child who drew")
    command.add_argument("--age", metavar="YEARS", help="the reader's age, 3 to 7 (5)")
    command.add_argument("--seed", metavar="N", help="another seed tells another story (0)")
    command.add_argument("--formats", metavar="LIST", help="what to make: html,pdf")
    command.add_argument("--max-pages", metavar="N", help="at most so many pages")
    command.add_argument("--monitor", metavar="PORT", help="answer /livez, /readyz and /health on this local port")
    command.add_argument("--json", action="store_true", help="print one JSON object on the last line of stdout")
    command.add_argument("--quiet", action="store_true", help="show no progress")


_MAKE_SETTINGS = (
    *("input_prefix", "output_prefix", "out", "title", "author", "age", "seed"),
    *("formats", "max_pages", "monitor"),
)


def _configuration(arguments: argparse.Namespace, source: Path | None) -> "Configuration":
    from agents.services.configuration import configure, split

    flags: dict[str, Any] = {name: getattr(arguments, name, None) for name in _MAKE_SETTINGS}
    if flags["formats"] is not None:
        flags["formats"] = split(flags["formats"])
    toml_path = source / "book.toml" if source else None
    return configure(flags=flags, environment=os.environ, toml_path=toml_path)


def _show_plan(arguments: argparse.Namespace) -> int:
    plan = _plan()
    print(plan.to_dot() if arguments.dot else plan.to_text())
    return OK


def _show_agents(_arguments: argparse.Namespace) -> int:
    from monitor.text import table
    from registry import AgentRegistry, ThreadPool

    async def states() -> dict[str, str]:
        async with AgentRegistry(specs, threads=ThreadPool(1)) as registry:
            return {health.role: health.state.value for health in registry.health()}

    specs = _specs()
    state = asyncio.run(states())
    rows = [("role", "scope", "needs", "kind", "workers", "state", "does")]
    for spec in (_plan().specs[role] for role in _plan().order):
        needs = ", ".join(spec.needs) or "-"
        rows.append((spec.role, spec.scope, needs, spec.kind.value, str(spec.workers), state[spec.role], spec.summary))
    print(table(rows))
    return OK


def _show_config(arguments: argparse.Namespace) -> int:
    from monitor.text import table

    configuration = _configuration(arguments, Path(arguments.source) if arguments.source else None)
    settings = configuration.settings.model_dump(mode="json")
    rows = [("setting", "value", "from")]
    rows += [
        (name, json.dumps(value, ensure_ascii=False), configuration.origins[name]) for name, value in settings.items()
    ]
    print(table(rows))
    return OK


def _new_agent(arguments: argparse.Namespace) -> int:
    from agents.services.scaffold import write_agent

    agent, test = write_agent(HERE, arguments.name)
    print(f"wrote {agent.relative_to(HERE)} and {test.relative_to(HERE)}: see it with `python main.py plan`")
    return OK


def _make_sample(arguments: argparse.Namespace) -> int:
    schemes = sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")
    installed = (HERE, *(Path(sysconfig.get_path("data", scheme)) for scheme in schemes))
    for place in (HERE, *(base / "share" / "doodlebound" for base in installed)):
        if (place / "sample" / "book.toml").is_file():
            arguments.source = str(place / "sample")
            return _make(arguments)
    return _complain("the sample pictures are missing: make a book of your own with `python main.py make FOLDER`")


def _make(arguments: argparse.Namespace) -> int:
    try:
        ending = _make_book(arguments, Path(arguments.source))
    except KeyboardInterrupt:
        ending = Ending(SIGNAL_CODES[signal.SIGINT], "interrupted", error="interrupted before the work began")
    except Exception as error:
        if arguments.debug:
            raise
        code = BAD_INPUT if _is_bad_input(error) else FAILED
        ending = Ending(code, "failed", error=_sentence(error))
    if ending.error:
        _complain(ending.error)
    if arguments.json:
        print(ending.as_json())
    elif ending.volume and ending.book:
        print(_summary(ending.volume, ending.book, is_quiet=arguments.quiet))
    return ending.code


def _summary(volume: "Volume", book: Path, *, is_quiet: bool) -> str:
    from agents.craft.summary import summary
    from monitor.text import shortened, visible

    opened = next((book / name for name in ("book.html", "book.pdf") if (book / name).is_file()), book)
    if is_quiet:
        return str(opened)
    draft = book / "book.toml"
    return summary(
        volume,
        opened=str(opened),
        draft=str(draft) if draft.is_file() else "",
        clean=lambda text: shortened(visible(text)),
    )


# The wiring


def _specs() -> "tuple[AgentSpec, ...]":
    from registry import discover

    return discover("agents")


def _plan() -> "Plan":
    from swarm import Plan

    return Plan.of(_specs(), goal=GOAL, listed=LISTED_SCOPES)


@dataclass(slots=True)
class _Job:
    """One book to make: what it is made of, where it goes, and who watches."""

    settings: "Settings"
    source: Path
    storage: "FolderStorage"
    out: "OutFolder"
    run: str
    is_draft_wanted: bool
    is_quiet: bool
    monitor: "WorkflowMonitor"
    stopped_by: signal.Signals | None = None
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def staging(self) -> Path:
        """Where the book is made before it is moved to its place."""
        return self.out.work(self.run) / "book"

    @property
    def source_id(self) -> str:
        """Names the source by its place, so that a new edition takes the place of the old one."""
        places = (str(self.source.resolve()), self.settings.input_prefix, self.settings.output_prefix)
        return hashlib.sha256("\0".join(places).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _make_book(arguments: argparse.Namespace, source: Path) -> Ending:
    from agents.book.picture import Heap
    from agents.services.configuration import check_captions
    from agents.services.folder import SourceFolder
    from agents.services.publishing import OutFolder
    from monitor import WorkflowMonitor, configured_logs

    configuration = _configuration(arguments, source)
    settings = configuration.settings
    storage = SourceFolder(
        source, settings.input_prefix, settings.output_prefix, settings.max_pictures, settings.max_picture_bytes
    ).list()
    check_captions(settings, (picture.item for picture in storage.pictures if picture.heap is Heap.INPUT))
    out = OutFolder(Path(settings.out))
    out.prepare(source=source, source_bytes=sum(picture.size_bytes for picture in storage.pictures))
    job = _Job(
        settings=settings,
        source=source,
        storage=storage,
        out=out,
        run=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        is_draft_wanted=not (source / "book.toml").is_file(),
        is_quiet=arguments.quiet,
        monitor=WorkflowMonitor(logs_steps=arguments.debug),
    )
    job.staging.mkdir(parents=True)
    try:
        with configured_logs(
            level="DEBUG" if arguments.debug else "WARNING",
            file=job.staging / "run.log.jsonl",
            file_level="DEBUG" if arguments.debug else "INFO",
            is_quiet=arguments.quiet,
        ) as logs:
            return asyncio.run(_run(job, logs.lend))
    finally:
        _clear(out.work(job.run))


def _clear(work: Path) -> None:
    """Remove the working folder of a run, as far as that goes."""
    import shutil

    shutil.rmtree(work, ignore_errors=True)


async def _run(job: _Job, lend: Callable[[Callable[[str], object]], Any]) -> Ending:
    from monitor.live import live_view

    try:
        with _handled_signals(job):
            async with live_view(job.monitor, labels=LABELS, is_quiet=job.is_quiet) as view:
                with lend(view.write):
                    return await _make_and_publish(job)
    except asyncio.CancelledError:
        stopped_by = job.stopped_by or signal.SIGINT
        error = "interrupted: nothing was changed; run it again when you like"
        return Ending(SIGNAL_CODES[stopped_by], "interrupted", run=job.run, error=error)


@contextmanager
def _handled_signals(job: _Job) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM stops the run in good order, a second one ends the process at once: the handlers are
    the interpreter's and not the loop's, so that they are heard even when something blocks the loop."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()

    def stop(number: int, _frame: object) -> None:
        if job.stopped_by is not None:
            os._exit(SIGNAL_CODES[signal.Signals(number)])
        job.stopped_by = signal.Signals(number)
        if task is not None:
            loop.call_soon_threadsafe(task.cancel)

    before = {number: signal.signal(number, stop) for number in SIGNAL_CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _make_and_publish(job: _Job) -> Ending:
    from agents.services.folder_blobs import FolderBlobs
    from agents.services.handmade_vision import HandmadeVision
    from agents.services.qdrant_memory import MemoryVectors
    from agents.services.storyteller import OfflineStoryteller
    from monitor import step_context
    from registry import AgentRegistry, ThreadPool
    from swarm import Coordinator, MemoryJournal, Plan, RunRequest
    from swarm.coordinator import Port

    threads, vector_thread = ThreadPool(job.settings.threads), ThreadPool(1, name="vectors")
    job.storage.run_blocking = threads.run
    blobs = FolderBlobs(job.out.work(job.run) / "blobs", threads.run)
    ports: dict[str, Port] = {
        "storage": job.storage,
        "blobs": blobs,
        "vision": HandmadeVision(threads.run),
        "vectors": MemoryVectors(vector_thread.run),
        "language": OfflineStoryteller(threads.run),
    }
    specs = _specs()
    plan = Plan.of(specs, goal=GOAL, listed=LISTED_SCOPES)
    code_digest = _code_digest()
    request = RunRequest(
        run=job.run,
        listed={"image": job.storage.pictures},
        settings=_agent_settings(job, code_digest),
        ports=ports,
        fallback_ports={"language": ports["language"]},
        code_digest=code_digest,
        max_in_flight=job.settings.in_flight,
        max_reworks=job.settings.max_reworks,
        strict=job.settings.strict,
        may_fall_back=job.settings.fallback,
    )
    registry = AgentRegistry(
        specs,
        threads=threads,
        observe=job.monitor.observe,
        around_step=step_context,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(registry)
        await stack.enter_async_context(_endpoint(job, registry))
        result = await Coordinator(plan, registry, MemoryJournal(), job.monitor.observe).run(request)
        if blobs.faults:
            return Ending(FAILED, "failed", run=job.run, error=blobs.faults[0])
        if result.failure:
            code = BAD_INPUT if result.code == BAD_INPUT_CODE else FAILED
            return Ending(code, "failed", run=job.run, error=result.failure)
        volume: Any = result.value
        for file in volume.files:
            path = job.staging / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(await blobs.get(file.blob))
        vector_thread.close()
    publishing = asyncio.ensure_future(asyncio.to_thread(_publish, job, volume))
    with suppress(asyncio.CancelledError):  # a move that has begun is not broken off
        await asyncio.shield(publishing)
    return await publishing


def _agent_settings(job: _Job, code_digest: str) -> dict[str, object]:
    """What agents may ask for: the settings, and what follows from them and the source."""
    settings = job.settings.model_dump(mode="json")
    contents = {
        name: value
        for name, value in settings.items()
        if name not in ("out", "monitor", "threads", "in_flight", "max_pictures")
    }
    source = [[picture.item, picture.heap.value, picture.digest] for picture in job.storage.pictures]
    made_of = json.dumps([contents, source, code_digest], sort_keys=True)
    implementations = {name: settings[name] for name in ("language", "vision", "vectors")}
    return settings | {
        "shown_title": job.settings.shown_title,
        "book_id": hashlib.sha256(made_of.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        "made_with": implementations | {"storage": "folder"},
    }


def _code_digest() -> str:
    """A digest of the product's own code, templates and fonts."""
    digest = hashlib.sha256()
    packages = (HERE / name for name in ("swarm", "registry", "monitor", "agents"))
    files = sorted(path for package in packages for path in package.rglob("*") if path.is_file())
    for path in (Path(__file__).resolve(), *files):
        if "__pycache__" not in path.parts:
            data = path.read_bytes()
            digest.update(f"{path.relative_to(HERE).as_posix()}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()


def _publish(job: _Job, volume: "Volume") -> Ending:
    from agents.services.draft import draft_toml
    from monitor import figures

    status = "partial" if volume.omitted else "complete"
    _count_outcomes(job.monitor, volume, job.storage.pictures)
    report = {
        "schema": 1,
        "status": status,
        "source_id": job.source_id,
        "started_at": job.started_at,
        **figures(job.monitor),
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (job.staging / "report.json").write_text(text, "utf-8")
    if job.is_draft_wanted:
        drawings = [picture.item for picture in job.storage.pictures if picture.heap.value == "input"]
        (job.staging / "book.toml").write_text(draft_toml(drawings), "utf-8")
    book = job.out.publish(job.staging, job.settings.slug, job.source_id)
    return Ending(PARTIAL if volume.omitted else OK, status, book, job.run, volume=volume)


def _count_outcomes(watcher: "WorkflowMonitor", volume: "Volume", pictures: "Sequence[SourcePicture]") -> None:
    used = len(pictures) - len(volume.omitted) - len(volume.unpaired)
    for outcome, count in (("used", used), ("unpaired", len(volume.unpaired)), ("omitted", len(volume.omitted))):
        watcher.count("pictures_total", {"outcome": outcome}, count)
    watcher.count("pages_total", {"outcome": "done"}, volume.pages)


@asynccontextmanager
async def _endpoint(job: _Job, registry: "AgentRegistry") -> AsyncIterator[None]:
    """The health endpoint during the run, where it is wanted."""
    if job.settings.monitor is None:
        yield
        return
    from monitor.endpoint import build_app, serve

    began = time.monotonic()
    app = build_app(
        health=lambda: _health(job, registry, time.monotonic() - began),
        is_ready=lambda: job.stopped_by is None,
        version=VERSION,
    )
    async with serve(app, port=job.settings.monitor) as address:
        print(f"health: {address.url}/health", file=sys.stderr)
        yield


def _health(job: _Job, registry: "AgentRegistry", uptime_s: float) -> "Health":
    from monitor import Check, Status, disk_check, examine, memory_check

    def parts() -> Mapping[str, Callable[[], Check]]:
        named = ("storage:folder", "vectors:memory", "language:offline", "vision:offline", "journal")
        return dict.fromkeys(named, Check)

    def agent_check(role: str) -> Check:
        health = next(health for health in registry.health() if health.role == role)
        states = {"running": Status.PASS, "restarting": Status.WARN, "down": Status.FAIL}
        return Check(
            states[health.state.value],
            observed_value=health.in_hand,
            observed_unit="steps in hand",
            output=health.last_error,
        )

    agents = {f"agent:{health.role}": (lambda role=health.role: agent_check(role)) for health in registry.health()}
    probes = {**agents, **parts(), "disk": lambda: disk_check(job.out.root), "memory": memory_check}
    return examine(probes, version=VERSION, service_id="doodlebound", uptime_s=uptime_s)


if __name__ == "__main__":
    sys.exit(main())
