"""Discovery: each Python file of a package that does not begin with an underscore is one agent."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from registry.errors import DiscoveryError
from swarm import AgentSpec, DeclarationError


def discover(package: str) -> tuple[AgentSpec, ...]:
    """The agents of a package in the order of their names; its subpackages are passed over.

    Raises DiscoveryError, with the file and what is wrong with it, for a file that cannot be imported, declares none
    or several agents, or whose agent has another role than its file name.
    """
    root = importlib.import_module(package)
    return tuple(_agent_in(f"{package}.{name}") for name in sorted(_module_names(root)))


def _module_names(package: ModuleType) -> Iterator[str]:
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg and not module.name.startswith("_"):
            yield module.name


def _agent_in(module_name: str) -> AgentSpec:
    file = module_name.replace(".", "/") + ".py"
    try:
        module = importlib.import_module(module_name)
    except DeclarationError as error:
        raise DiscoveryError(f"{file}: {error}") from error
    except (Exception, SystemExit) as error:  # an agent file may raise anything when it is imported
        raise DiscoveryError(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    specs = [value for value in vars(module).values() if isinstance(value, AgentSpec)]
    if len(specs) != 1:
        raise DiscoveryError(f"{file} declares {len(specs)} agents: each file declares one, with @agent")
    role = module_name.rpartition(".")[2]
    if specs[0].role != role:
        raise DiscoveryError(f"{file} declares the role {specs[0].role}: the file is called as its role")
    return specs[0]
