"""The figures that there are: each with its labels and what it says, so that no name is written twice."""

from collections.abc import Mapping
from typing import NamedTuple

PREFIX = "doodlebound_"
"""What stands before each name where metrics are scraped; reports leave it out."""


class Figure(NamedTuple):
    """A figure by its name, the names of its labels, and one sentence on what it counts or measures.

    Names end in `_total` for what only grows and `_seconds` for times. `is_spread` tells a histogram of durations from
    a number of the moment.
    """

    name: str
    labels: tuple[str, ...]
    says: str
    is_spread: bool = False


STEPS = Figure("steps_total", ("role", "outcome"), "Steps answered: done, reused, rework or failed.")
STEP_SECONDS = Figure("step_duration_seconds", ("role",), "How long steps took that were not reused.", is_spread=True)
RETRIES = Figure("retries_total", ("service", "reason"), "Requests made again, by the outcome of the one before.")
RESTARTS = Figure("agent_restarts_total", ("role",), "Workers that took the place of a lost one.")
FAILURES = Figure("agent_failures_total", ("role", "kind"), "Failures of agents: step, crash, hang or block.")
QUEUE = Figure("queue_depth", ("role",), "Steps that are ready and wait for their agent.")
PICTURES = Figure("pictures_total", ("outcome",), "Pictures of the source: used, unpaired or omitted.")
PAGES = Figure("pages_total", ("outcome",), "Pages of the story: done, or omitted.")
CALLS = Figure("calls_total", ("service", "outcome"), "Requests to services, retries and moderations too.")
CALL_SECONDS = Figure("call_duration_seconds", ("service",), "How long requests to services took.", is_spread=True)
TOKENS = Figure("tokens_total", ("model", "kind"), "Tokens that models took and gave.")
COST = Figure("cost_usd_total", ("model",), "What requests cost, in US dollars.")
LAG = Figure("event_loop_lag_seconds", (), "The most that the event loop was late within the last second.")

CATALOGUE: tuple[Figure, ...] = (
    *(STEPS, STEP_SECONDS, RETRIES, RESTARTS, FAILURES, QUEUE, PICTURES, PAGES),
    *(CALLS, CALL_SECONDS, TOKENS, COST, LAG),
)

SAYS: Mapping[str, str] = {figure.name: figure.says for figure in CATALOGUE}
