"""Doodlebound: the command line.

Only the standard library is imported here at the top: `--help` is quick, and a missing dependency is one sentence.
"""

import argparse
import asyncio
import io
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.book.settings import Settings
    from agents.book.volume import Volume
    from agents.services.folder import FolderStorage
    from agents.services.publishing import OutFolder
    from wiring.endings import Ending
    from wiring.shelf import Shelf

HERE = Path(__file__).resolve().parent
OK, FAILED, BAD_INPUT, PARTIAL, AT_CAP, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 4, 130, 143


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a path may hold what is no text
    _check_own_packages()
    arguments = _parser().parse_args(_with_default_command(sys.argv[1:] if argv is None else argv))
    try:
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
        return INTERRUPTED
    except Exception as error:
        if arguments.debug:
            raise
        from wiring.endings import exit_code, sentence

        return _complain(sentence(error), code=exit_code(error))


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


def _check_own_packages() -> None:
    """Another distribution may own one of our names; then nothing can work."""
    from importlib.util import find_spec

    for name in ("swarm", "registry", "monitor", "agents", "wiring"):
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
    from wiring import VERSION

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
    _add_run_commands(commands)
    plan = _command(commands, "plan", _show_plan, "show the plan that the agents make")
    plan.add_argument("--dot", action="store_true", help="as a Graphviz graph")
    plan.add_argument("--why", metavar="RUN", help="which steps would run now, held against RUN, and why")
    _add_out(plan)
    _command(commands, "agents", _show_agents, "show the registered agents")
    serve = _command(commands, "serve", _serve, "show all runs on a page, with a swarm ready, until it is stopped")
    serve.add_argument("--host", metavar="HOST", default="127.0.0.1", help="where to listen (127.0.0.1)")
    serve.add_argument("--port", metavar="PORT", default="8077", help="on which port; 0 is any free one (8077)")
    _add_out(serve)
    config = _command(commands, "config", _show_config, "show the effective settings and where each comes from")
    config.add_argument("source", metavar="SOURCE", nargs="?", help="the folder whose book.toml counts")
    config.add_argument("--json", action="store_true", help="as JSON on one line")
    new_agent = _command(commands, "new-agent", _new_agent, "write a new agent and its test")
    new_agent.add_argument("name", metavar="NAME", help="its role, like mascot")
    return parser


def _add_run_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    resume = _command(commands, "resume", _resume, "go on with an interrupted, failed or partial run")
    resume.add_argument("run_id", metavar="RUN", nargs="?", help="the run, or how its id begins (the newest)")
    resume.add_argument("--retry-failed", action="store_true", help="try again what failed for good or was set aside")
    _add_out(resume)
    _add_cap_flags(resume)
    _add_watching_flags(resume)
    runs = _command(commands, "runs", _show_runs, "show the runs of a folder of books")
    show = _command(commands, "show", _show_run, "show one run: its state, what is missing, what went wrong")
    show.add_argument("run_id", metavar="RUN", help="the run, or how its id begins")
    for command in (runs, show):
        _add_out(command)
        command.add_argument("--json", action="store_true", help="as JSON on one line")
    logs = _command(commands, "logs", _show_log, "show the log of a run, also of one that failed")
    logs.add_argument("run_id", metavar="RUN", help="the run, or how its id begins")
    logs.add_argument("--follow", action="store_true", help="go on until the run is no longer at work")
    logs.add_argument("--role", metavar="ROLE", help="only what is about this agent")
    logs.add_argument("--level", metavar="LEVEL", default="debug", help="from debug, info, warning or error up (debug)")
    logs.add_argument("--json", action="store_true", help="the lines as they are, one JSON object each")
    _add_out(logs)
    health = _command(commands, "health", _show_health, "ask a running swarm how it is; exits 0, 1 (warn) or 2 (fail)")
    health.add_argument("--url", metavar="URL", default="http://127.0.0.1:8077", help="where its monitor listens")
    health.add_argument("--json", action="store_true", help="as JSON on one line")
    prune = _command(commands, "prune", _prune, "forget old runs and what only they used")
    prune.add_argument("--keep-days", metavar="N", help="keep what ended within so many days (90)")
    _add_out(prune)


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


def _add_out(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", metavar="FOLDER", help="where books are put (books/)")


def _add_cap_flags(command: argparse.ArgumentParser) -> None:
    command.add_argument("--max-cost-usd", metavar="N", help="stop at so many US dollars, or `none` (5)")
    command.add_argument("--max-calls", metavar="N", help="stop at so many calls to a model")
    command.add_argument("--max-tokens", metavar="N", help="stop at so many tokens")


def _add_watching_flags(command: argparse.ArgumentParser) -> None:
    command.add_argument("--monitor", metavar="PORT", help="answer /livez, /readyz and /health on this local port")
    command.add_argument("--json", action="store_true", help="print one JSON object on the last line of stdout")
    command.add_argument("--quiet", action="store_true", help="show no progress")
    command.add_argument("--keep-work", action="store_true", help="keep the working folder, to look at it")


def _add_make_flags(command: argparse.ArgumentParser) -> None:
    command.add_argument("--input-prefix", metavar="PREFIX", help="where the drawings lie (inputs/)")
    command.add_argument("--output-prefix", metavar="PREFIX", help="where the renderings lie (outputs/)")
    _add_out(command)
    command.add_argument("--title", metavar="TEXT", help="the title of the book")
    command.add_argument("--author", metavar="NAME", help="the child who drew")
    command.add_argument("--age", metavar="YEARS", help="the reader's age, 3 to 7 (5)")
    command.add_argument("--seed", metavar="N", help="another seed tells another story (0)")
    command.add_argument("--formats", metavar="LIST", help="what to make, of html,pdf,epub,print")
    command.add_argument("--max-pages", metavar="N", help="at most so many pages")
    command.add_argument("--online", action="store_true", help="let OpenAI look at the pictures and tell the story")
    command.add_argument("--estimate", action="store_true", help="say what the services would cost, and stop")
    command.add_argument("--fresh", action="store_true", help="make everything anew, whatever is in the store")
    _add_cap_flags(command)
    _add_watching_flags(command)


# Commands that make a book


def _make_sample(arguments: argparse.Namespace) -> int:
    sample = _sample()
    if sample is None:
        return _complain("the sample pictures are missing: make a book of your own with `python main.py make FOLDER`")
    arguments.source = str(sample)
    return _make(arguments)


def _sample() -> Path | None:
    """Where the sample pictures lie."""
    schemes = sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")
    installed = (HERE, *(Path(sysconfig.get_path("data", scheme)) for scheme in schemes))
    for place in (HERE, *(base / "share" / "doodlebound" for base in installed)):
        if (place / "sample" / "book.toml").is_file():
            return place / "sample"
    return None


def _make(arguments: argparse.Namespace) -> int:
    return _ended(arguments, _make_book)


def _resume(arguments: argparse.Namespace) -> int:
    return _ended(arguments, _resume_book)


def _make_book(arguments: argparse.Namespace) -> "Ending":
    from agents.services.publishing import OutFolder
    from wiring.endings import say
    from wiring.job import configuration, listed, new_job, opened
    from wiring.shelf import opened_shelf
    from wiring.work import do

    source = Path(arguments.source)
    settings = configuration(arguments, source).settings
    if arguments.estimate:
        return _estimate(settings, listed(settings, source), is_json=arguments.json)
    credentials = opened(settings)
    storage = listed(settings, source)
    out = OutFolder(Path(settings.out))
    out.prepare(source=source, source_bytes=sum(picture.size_bytes for picture in storage.pictures))
    with opened_shelf(out, synchronous=settings.durability, say=say) as shelf:
        ending = do(new_job(shelf, settings, source, storage, arguments, credentials))
        if ending.book:
            shelf.prune(settings.keep_days)
        return ending


def _estimate(settings: "Settings", storage: "FolderStorage", *, is_json: bool) -> "Ending":
    """Say what the services would cost; nothing is asked, and nothing is made."""
    from agents.book.picture import Heap
    from agents.services.openai_estimate import estimate, estimate_as_json, estimate_as_text
    from wiring.endings import Ending

    drawings = sum(picture.heap is Heap.INPUT for picture in storage.pictures)
    found = estimate(settings, drawings=drawings, pictures=len(storage.pictures))
    if not is_json:
        print(estimate_as_text(found))
    return Ending(OK, "complete", estimate=estimate_as_json(found))


def _resume_book(arguments: argparse.Namespace) -> "Ending":
    from wiring.endings import say
    from wiring.job import configuration, resumed_job
    from wiring.work import do

    settings = configuration(arguments, None).settings
    with _shelf(arguments, is_thorough=True, synchronous=settings.durability) as shelf:
        runs = shelf.runs
        row = runs.one(shelf.writer, arguments.run_id) if arguments.run_id else runs.newest_to_resume(shelf.writer)
        ending = do(resumed_job(shelf, row, arguments, _nothing_said if arguments.quiet else say))
        if ending.book:
            shelf.prune(settings.keep_days)
        return ending


def _nothing_said(_text: str) -> None:
    """For --quiet."""


def _ended(arguments: argparse.Namespace, make: "Callable[[argparse.Namespace], Ending]") -> int:
    """Make a book, and tell how that ended."""
    from wiring.endings import Ending, failed, say

    try:
        ending = make(arguments)
    except KeyboardInterrupt:
        ending = Ending(INTERRUPTED, "interrupted", error="interrupted before the work began")
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


# Commands that look at runs


@contextmanager
def _shelf(arguments: argparse.Namespace, *, is_thorough: bool = False, synchronous: str = "full") -> "Iterator[Shelf]":
    """The store of the folder of books that the arguments name. Raises OutputError when there is none."""
    from wiring.endings import say
    from wiring.shelf import opened_shelf

    with opened_shelf(_out(arguments), synchronous=synchronous, is_thorough=is_thorough, say=say) as shelf:
        yield shelf


def _out(arguments: argparse.Namespace) -> "OutFolder":
    from agents.services.errors import OutputError
    from agents.services.publishing import OutFolder
    from wiring.job import configuration

    out = OutFolder(Path(configuration(arguments, None).settings.out))
    if not out.store.is_dir():
        raise OutputError(f"no book was ever made in {out.root}: name the folder of your books with --out")
    return out


def _show_runs(arguments: argparse.Namespace) -> int:
    from wiring.history import runs_as_json, runs_as_text

    with _shelf(arguments) as shelf:
        print(runs_as_json(shelf) if arguments.json else runs_as_text(shelf))
    return OK


def _show_run(arguments: argparse.Namespace) -> int:
    from wiring.history import run_as_json, run_as_text

    with _shelf(arguments) as shelf:
        row = shelf.runs.one(shelf.writer, arguments.run_id)
        print(run_as_json(shelf, row) if arguments.json else run_as_text(shelf, row))
    return OK


def _show_log(arguments: argparse.Namespace) -> int:
    from agents.services.errors import SettingsError
    from wiring.logs import LEVELS, LogView, log_lines

    if arguments.level not in LEVELS:
        raise SettingsError(f"--level is one of {', '.join(LEVELS)}, not {arguments.level!r}")
    is_coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    view = LogView(arguments.role, arguments.level, arguments.json, is_coloured)
    with _shelf(arguments) as shelf:
        row = shelf.runs.one(shelf.writer, arguments.run_id)
        for line in log_lines(shelf, row, view, is_followed=arguments.follow):
            print(line, flush=arguments.follow)
    return OK


def _show_health(arguments: argparse.Namespace) -> int:
    from wiring.asking import STATUSES, asked_health, health_as_json, health_as_text

    health = asked_health(arguments.url)
    print(health_as_json(health) if arguments.json else health_as_text(health))
    return STATUSES.index(health["status"])


def _prune(arguments: argparse.Namespace) -> int:
    from wiring.job import configuration

    settings = configuration(arguments, None).settings
    with _shelf(arguments) as shelf:
        gone = shelf.prune(settings.keep_days)
    print(
        f"forgot {len(gone.runs)} runs, {gone.results} results and {gone.blobs} pictures of the store "
        f"({gone.size_bytes / 2**20:.1f} MiB); finished books are untouched"
    )
    return OK


# Commands that look at the swarm


def _show_plan(arguments: argparse.Namespace) -> int:
    from wiring.job import configuration
    from wiring.plan import plan

    if arguments.why:
        from wiring.history import forecast_as_text
        from wiring.work import forecast_of

        with _shelf(arguments) as shelf:
            row = shelf.runs.one(shelf.writer, arguments.why)
            print(forecast_as_text(forecast_of(shelf, row), row.id))
        return OK
    shown = plan(configuration(arguments, None).settings)
    print(shown.to_dot() if arguments.dot else shown.to_text())
    return OK


def _show_agents(_arguments: argparse.Namespace) -> int:
    from monitor.text import table
    from registry import AgentRegistry, ThreadPool
    from wiring.plan import plan

    async def states() -> dict[str, str]:
        async with AgentRegistry(specs, threads=ThreadPool(1)) as registry:
            return {health.role: health.state.value for health in registry.health()}

    specs = [plan().specs[role] for role in plan().order]
    state = asyncio.run(states())
    rows = [("role", "scope", "needs", "kind", "workers", "state", "does")]
    for spec in specs:
        needs = ", ".join(spec.needs) or "-"
        rows.append((spec.role, spec.scope, needs, spec.kind.value, str(spec.workers), state[spec.role], spec.summary))
    print(table(rows))
    return OK


def _serve(arguments: argparse.Namespace) -> int:
    from wiring.job import configuration
    from wiring.serving import serve_until_stopped

    if not (arguments.port.isascii() and arguments.port.isdigit() and int(arguments.port) < 65536):
        return _complain(f"--port is {arguments.port!r}: it must be a number from 0 to 65535")
    vars(arguments).update(fresh=False, quiet=True, keep_work=False)
    settings = configuration(arguments, None).settings
    return serve_until_stopped(arguments, settings, _sample(), arguments.host, int(arguments.port))


def _show_config(arguments: argparse.Namespace) -> int:
    from wiring.config import config_as_json, config_as_text
    from wiring.job import configuration

    found = configuration(arguments, Path(arguments.source) if arguments.source else None)
    print(config_as_json(found) if arguments.json else config_as_text(found))
    return OK


def _new_agent(arguments: argparse.Namespace) -> int:
    from agents.services.scaffold import write_agent

    agent, test = write_agent(HERE, arguments.name)
    print(f"wrote {agent.relative_to(HERE)} and {test.relative_to(HERE)}: see it with `python main.py plan`")
    return OK


if __name__ == "__main__":
    sys.exit(main())
