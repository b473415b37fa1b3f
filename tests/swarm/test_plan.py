"""The plan: each fault has its sentence, and what is left can be printed and drawn."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings

from swarm import AgentSpec, Gathered, Plan, PlanError
from swarm.plan import Edge, Mode, Part
from tests.swarm.plans import LISTED, OPENED, own_ancestors, plans, redone, required, role, sources

GOAL = role("bind")


def takes(name: str, scope: str, **kinds: Any) -> AgentSpec:
    return role(name, scope, needs=list(kinds), takes=kinds)


FAULTS: dict[str, tuple[Sequence[AgentSpec], str]] = {
    "doubled role": (
        [GOAL, role("bind", LISTED)],
        "two agents have the role bind: one must go or be renamed",
    ),
    "no goal": (
        [role("look", LISTED)],
        "no agent has the role bind, which the whole run is for",
    ),
    "goal for one item": (
        [role("bind", LISTED)],
        "agent bind works on the scope image, but the whole run is for it: it must work on the book",
    ),
    "opener of a narrow scope": (
        [GOAL, role("look", LISTED, opens=OPENED)],
        "agent look opens page, but only a step of the whole book can open a scope",
    ),
    "scope opened twice": (
        [GOAL, role("first", opens=OPENED), role("second", opens=OPENED)],
        "agent second opens the scope page, which first opens already",
    ),
    "listed scope opened": (
        [GOAL, role("sequence", opens=LISTED)],
        "agent sequence opens the scope image, which the source opens already",
    ),
    "scope that nobody opens": (
        [GOAL, role("write", OPENED)],
        "agent write works on the scope page, which nobody opens",
    ),
    "unknown need": (
        [GOAL, role("look", LISTED, needs=["ghost"])],
        "agent look needs ghost, but no agent has the role ghost",
    ),
    "unknown role behind": (
        [GOAL, role("look", LISTED, before="ghost")],
        "agent look runs before ghost, but no agent has the role ghost",
    ),
    "role behind takes no extras": (
        [AgentSpec("bind", 1, "book", GOAL.handler, int, ""), role("look", LISTED, before="bind")],
        "agent look runs before bind, which takes no extras",
    ),
    "edge across scopes": (
        [GOAL, role("sequence", opens=OPENED), role("look", LISTED), role("write", OPENED, needs=["look"])],
        "agent write needs look, across the scopes image and page: a role of the whole book must join them",
    ),
    "wrong type": (
        [GOAL, role("look", LISTED, gives=str), takes("write", LISTED, look=int)],
        "agent write expects int of look, which gives str",
    ),
    "gathered as one": (
        [role("look", LISTED, gives=str), takes("bind", "book", look=str)],
        "agent bind expects str of look, which gives Gathered[str]",
    ),
    "gathered of the wrong type": (
        [role("look", LISTED, gives=str), takes("bind", "book", look=Gathered[int])],
        "agent bind expects int of look, which gives str",
    ),
    "need without a type": (
        [role("look", LISTED, gives=str), takes("bind", "book", look=None)],
        "agent bind expects None of look, which gives Gathered[str]",
    ),
    "rework of nobody": (
        [GOAL, role("review", LISTED, may_rework=["ghost"])],
        "agent review may ask ghost for rework, but no agent has the role ghost",
    ),
    "rework by the book": (
        [role("look", LISTED), role("bind", needs=["look"], may_rework=["look"])],
        "agent bind may ask look for rework, but a rework stays within one item of one scope",
    ),
    "rework of another scope": (
        [GOAL, role("sequence"), role("review", LISTED, needs=["sequence"], may_rework=["sequence"])],
        "agent review may ask sequence for rework, but a rework stays within one item of one scope",
    ),
    "rework of no ancestor": (
        [GOAL, role("look", LISTED), role("review", LISTED, may_rework=["look"])],
        "agent review may ask look for rework, which is not its ancestor",
    ),
    "rework of itself": (
        [GOAL, role("review", LISTED, may_rework=["review"])],
        "agent review may ask review for rework, which is not its ancestor",
    ),
    "circle": (
        [role("a", needs=["c"]), role("b", needs=["a"]), role("c", needs=["b"]), role("bind", needs=["c"])],
        "these agents wait for each other in a circle: a -> b -> c -> a",
    ),
    "circle of one": (
        [role("bind", needs=["bind"])],
        "these agents wait for each other in a circle: bind -> bind",
    ),
    "circle through an opener": (
        [role("write", OPENED), role("sequence", needs=["write"], opens=OPENED), role("bind", needs=["sequence"])],
        "these agents wait for each other in a circle: sequence -> write -> sequence",
    ),
    "circle through a reviewer": (
        [
            role("look", LISTED),
            role("bind", needs=["look"]),
            role("review", LISTED, needs=["look", "bind"], may_rework=["look"]),
        ],
        "these agents wait for each other in a circle: bind -> review -> bind",
    ),
}


@pytest.mark.parametrize(("specs", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_plan_is_refused_with_a_sentence_when_there_is_a(specs: Sequence[AgentSpec], sentence: str) -> None:
    with pytest.raises(PlanError, match=f"^{re.escape(sentence)}$"):
        Plan.of(specs, goal="bind", listed=[LISTED])


def test_types_of_edges_agree_when_own_gathered_spread_or_any() -> None:
    plan = Plan.of(
        [
            role("look", LISTED, gives=str),
            takes("write", LISTED, look=str),
            takes("pair", "book", look=Gathered[str], write=Any),
            takes("weigh", LISTED, pair=int),
            takes("bind", "book", weigh=Gathered[int]),
        ],
        goal="bind",
        listed=[LISTED],
    )

    assert plan.incoming["pair"][0] == Edge("look", "pair", Mode.GATHER, Part.NEED)
    assert plan.incoming["write"][0].mode is Mode.OWN
    assert plan.incoming["weigh"][0].mode is Mode.SPREAD


def book_plan() -> Plan:
    return Plan.of(
        [
            role("bind", needs=["write"]),
            role("review", OPENED, needs=["write"], may_rework=["write"]),
            role("write", OPENED, needs=["sequence"], gives=dict[str, int]),
            role("sequence", needs=["look"], opens=OPENED),
            role("look", LISTED),
            role("note", OPENED, before="write"),
        ],
        goal="bind",
        listed=[LISTED],
    )


def test_plan_is_a_line_a_role_in_order_when_printed() -> None:
    lines = book_plan().to_text().splitlines()

    assert [line.split("  ")[0] for line in lines] == ["role", "look", "sequence", "note", "write", "review", "bind"]
    assert re.split(r"  +", lines[2]) == ["sequence", "book", "look", "int", "opens page"]
    assert re.split(r"  +", lines[3]) == ["note", "page", "-", "int", "before write; optional"]
    assert re.split(r"  +", lines[4]) == ["write", "page", "sequence", "dict[str, int]"]
    assert re.split(r"  +", lines[5]) == ["review", "page", "write", "int", "may rework write; optional"]
    assert not any(line.endswith(" ") for line in lines)


def test_plan_shows_needs_extras_openings_and_reworks_when_drawn() -> None:
    dot = book_plan().to_dot()

    assert '"look" -> "sequence";' in dot
    assert '"note" -> "write" [style=dashed, label="extra"];' in dot
    assert '"sequence" -> "note" [style=dotted, label="opens page"];' in dot
    assert '"review" -> "write" [style=dotted, constraint=false, label="rework"];' in dot
    assert '"review" -> "bind"' not in dot


@settings(max_examples=50, deadline=None)
@given(plans())
def test_plan_has_every_role_and_is_balanced_when_drawn(plan: Plan) -> None:
    dot = plan.to_dot()

    assert all(f'  "{name}" [label="{name}\\n' in dot for name in plan.order)
    assert (dot.count("{"), dot.count("[")) == (dot.count("}"), dot.count("]")) == (1, dot.count("["))
    assert dot.count('"') % 2 == 0
    assert len(plan.to_text().splitlines()) == 1 + len(plan.order)


@settings(max_examples=50, deadline=None)
@given(plans())
def test_plan_says_what_the_declarations_say(plan: Plan) -> None:
    specs = list(plan.specs.values())

    assert plan.required == required(specs, plan.goal)
    for name in plan.order:
        taken = {edge.source for edge in plan.incoming[name] if edge.part is not Part.WAIT}
        assert taken == sources(specs, name)
        assert all(plan.order.index(edge.source) < plan.order.index(name) for edge in plan.incoming[name])
    for (reviewer, target), roles in plan.affected.items():
        assert target in own_ancestors(specs, reviewer)
        assert set(roles) == redone(specs, target)
