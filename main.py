"""Doodlebound: the command line.

Only the standard library is imported here at the top: `--help` is quick, and a missing dependency is one sentence.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
OK, FAILED, BAD_INPUT, PARTIAL, AT_CAP, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 4, 130, 143


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a path may hold what is no text
    _check_own_packages()
    arguments = _parser().parse_args(_with_default_command(sys.argv[1:] if argv is None else argv))
    try:
        module, _, name = arguments.run.partition(".")
        code = int(getattr(import_module(f"wiring.commands.{module}"), name)(arguments))
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
    make = _command(commands, "make", "making.make", "make a book of a folder with inputs/ and outputs/")
    make.add_argument("source", metavar="SOURCE", help="the folder with the pictures")
    _add_make_flags(make)
    sample = _command(commands, "sample", "making.sample", "make the sample book (what is done without a command)")
    _add_make_flags(sample)
    _add_run_commands(commands)
    plan = _command(commands, "plan", "program.plan", "show the plan that the agents make")
    plan.add_argument("--dot", action="store_true", help="as a Graphviz graph")
    plan.add_argument("--why", metavar="RUN", help="which steps would run now, held against RUN, and why")
    _add_out(plan)
    _command(commands, "agents", "program.agents", "show the registered agents")
    serve = _command(
        commands, "serve", "program.serve", "show all runs on a page, with a swarm ready, until it is stopped"
    )
    serve.add_argument("--host", metavar="HOST", default="127.0.0.1", help="where to listen (127.0.0.1)")
    serve.add_argument("--port", metavar="PORT", default="8077", help="on which port; 0 is any free one (8077)")
    _add_out(serve)
    config = _command(commands, "config", "program.config", "show the effective settings and where each comes from")
    config.add_argument("source", metavar="SOURCE", nargs="?", help="the folder whose book.toml counts")
    config.add_argument("--json", action="store_true", help="as JSON on one line")
    check = _command(commands, "check", "program.check", "try settings, folders and services, and say what to do")
    check.add_argument(
        "source", metavar="SOURCE", nargs="?", help="the folder, or gs://bucket/prefix, to make a book of"
    )
    check.add_argument("--no-calls", action="store_true", help="make no call that may cost something")
    check.add_argument("--json", action="store_true", help="as JSON on one line")
    _add_out(check)
    new_agent = _command(commands, "new-agent", "program.new_agent", "write a new agent and its test")
    new_agent.add_argument("name", metavar="NAME", help="its role, like mascot")
    return parser


def _add_run_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    resume = _command(commands, "resume", "making.resume", "go on with an interrupted, failed or partial run")
    resume.add_argument("run_id", metavar="RUN", nargs="?", help="the run, or how its id begins (the newest)")
    resume.add_argument("--retry-failed", action="store_true", help="try again what failed for good or was set aside")
    _add_out(resume)
    _add_cap_flags(resume)
    _add_watching_flags(resume)
    runs = _command(commands, "runs", "runs.runs", "show the runs of a folder of books")
    show = _command(commands, "show", "runs.show", "show one run: its state, what is missing, what went wrong")
    show.add_argument("run_id", metavar="RUN", help="the run, or how its id begins")
    for command in (runs, show):
        _add_out(command)
        command.add_argument("--json", action="store_true", help="as JSON on one line")
    similar = _command(commands, "similar", "runs.similar", "show the pictures of all books that are like one")
    similar.add_argument("picture", metavar="PICTURE", help="the file of a picture, of a book or not")
    similar.add_argument("--limit", metavar="N", type=_positive, default=10, help="show at most so many (10)")
    similar.add_argument("--json", action="store_true", help="as JSON on one line")
    _add_out(similar)
    logs = _command(commands, "logs", "runs.logs", "show the log of a run, also of one that failed")
    logs.add_argument("run_id", metavar="RUN", help="the run, or how its id begins")
    logs.add_argument("--follow", action="store_true", help="go on until the run is no longer at work")
    logs.add_argument("--role", metavar="ROLE", help="only what is about this agent")
    logs.add_argument("--level", metavar="LEVEL", default="debug", help="from debug, info, warning or error up (debug)")
    logs.add_argument("--json", action="store_true", help="the lines as they are, one JSON object each")
    _add_out(logs)
    health = _command(
        commands, "health", "program.health", "ask a running swarm how it is; exits 0, 1 (warn) or 2 (fail)"
    )
    health.add_argument("--url", metavar="URL", default="http://127.0.0.1:8077", help="where its monitor listens")
    health.add_argument("--json", action="store_true", help="as JSON on one line")
    prune = _command(commands, "prune", "runs.prune", "forget old runs and what only they used")
    prune.add_argument("--keep-days", metavar="N", help="keep what ended within so many days (90)")
    _add_out(prune)


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: str,
    help_: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_, description=f"Doodlebound: {help_}.", allow_abbrev=False)
    command.add_argument("--debug", action="store_true", help="log every step, and show where an error comes from")
    command.set_defaults(run=run)  # of wiring.commands: only the module of the command that is given is loaded
    return command


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return number


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
    command.add_argument("--upload", metavar="PLACE", help="put the book into gs://bucket/prefix as well")
    command.add_argument("--fresh", action="store_true", help="make everything anew, whatever is in the store")
    _add_cap_flags(command)
    _add_watching_flags(command)


if __name__ == "__main__":
    sys.exit(main())
