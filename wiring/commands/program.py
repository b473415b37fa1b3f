"""The commands that look at the program itself: its agents, plan, settings and health."""

import asyncio
from argparse import Namespace

from agents.services.errors import SettingsError
from monitor.text import table
from registry import AgentRegistry, ThreadPool
from wiring import HERE
from wiring.commands.store import shelf_of
from wiring.endings import OK
from wiring.job import configuration


def plan(arguments: Namespace) -> int:
    """Show the plan that the agents make, or what making a book again would do."""
    from wiring.plan import plan

    if arguments.why:
        from wiring.history import forecast_as_text
        from wiring.work import forecast_of

        with shelf_of(arguments) as shelf:
            row = shelf.runs.one(shelf.writer, arguments.why)
            print(forecast_as_text(forecast_of(shelf, row), row.id))
        return OK
    shown = plan(configuration(arguments, None).settings)
    print(shown.to_dot() if arguments.dot else shown.to_text())
    return OK


def agents(_arguments: Namespace) -> int:
    """Show the registered agents."""
    from wiring.plan import plan

    whole = plan()
    specs = [whole.specs[role] for role in whole.order]

    async def states() -> dict[str, str]:
        async with AgentRegistry(specs, threads=ThreadPool(1)) as registry:
            return {health.role: health.state.value for health in registry.health()}

    state = asyncio.run(states())
    rows = [("role", "scope", "needs", "kind", "workers", "state", "does")]
    for spec in specs:
        needs = ", ".join(spec.needs) or "-"
        rows.append((spec.role, spec.scope, needs, spec.kind.value, str(spec.workers), state[spec.role], spec.summary))
    print(table(rows))
    return OK


def serve(arguments: Namespace) -> int:
    """Keep a swarm ready, and a page that shows all runs."""
    from wiring.commands.making import sample_folder
    from wiring.serving import serve_until_stopped

    if not (arguments.port.isascii() and arguments.port.isdigit() and int(arguments.port) < 65536):
        raise SettingsError(f"--port is {arguments.port!r}: it must be a number from 0 to 65535")
    vars(arguments).update(fresh=False, quiet=True, keep_work=False)
    settings = configuration(arguments, None).settings
    return serve_until_stopped(arguments, settings, sample_folder(), arguments.host, int(arguments.port))


def health(arguments: Namespace) -> int:
    """Ask a running swarm how it is."""
    from wiring.asking import STATUSES, asked_health, health_as_json, health_as_text

    found = asked_health(arguments.url)
    print(health_as_json(found) if arguments.json else health_as_text(found))
    return STATUSES.index(found["status"])


def config(arguments: Namespace) -> int:
    """Show the effective settings and where each comes from."""
    from wiring.config import config_as_json, config_as_text
    from wiring.sources import source_named

    found = configuration(arguments, source_named(arguments.source) if arguments.source else None)
    print(config_as_json(found) if arguments.json else config_as_text(found))
    return OK


def check(arguments: Namespace) -> int:
    """Try settings, folders and services."""
    from wiring.checking import as_json, as_text, exit_code, findings

    found = findings(arguments)
    print(as_json(found) if arguments.json else as_text(found))
    return exit_code(found)


def new_agent(arguments: Namespace) -> int:
    """Write a new agent and its test."""
    from agents.services.scaffold import write_agent

    agent, test = write_agent(HERE, arguments.name)
    print(f"wrote {agent.relative_to(HERE)} and {test.relative_to(HERE)}: see it with `python main.py plan`")
    return OK
