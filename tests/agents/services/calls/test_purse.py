"""Calls at the same time never come to more than the caps, and what can still be had is had."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.services.purse import Amount, CapReached, Caps, Purse
from swarm.request import CAPPED
from tests.swarm.clockwork import SkippingLoop


async def _call(purse: Purse, most: Amount, actual: Amount, takes_s: float = 1.0) -> None:
    async with purse.held(most):
        await asyncio.sleep(takes_s)
        purse.spend(actual)


@pytest.mark.parametrize(
    ("caps", "setting"),
    [(Caps(calls=2), "MAX_CALLS"), (Caps(tokens=25), "MAX_TOKENS"), (Caps(cost=250), "MAX_COST_USD")],
)
async def test_call_that_would_pass_a_cap_is_not_made(caps: Caps, setting: str) -> None:
    purse, one = Purse(caps), Amount(1, 10, 100)
    await _call(purse, one, one)
    await _call(purse, one, one)

    with pytest.raises(CapReached, match=f"raise DOODLEBOUND_{setting} and resume") as caught:
        await _call(purse, one, one)

    assert caught.value.code == CAPPED
    assert purse.spent == Amount(2, 20, 200)


async def test_call_waits_for_those_in_hand_when_they_may_leave_enough() -> None:
    purse = Purse(Caps(cost=100))

    await asyncio.gather(*(_call(purse, Amount(1, 1, 60), Amount(1, 1, 10)) for _ in range(5)))

    assert purse.spent.cost == 50
    assert asyncio.get_running_loop().time() == 5


async def test_what_an_earlier_process_spent_counts() -> None:
    purse = Purse(Caps(calls=3), Amount(calls=3))

    with pytest.raises(CapReached, match="3 of 3 calls are made"):
        await _call(purse, Amount(1), Amount(1))


async def test_further_attempt_is_not_made_when_the_one_before_used_up_the_cap() -> None:
    purse = Purse(Caps(calls=1))
    async with purse.held(Amount(1)):
        purse.spend(Amount(1))

        with pytest.raises(CapReached):
            purse.check()


@settings(max_examples=100)
@given(
    st.integers(1, 500),
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 100), st.floats(0.1, 9)), min_size=1, max_size=30),
)
def test_calls_together_never_come_to_more_than_the_cap(cap: int, calls: list[tuple[int, int, float]]) -> None:
    async def all_calls() -> tuple[int, list[object]]:
        purse = Purse(Caps(cost=cap))
        ends = await asyncio.gather(
            *(
                _call(purse, Amount(1, 1, most), Amount(1, 1, min(most, actual)), takes_s)
                for most, actual, takes_s in calls
            ),
            return_exceptions=True,
        )
        return purse.spent.cost, list(ends)

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        spent, ends = runner.run(all_calls())

    assert spent <= cap
    assert all(end is None or isinstance(end, CapReached) for end in ends)
    if sum(most for most, *_ in calls) <= cap:
        assert ends == [None] * len(calls)
