"""The values at hand: what a step takes is there, whatever else is asked for meanwhile."""

from dataclasses import dataclass

from swarm import Gathered, Plan, StepId
from swarm.arguments import Held, ValueCache, assemble, wanted
from swarm.codec import seal
from swarm.scheduler import Gathering, Inputs, ItemRef, Send
from tests.swarm.plans import LISTED, role


@dataclass(frozen=True)
class Cat:
    name: str


@dataclass(frozen=True)
class Dog:
    name: str


TOM = seal(Cat("Tom"), Cat)
REX = seal(Dog("Rex"), Dog)


def test_value_is_decoded_once_when_it_is_used_again() -> None:
    cache = ValueCache()
    first = cache.hold([(TOM.digest, TOM.data)])[TOM.digest].value(Cat)

    again = cache.held([TOM.digest])[0][TOM.digest].value(Cat)

    assert first == Cat("Tom")
    assert again is first


def test_value_is_of_the_type_asked_for_when_two_types_have_the_same_bytes() -> None:
    both = Held(seal(Dog("Tom"), Dog).data)

    assert TOM.data == seal(Dog("Tom"), Dog).data
    assert (both.value(Cat), both.value(Dog)) == (Cat("Tom"), Dog("Tom"))


def test_value_stays_with_who_holds_it_when_the_cache_forgets_it() -> None:
    cache = ValueCache(size=1)
    cache.hold([(TOM.digest, TOM.data)])
    mine = cache.held([TOM.digest, REX.digest])[0]

    cache.hold([(REX.digest, REX.data)])

    assert mine[TOM.digest].value(Cat) == Cat("Tom")
    assert list(cache.held([TOM.digest, REX.digest])[0]) == [REX.digest]


def test_value_used_last_is_kept_when_another_must_go() -> None:
    cache = ValueCache(size=2)
    cache.hold([(TOM.digest, TOM.data), (REX.digest, REX.data)])
    cache.held([TOM.digest])[0]

    cache.hold([("new", b"")])

    assert list(cache.held([TOM.digest, REX.digest])[0]) == [TOM.digest]


def test_arguments_are_needs_brief_and_extras_when_the_handler_takes_them() -> None:
    plan = Plan.of(
        [
            role("meet", LISTED, gives=Cat),
            role("note", LISTED, gives=Dog, before="tell"),
            role("tell", LISTED, needs=["meet"], takes={"brief": Dog}),
            role("bind", needs=["meet"]),
        ],
        goal="bind",
        listed=[LISTED],
    )
    values = ValueCache().hold([(TOM.digest, TOM.data), (REX.digest, REX.data)])
    gathering = Gathering((ItemRef("a", TOM.digest),), (("b", "torn"),))
    own = Inputs((("meet", TOM.digest),), (("note", REX.digest),), REX.digest)

    told = assemble(plan, Send(StepId("tell", "a"), 1, 0), own, values)
    bound = assemble(plan, Send(StepId("bind"), 1, 0), Inputs((("meet", gathering),), (), ""), values)

    assert told == {"meet": Cat("Tom"), "brief": Dog("Rex"), "extras": {"note": Dog("Rex")}}
    assert isinstance(bound["meet"], Gathered)
    assert (dict(bound["meet"]), bound["meet"].losses) == ({"a": Cat("Tom")}, {"b": "torn"})


def test_wanted_values_are_all_that_go_into_a_step() -> None:
    gathering = Gathering((ItemRef("a", "d1"), ItemRef("b", "d2")), (("c", "torn"),))
    inputs = Inputs((("meet", gathering), ("pair", "d3")), (("note", "d4"),), "")

    assert wanted(inputs, Send(StepId("bind"), 2, 1, rejected="d0")) == ["d0", "d1", "d2", "d3", "d4"]
