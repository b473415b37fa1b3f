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
STEP_RETRIES = Figure("step_retries_total", ("role",), "Steps sent again: their worker was lost, or they fall back.")
RETRIES = Figure("retries_total", ("service", "reason"), "Requests made again, by the outcome of the one before.")
RESTARTS = Figure("agent_restarts_total", ("role",), "Workers that took the place of a lost one.")
FAILURES = Figure("agent_failures_total", ("role", "kind"), "Failures of agents: step, crash, hang or block.")
QUEUE = Figure("queue_depth", ("role",), "Steps that are ready and wait for their agent.")
QUEUE_SECONDS = Figure("queue_wait_seconds", ("role",), "How long steps that were sent had been ready.", is_spread=True)
UP = Figure("agent_up", ("role",), "Whether an agent takes steps (1) or is down (0).")
RUNS = Figure("runs_total", ("state",), "Runs that ended: complete, partial, failed or interrupted.")
PICTURES = Figure("pictures_total", ("outcome",), "Pictures of the source: used, unpaired or omitted.")
PAGES = Figure("pages_total", ("outcome",), "Pages of the story: done, or omitted.")
CALLS = Figure("calls_total", ("service", "outcome"), "Requests to services, retries and moderations too.")
CALL_SECONDS = Figure("call_duration_seconds", ("service",), "How long requests to services took.", is_spread=True)
TOKENS = Figure("tokens_total", ("model", "kind"), "Tokens that models took and gave.")
COST = Figure("cost_usd_total", ("model",), "What requests cost, in US dollars.")
ALERTS = Figure("alerts", ("kind",), "What is wrong now, by its kind.")
CIRCUIT = Figure("circuit_open", ("service",), "Whether requests are refused: 1, half-open 0.5, else 0.")
COMMIT_SECONDS = Figure("journal_commit_seconds", (), "How long transactions of the journal took.", is_spread=True)
LAG = Figure("event_loop_lag_seconds", (), "The most that the event loop was late within the last second.")

CATALOGUE: tuple[Figure, ...] = (
    *(STEPS, STEP_SECONDS, STEP_RETRIES, QUEUE, QUEUE_SECONDS, RESTARTS, FAILURES, UP, RUNS, ALERTS, PICTURES, PAGES),
    *(CALLS, CALL_SECONDS, RETRIES, TOKENS, COST, CIRCUIT, COMMIT_SECONDS, LAG),
)

SAYS: Mapping[str, str] = {figure.name: figure.says for figure in CATALOGUE}
