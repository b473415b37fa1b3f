"""Who is alive: discovery of the agents, their workers, supervision. Knows nothing about books.

discovery  the agent files of a package
registry   the registry of a swarm; recover_agent
crew       the workers of one agent (worker is one, orders their mailbox, health how they are) and their recovery
policy     when a dead agent is restarted (pure)
watchdog   the thread that notices when the loop stands still
threads    the pool for blocking work
errors     one tree
"""

from registry.discovery import discover
from registry.errors import DiscoveryError, NoThreadLeft, RegistryError, UnknownAgent
from registry.health import AgentHealth, AgentState, Failure, Recovery
from registry.policy import RestartPolicy
from registry.registry import AgentRegistry
from registry.threads import ThreadPool
from registry.watchdog import Block

__all__ = [
    "AgentHealth",
    "AgentRegistry",
    "AgentState",
    "Block",
    "DiscoveryError",
    "Failure",
    "NoThreadLeft",
    "Recovery",
    "RegistryError",
    "RestartPolicy",
    "ThreadPool",
    "UnknownAgent",
    "discover",
]
