"""The declaration of an agent, and what is refused of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from swarm import AgentSpec, DeclarationError, Gathered, Kind, Rework, Step, agent
from swarm.agent import Handler


async def plain(step: Step) -> int:
    return 0


def positional() -> Handler:
    async def look(step: Step, size: int) -> int:
        return size

    return look


def synchronous() -> Any:
    def look(step: Step) -> int:
        return 0

    return look


def without_step() -> Handler:
    async def look(*, size: int) -> int:
        return size

    return look


def without_result() -> Handler:
    async def look(step: Step):  # type: ignore[no-untyped-def]  # the fault to be found
        return 0

    return look


def giving_nothing() -> Handler:
    async def look(step: Step) -> None: ...

    return look


@dataclass(frozen=True)
class Cat:
    name: str


@dataclass(frozen=True)
class Dog:
    name: str


def giving_what_cannot_travel() -> Handler:
    async def look(step: Step) -> Cat | Dog:
        return Cat("Tom")

    return look


def taking(**_kinds: Any) -> Handler:
    async def look(step: Step, *, size: int) -> int:
        return size

    return look


def taking_a_brief() -> Handler:
    async def look(step: Step, *, brief: int) -> int:
        return brief

    return look


FAULTS: dict[str, tuple[Callable[[], Handler], dict[str, Any], str]] = {
    "synchronous": (synchronous, {}, "the handler of agent look is not an async function"),
    "without step": (without_step, {}, "the handler of agent look does not take `step` first"),
    "by position": (positional, {}, "the handler of agent look takes more than `step` by position"),
    "without result": (without_result, {}, "the handler of agent look does not say what it gives"),
    "giving nothing": (giving_nothing, {}, "the handler of agent look does not say what it gives"),
    "undeclared": (taking, {}, "agent look takes size but does not declare it"),
    "untaken": (taking, {"settings": ("size",), "ports": ("eye",)}, "agent look declares eye but does not take it"),
    "twice": (taking, {"settings": ("size",), "ports": ("size",)}, "agent look names size twice"),
    "no worker": (taking, {"settings": ("size",), "workers": 0}, "agent look has no worker"),
    "no time": (
        taking,
        {"settings": ("size",), "deadline_s": 0.0},
        "agent look has no time: its deadline must be above 0 s",
    ),
    "own scope": (taking, {"settings": ("size",), "opens": "book"}, "agent look opens the scope that it works in"),
    "brief of the book": (
        taking_a_brief,
        {},
        "agent look takes a brief, which a step of the whole book does not have",
    ),
}


@pytest.mark.parametrize(("handler", "options", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_declaration_is_refused_when_it_is(handler: Callable[[], Handler], options: Any, sentence: str) -> None:
    with pytest.raises(DeclarationError, match=f"^{re.escape(sentence)}$"):
        agent(scope="book", **options)(handler())


def test_declaration_is_refused_when_the_result_cannot_travel() -> None:
    with pytest.raises(DeclarationError, match=r"^values of type .*Cat.*Dog cannot be journalled: "):
        agent(scope="book")(giving_what_cannot_travel())


@agent(
    scope="page",
    version=3,
    needs=("look", "pair"),
    settings=("age",),
    ports=("voice",),
    kind=Kind.PAID,
    before="design",
    may_rework=("look",),
    may_fall_back=True,
    workers=4,
    deadline_s=9.0,
)
async def write(
    step: Step, *, look: str, pair: int, age: int, voice: object, brief: str, extras: Mapping[str, Any]
) -> str | Rework[str]:
    """Write the text of a page.

    More is not of the summary.
    """
    return look


def test_declaration_says_all_that_the_handler_and_its_author_say() -> None:
    assert isinstance(write, AgentSpec)
    assert (write.role, write.version, write.scope, write.kind) == ("write", 3, "page", Kind.PAID)
    assert (write.needs, write.settings, write.ports) == (("look", "pair"), ("age",), ("voice",))
    assert (write.before, write.may_rework, write.may_fall_back) == ("design", ("look",), True)
    assert (write.workers, write.deadline_s, write.opens) == (4, 9.0, None)
    assert (write.summary, write.gives) == ("Write the text of a page.", str)
    assert (write.wants_brief, write.wants_extras) == (True, True)
    assert write.takes["pair"] is int


def test_declaration_is_the_simplest_when_nothing_is_said() -> None:
    spec = agent(scope="book")(plain)

    assert (spec.summary, spec.takes, spec.kind, spec.workers) == ("", {}, Kind.PURE, 1)
    assert (spec.wants_brief, spec.wants_extras) == (False, False)


def test_result_keeps_all_its_kinds_when_a_rework_stands_among_them() -> None:
    async def review(step: Step) -> int | Rework[int] | str:
        return 0

    assert agent(scope="page")(review).gives == int | str


def test_gathered_is_a_mapping_in_the_order_of_its_items_and_tells_its_losses() -> None:
    gathered = Gathered({"b": 1, "a": 2}, {"c": "torn"})

    assert (list(gathered), len(gathered), gathered["a"]) == (["b", "a"], 2, 2)
    assert gathered.losses == {"c": "torn"}
    assert "c" not in gathered


def test_agent_is_wanted_where_one_of_its_settings_has_its_value() -> None:
    @agent(scope="page", only_if=(("eye", "cloud"), ("is_screened", True)))
    async def look(step: Step) -> str:
        return ""

    @agent(scope="page")
    async def write(step: Step) -> str:
        return ""

    assert look.is_wanted({"eye": "cloud", "is_screened": False})
    assert look.is_wanted({"eye": "none", "is_screened": True})
    assert not look.is_wanted({"eye": "none", "is_screened": False})
    assert not look.is_wanted({})
    assert write.is_wanted({})
