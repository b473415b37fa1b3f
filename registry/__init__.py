"""Who is alive: discovery of the agents, their workers, supervision. Knows nothing about books.

discovery  the agent files of a package
registry   the registry of a swarm; recover_agent
workers    mailbox, incarnations and recovery of one agent
policy     when a dead agent is restarted (pure)
threads    the pool for blocking work
errors     one tree
"""

from registry.discovery import discover
from registry.errors import DiscoveryError, NoThreadLeft, RegistryError, UnknownAgent
from registry.policy import RestartPolicy
from registry.registry import AgentRegistry
from registry.threads import ThreadPool
from registry.workers import AgentHealth, AgentState, Recovery

__all__ = [
    "AgentHealth",
    "AgentRegistry",
    "AgentState",
    "DiscoveryError",
    "NoThreadLeft",
    "Recovery",
    "RegistryError",
    "RestartPolicy",
    "ThreadPool",
    "UnknownAgent",
    "discover",
]
