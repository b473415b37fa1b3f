"""The key of a step changes with all that went into it, and with nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from swarm import AgentSpec, Kind, StepId
from swarm.codec import digest_of
from swarm.keys import KeyMaker
from swarm.scheduler import Gathering, Inputs, ItemRef, Send
from tests.swarm.plans import role

SPEC = role("write", "page", needs=["look"], settings=["age"], ports=["voice"])
SEND = Send(StepId("write", "p1"), 1, 0)
INPUTS = Inputs(needs=(("look", "d1"),), extras=(), brief="b1")


def key(
    spec: AgentSpec = SPEC,
    send: Send = SEND,
    inputs: Inputs = INPUTS,
    *,
    code: str = "c1",
    settings: Mapping[str, object] | None = None,
    ports: Mapping[str, str] | None = None,
    is_paid: bool = False,
) -> str:
    maker = KeyMaker(
        spec,
        code_digest=code,
        settings=settings or {"age": 5},
        ports={"voice": "offline"} if ports is None else ports,
        is_paid=is_paid,
    )
    return maker.key(send, inputs)[0]


PAID = role("write", "page", needs=["look"], settings=["age"], ports=["voice"], kind=Kind.PAID)

CHANGES: dict[str, dict[str, Any]] = {
    "role": {"spec": role("draw", "page", needs=["look"], settings=["age"], ports=["voice"])},
    "version": {"spec": role("write", "page", needs=["look"], settings=["age"], ports=["voice"], version=2)},
    "kind": {"spec": PAID},
    "code": {"code": "c2"},
    "setting": {"settings": {"age": 6}},
    "paid port": {"is_paid": True},
    "port": {"ports": {"voice": "cloud"}},
    "need": {"inputs": replace(INPUTS, needs=(("look", "d2"),))},
    "brief": {"inputs": replace(INPUTS, brief="b2")},
    "extra": {"inputs": replace(INPUTS, extras=(("note", "d1"),))},
    "round": {"send": replace(SEND, round=1)},
    "notes": {"send": replace(SEND, notes="shorter")},
    "rejected result": {"send": replace(SEND, rejected="d0")},
    "gathered item": {"inputs": replace(INPUTS, needs=(("look", Gathering((ItemRef("a", "d1"),), ())),))},
    "loss": {"inputs": replace(INPUTS, needs=(("look", Gathering((), (("a", "torn"),))),))},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_key_changes_with_the(change: dict[str, Any]) -> None:
    assert key(**change) != key()


def test_keys_of_all_changes_differ_from_each_other() -> None:
    changes = {name: change for name, change in CHANGES.items() if name != "paid port"}  # which makes it of that kind
    keys = {key(**change) for change in changes.values()}

    assert len(keys) == len(changes)


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"age": 5, "colour": "red"}},
        {"ports": {"voice": "offline", "eye": "cloud"}},
        {"send": replace(SEND, ticket=7, step=StepId("write", "p9"))},
    ],
    ids=["setting of others", "port of others", "ticket or item"],
)
def test_key_stays_when_what_changes_is_not_declared(change: dict[str, Any]) -> None:
    assert key(**change) == key()


def test_key_of_a_paid_step_stays_when_the_code_changes() -> None:
    assert key(PAID, code="c2") == key(PAID, code="c1")
    assert key(PAID, settings={"age": 6}) != key(PAID)


def test_key_stays_when_settings_and_ports_are_declared_in_another_order() -> None:
    both = {"settings": {"age": 5, "mood": "calm"}, "ports": {"voice": "v", "eye": "e"}}
    one = role("write", "page", needs=["look"], settings=["age", "mood"], ports=["voice", "eye"])
    other = role("write", "page", needs=["look"], settings=["mood", "age"], ports=["voice", "eye"])

    assert key(one, **both) == key(other, **both)  # type: ignore[arg-type]  # two kinds of mapping in one


def test_key_is_that_of_a_fallback_only_when_its_ports_are_others() -> None:
    assert key(send=replace(SEND, is_fallback=True)) == key()
    assert key(send=replace(SEND, is_fallback=True), ports={"voice": "spare"}) != key()


texts = st.text("01:=a", max_size=3)
digests = st.text("ab", max_size=1).map(lambda text: digest_of(text.encode()))
items = st.builds(ItemRef, texts, digests)
gatherings = st.builds(
    Gathering,
    st.lists(items, max_size=2).map(tuple),
    st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
)
sources = st.tuples(st.text("01ab", min_size=1, max_size=1), digests | gatherings)
parts = st.builds(
    Inputs,
    st.lists(sources, max_size=3).map(tuple),
    st.lists(sources, max_size=2).map(tuple),
    st.just("") | digests,
)
sends = st.builds(
    Send, st.just(SEND.step), st.just(1), st.integers(0, 11), st.just(False), texts, st.just("") | digests
)


@settings(max_examples=100)
@given(sends, sends, parts, parts)
def test_keys_differ_when_sends_or_inputs_do(send: Send, other: Send, inputs: Inputs, others: Inputs) -> None:
    assert (key(send=send, inputs=inputs) == key(send=other, inputs=others)) == ((send, inputs) == (other, others))


def test_keys_differ_when_a_loss_of_one_role_could_be_read_as_one_of_the_next() -> None:
    loss = (("look", "0"),)
    first = Inputs((("look", Gathering((), loss)), ("look", Gathering((), ()))), (), "")
    second = Inputs((("look", Gathering((), ())), ("look", Gathering((), loss))), (), "")

    assert key(inputs=first) != key(inputs=second)


@given(st.dictionaries(texts, texts, max_size=3), st.dictionaries(texts, texts, max_size=3))
def test_keys_differ_when_settings_do(mine: dict[str, str], others: dict[str, str]) -> None:
    assert (key(settings={"age": mine}) == key(settings={"age": others})) == (mine == others)
