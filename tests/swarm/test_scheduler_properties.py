"""The scheduler under thousands of random histories: see `histories` for what is checked at each happening."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swarm import Plan
from tests.swarm.histories import History
from tests.swarm.plans import plans


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(), st.randoms(use_true_random=False))
def test_scheduler_keeps_all_its_promises_in_any_history(plan: Plan, rng: Random) -> None:
    history = History(plan, rng)

    history.play()
