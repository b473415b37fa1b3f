"""The values at hand: what a step takes is there, whatever else is asked for meanwhile."""

from dataclasses import dataclass

from swarm import Gathered, Plan, StepId
from swarm.arguments import ValueCache, assemble, wanted
from swarm.codec import Sealed, seal
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


def filled(*sealed: Sealed, size: int = 8) -> ValueCache:
    cache = ValueCache(size)
    for value in sealed:
        cache.hold((value.digest, type(value.value)), value.value)
    return cache


def test_brief_is_decoded_once_when_it_is_used_again() -> None:
    cache = ValueCache()
    cache.hold_brief(TOM.digest, TOM.data)

    first, again = cache[TOM.digest, Cat], cache[TOM.digest, Cat]

    assert first == Cat("Tom")
    assert again is first


def test_value_is_of_the_type_asked_for_when_two_types_have_the_same_bytes() -> None:
    cache = ValueCache()
    cache.hold_brief(TOM.digest, TOM.data)

    assert TOM.data == seal(Dog("Tom"), Dog).data
    assert (cache[TOM.digest, Cat], cache[TOM.digest, Dog]) == (Cat("Tom"), Dog("Tom"))


def test_value_stays_with_who_holds_it_when_the_cache_forgets_it() -> None:
    cache = filled(TOM, size=1)
    mine = cache.held([(TOM.digest, Cat), (REX.digest, Dog)])

    for number in range(3):
        cache.hold((str(number), Dog), Dog("another"))

    assert mine == ({(TOM.digest, Cat): Cat("Tom")}, [(REX.digest, Dog)])
    assert cache.held([(TOM.digest, Cat)]) == ({}, [(TOM.digest, Cat)])


def test_value_used_last_is_kept_when_others_must_go() -> None:
    cache = filled(TOM, REX, size=2)

    for number in range(6):
        cache.hold((str(number), Dog), Dog("another"))
        assert cache[TOM.digest, Cat] == Cat("Tom")

    assert cache.held([(REX.digest, Dog)]) == ({}, [(REX.digest, Dog)])


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
    values = filled(TOM, REX)
    gathering = Gathering((ItemRef("a", TOM.digest),), (("b", "torn"),))
    own = Inputs((("meet", TOM.digest),), (("note", REX.digest),), REX.digest)

    told = assemble(plan, Send(StepId("tell", "a"), 1, 0), own, values)
    bound = assemble(plan, Send(StepId("bind"), 1, 0), Inputs((("meet", gathering),), (), ""), values)

    assert told == {"meet": Cat("Tom"), "brief": Dog("Rex"), "extras": {"note": Dog("Rex")}}
    assert isinstance(bound["meet"], Gathered)
    assert (dict(bound["meet"]), bound["meet"].losses) == ({"a": Cat("Tom")}, {"b": "torn"})


def test_wanted_values_are_all_that_go_into_a_step() -> None:
    plan = Plan.of(
        [
            role("meet", LISTED, gives=Cat),
            role("pair", gives=Cat),
            role("note", LISTED, gives=Dog, before="tell"),
            role("tell", LISTED, needs=["meet"], gives=Dog, takes={"brief": Dog}),
            role("bind", needs=["meet", "pair"]),
        ],
        goal="bind",
        listed=[LISTED],
    )
    gathering = Gathering((ItemRef("a", "d1"), ItemRef("b", "d2")), (("c", "torn"),))
    tell = Send(StepId("tell", "a"), 2, 1, rejected="d0")

    told = wanted(plan, tell, Inputs((("meet", "d1"),), (("note", "d4"),), "d5"))
    bound = wanted(plan, Send(StepId("bind"), 1, 0), Inputs((("meet", gathering), ("pair", "d3")), (), ""))

    assert told == [("d5", Dog), ("d1", Cat), ("d4", Dog), ("d0", Dog)]
    assert bound == [("d1", Cat), ("d2", Cat), ("d3", Cat)]
