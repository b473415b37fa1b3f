"""The agents that there are, the plan that they make, and what people call its stages."""

from agents.book.settings import Settings
from registry import discover
from swarm import AgentSpec, Plan

GOAL = "bind"
LISTED_SCOPES = ("image",)
_ITEMS = {"image": "picture", "page": "page"}
LABELS = {
    "ingest": "reading pictures",
    "look": "looking with services",
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


def wanted(settings: Settings) -> tuple[AgentSpec, ...]:
    """Those of them that have anything to do with these settings."""
    values = settings.model_dump() | {"is_moderated": settings.is_moderated}
    return tuple(spec for spec in specs() if spec.is_wanted(values))


def plan(settings: Settings | None = None) -> Plan:
    """The plan that these make, or that all make."""
    return Plan.of(wanted(settings) if settings else specs(), goal=GOAL, listed=LISTED_SCOPES)


def item_names() -> dict[str, str]:
    """What the items of each agent are called in log lines."""
    return {spec.role: _ITEMS[spec.scope] for spec in specs() if spec.scope in _ITEMS}
