"""The description of the application holds: schemathesis asks whatever it allows, and what it does not."""

import os
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import negative_data_rejection

from monitor.page.views import Ordered, Recovered
from tests.monitor.page.test_routes import put_on
from tests.monitor.page.windows import Shelf, a_mark, a_sheet, a_window, an_agent

CALLS = 25 if not os.environ.get("CI") else 100


def an_app() -> FastAPI:
    async def order() -> Ordered:
        return Ordered("run-2")

    def recovered(role: str) -> Recovered | None:
        return Recovered(True, "it runs") if role == "read" else None

    shelf = Shelf({"run-1": a_sheet(a_mark(1))})
    app, _ = put_on(a_window(shelf, agents=[an_agent()], recovered=recovered, order=order))
    return app


schema = schemathesis.openapi.from_asgi("/openapi.json", an_app(), headers={"Host": "localhost"}).exclude(
    path_regex="^/live/"
)


@schema.parametrize()
@settings(max_examples=CALLS, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_answer_is_a_failure_or_another_than_described(case: Case[Any]) -> None:
    # In an address everything is text: one word is also a list of one, which that check does not know.
    case.call_and_validate(headers={"Host": "localhost"}, excluded_checks=[negative_data_rejection])
