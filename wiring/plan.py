"""The agents that there are, the plan that they make, and what people call its stages."""

from registry import discover
from swarm import AgentSpec, Plan

GOAL = "bind"
LISTED_SCOPES = ("image",)
_ITEMS = {"image": "picture", "page": "page"}
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


def item_names() -> dict[str, str]:
    """What the items of each agent are called in log lines."""
    return {spec.role: _ITEMS[spec.scope] for spec in specs() if spec.scope in _ITEMS}
