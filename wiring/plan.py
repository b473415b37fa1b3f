"""The agents that there are, the plan that they make, and what people call its stages."""

from registry import discover
from swarm import AgentSpec, Plan

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


def specs() -> tuple[AgentSpec, ...]:
    """The agents that there are."""
    return discover("agents")


def plan() -> Plan:
    """The plan that they make."""
    return Plan.of(specs(), goal=GOAL, listed=LISTED_SCOPES)
