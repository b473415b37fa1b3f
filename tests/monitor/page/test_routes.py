"""The addresses of the page, with a library that the test fills."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from monitor import Check, Health, Status, WorkflowMonitor
from monitor.endpoint import build_app, serve
from monitor.feed import Feed
from monitor.page.hub import Viewer
from monitor.page.pages import Page, add_page, login_page
from monitor.page.views import Doubt, LeftOut, LogLine, Ordered, Picture, Recovered, Shape, Sheet, Spread, Window
from swarm.agent import StepId
from swarm.events import AgentWentDown, RunStarted, StepEnded, StepSent, StepsOpened
from tests.monitor.page.windows import DIGEST, JPEG, Shelf, a_card, a_mark, a_sheet, a_window, an_agent

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"


def put_on(window: Window, monitor: WorkflowMonitor | None = None, **more: Any) -> tuple[FastAPI, Page]:
    """An application with the page on it."""
    watched = monitor or WorkflowMonitor(feed=Feed())

    def health() -> Health:
        checks = {"disk": (Check(Status.WARN, "system", 12, "MiB", "Make room."),), "journal": (Check(),)}
        return Health(checks, "1.2", uptime_s=61)

    app = build_app(health=health, is_ready=lambda: True, version="1.2", metrics=watched.metrics)
    return app, add_page(app, window, watched, health=health, pace_s=0.01, **more)


async def asked(app: FastAPI, path: str, method: str = "GET", **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return await client.request(method, path, **more)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({"run-1": a_sheet(a_mark(1), a_mark(2, outcome="failed", reason="torn"))})


async def test_runs_are_shown_with_cover_state_progress_age_and_cost() -> None:
    card = a_card("run-7", "partial", ended=1_090.0, cost_usd=1.5, note="3 left out", cover="/books/b/cover.jpg")
    app, _ = put_on(a_window(Shelf({"run-7": a_sheet(card=card)})))
    page = (await asked(app, "/")).text

    for words in (
        'href="/runs/run-7"',
        "A book",
        "partial",
        "3 of 8",
        "days ago",
        "took 1 min 30 s",
        "$1.50",
        "3 left out",
    ):
        assert words in page, words
    assert 'src="/books/b/cover.jpg"' in page


async def test_there_may_be_nothing_yet() -> None:
    app, _ = put_on(a_window(Shelf()))

    page = (await asked(app, "/")).text

    assert "There is no book here yet" in page
    assert "Make the sample book" not in page


@pytest.mark.parametrize("path", ["/", "/runs/run-1", "/agents", "/checks", "/figures", "/docs"])
async def test_pages_are_whole_without_script_and_ask_nobody_else(shelf: Shelf, path: str) -> None:
    app, _ = put_on(a_window(shelf, agents=[an_agent()]))
    answer = await asked(app, path)

    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert re.findall(r"(?:href|src)=\"(?!/|#)[^\"]*\"", answer.text) == []
    assert answer.headers["cache-control"] == "no-store"


async def test_a_run_is_shown_with_its_stages_pages_doubts_and_losses() -> None:
    shape = Shape("image", 1, 2, 30, 40, address="/runs/run-1/pictures/x", alt="a fox")
    text = Shape("text", 1, 2, lines=("Pip ran.", "And ran."), size_mm=5, leading_mm=8)
    other = (Shape("box", 0, 0, 5, 5, colour="#ff0000"), Shape("line", points="0,0 1,1", colour="#00ff00"))
    spread = Spread(3, "inputs/fox.png", "Pip the fox", 216, 216, (Sheet("#fff0e0", "#222222", (shape, text, *other)),))
    doubt = Doubt(
        Picture("/p/1", "The drawing: a", "a"), (Picture("/p/2", "b", "b"), Picture("", "c", "c")), 0.4, "name 0.2"
    )
    sheet = a_sheet(
        a_mark(1),
        spreads=(spread,),
        doubts=(doubt,),
        left_out=(LeftOut("bad.jpg", "torn"),),
        troubles=("read a crashed",),
    )
    lines = [LogLine("2026-01-01T10:00:00.123+00:00", "WARNING", "step_failed", "read", "item a")]
    app, _ = put_on(a_window(Shelf({"run-1": sheet}, lines)))
    page = (await asked(app, "/runs/run-1")).text

    for words in ("Pip ran.", "Pip the fox", "40 % sure", "bad.jpg", "read a crashed", "step_failed", "10:00:00.123"):
        assert words in page, words
    assert 'id="stage-read" data-state="in hand"' in page
    assert 'id="stage-write" data-state="waiting"' in page


async def test_events_are_filtered_by_who_asks(shelf: Shelf) -> None:
    app, _ = put_on(a_window(shelf))
    page = (await asked(app, "/runs/run-1?role=read&outcome=failed&level=ERROR")).text

    assert 'data-role="read" data-outcome="failed">' in page
    assert '<option value="read" selected>' in page
    assert '<option value="ERROR" selected>' in page


async def test_hostile_words_stay_words_everywhere() -> None:
    picture = Picture("/p", HOSTILE, HOSTILE)
    text = Shape("text", lines=(HOSTILE,))
    sheet = a_sheet(
        a_mark(1, item=HOSTILE, reason=HOSTILE, outcome="failed"),
        card=a_card(title=HOSTILE, reason=HOSTILE, note=HOSTILE),
        spreads=(Spread(1, HOSTILE, HOSTILE, 9, 9, (Sheet("#ffffff", "#000000", (text,)),)),),
        left_out=(LeftOut(HOSTILE, HOSTILE),),
        doubts=(Doubt(picture, (picture,), 0.1, HOSTILE),),
        troubles=(HOSTILE,),
    )
    monitor = WorkflowMonitor(feed=Feed())
    monitor.observe(AgentWentDown("read", HOSTILE))
    lines = [LogLine("x", "INFO", HOSTILE, HOSTILE, HOSTILE)]
    app, _ = put_on(a_window(Shelf({"run-1": sheet}, lines), agents=[an_agent(last_error=HOSTILE)]), monitor)

    for path in ("/", "/runs/run-1", "/agents"):
        page = (await asked(app, path)).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in re.sub(r"\d{3,}", "", page).replace("{{7*7}}", "") or "{{7*7}}" in page


async def test_what_is_not_there_is_said_so(shelf: Shelf) -> None:
    app, _ = put_on(a_window(shelf))

    assert (await asked(app, "/runs/none")).status_code == 404
    assert (await asked(app, "/live/run/none")).status_code == 404
    assert (await asked(app, "/live/unknown")).status_code == 422
    assert (await asked(app, "/runs/..%2f..%2fetc")).status_code == 404
    assert (await asked(app, "/static/page.py")).status_code == 404
    assert (await asked(app, f"/runs/run-1/pictures/{'cd' * 32}")).status_code == 404


async def test_a_journal_that_cannot_be_read_is_a_sentence(shelf: Shelf) -> None:
    shelf.fault = "the journal is locked"
    app, _ = put_on(a_window(shelf))
    answers = [await asked(app, path) for path in ("/", "/runs/run-1", f"/runs/run-1/pictures/{DIGEST}", "/books/a/b")]
    stream = await asked(app, "/live/run/run-1")

    assert [answer.status_code for answer in answers] == [503] * 4
    assert all("the journal is locked" in answer.text for answer in answers)
    assert stream.status_code == 404


async def test_pictures_of_a_run_are_jpegs_that_may_be_kept(shelf: Shelf) -> None:
    app, _ = put_on(a_window(shelf))
    answer = await asked(app, f"/runs/run-1/pictures/{DIGEST}")

    assert (answer.content, answer.headers["content-type"]) == (JPEG, "image/jpeg")
    assert answer.headers["cache-control"].startswith("private")


async def test_documents_come_whole_with_a_policy_of_their_own(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "book.html").write_bytes(b"<p>" + b"x" * 700_000)
    shelf.folder = tmp_path
    app, _ = put_on(replace(a_window(shelf), document_policy="default-src 'none'; img-src 'self'"))
    answer = await asked(app, "/books/a-book/book.html")

    assert (answer.status_code, len(answer.content)) == (200, 700_003)
    assert answer.headers["content-security-policy"] == "default-src 'none'; img-src 'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await asked(app, "/books/a-book/other.html")).status_code == 404


async def test_faces_are_those_of_the_folder(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "Face.ttf").write_bytes(b"face")
    (tmp_path / "other.txt").write_bytes(b"no")
    app, _ = put_on(a_window(shelf, fonts=tmp_path))

    assert (await asked(app, "/static/Face.ttf")).content == b"face"
    assert (await asked(app, "/static/other.txt")).status_code == 404


async def test_an_agent_is_recovered_for_programs_and_for_forms(shelf: Shelf) -> None:
    def recovered(role: str) -> Recovered | None:
        return Recovered(False, "it fails at once") if role == "read" else None

    app, _ = put_on(a_window(shelf, recovered=recovered))
    program = await asked(app, "/agents/read/recover", "POST")
    form = await asked(app, "/agents/read/recover", "POST", headers={"Accept": "text/html"})
    unknown = await asked(app, "/agents/nobody/recover", "POST")

    assert program.json() == {"agent": "read", "is_back": False, "reason": "it fails at once"}
    assert (form.status_code, form.headers["location"]) == (303, "/agents")
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "there is no such agent"})
    assert (await asked(app, "/agents/read/recover")).status_code == 405


async def test_an_order_begins_a_run_or_says_why_not(shelf: Shelf) -> None:
    answers = [Ordered("run-2"), Ordered("", "a book is being made already"), Ordered("run-3")]

    async def order() -> Ordered:
        return answers.pop(0)

    app, _ = put_on(a_window(shelf, order=order))
    begun, refused = await asked(app, "/runs", "POST"), await asked(app, "/runs", "POST")
    form = await asked(app, "/runs", "POST", headers={"Accept": "text/html"})

    assert (begun.status_code, begun.json()["run"]) == (202, "run-2")
    assert (refused.status_code, refused.json()["reason"]) == (409, "a book is being made already")
    assert (form.status_code, form.headers["location"]) == (303, "/runs/run-3")


async def test_without_anything_to_order_an_order_is_refused(shelf: Shelf) -> None:
    app, _ = put_on(a_window(shelf))

    assert (await asked(app, "/runs", "POST")).status_code == 409


async def test_agents_are_shown_with_what_happened_to_them(shelf: Shelf) -> None:
    monitor = WorkflowMonitor(feed=Feed())
    monitor.observe(AgentWentDown("write", "crashed too often"))
    app, _ = put_on(a_window(shelf, agents=[an_agent(), an_agent("write", "down", "boom")]), monitor)
    page = (await asked(app, "/agents")).text

    assert 'id="agent-write" data-state="down"' in page
    assert "boom" in page
    assert "crashed too often" in page
    assert 'action="/agents/write/recover"' in page


async def test_health_and_metrics_are_shown_to_people(shelf: Shelf) -> None:
    monitor = WorkflowMonitor(feed=Feed())
    monitor.observe(StepEnded("r", StepId("read", "a"), "done", 0.2, 0))
    monitor.level("event_loop_lag_seconds", {}, 0.004)
    app, _ = put_on(a_window(shelf, monitor=monitor), monitor)
    checks, figures = (await asked(app, "/checks")).text, (await asked(app, "/figures")).text

    assert "Make room." in checks
    assert "up for 1 min 1 s" in checks
    assert "steps_total" in figures
    assert "role read, outcome done" in figures
    assert "step_duration_seconds" in figures


async def test_own_run_shows_what_only_its_process_knows(shelf: Shelf) -> None:
    monitor = WorkflowMonitor(feed=Feed())
    monitor.observe(RunStarted("run-1", ("read",)))
    monitor.observe(StepsOpened("run-1", "read", 6))
    for item in ("1.png", "2.png", "3.png"):
        monitor.observe(StepSent("run-1", StepId("read", item), 1, 0))
    monitor.observe(StepEnded("run-1", StepId("read", "1.png"), "done", 0.25, 0))
    app, _ = put_on(a_window(shelf, monitor=monitor), monitor)
    page = (await asked(app, "/runs/run-1")).text

    assert re.search(r'id="stage-read".*?<td class="number">2</td>', page, re.DOTALL)
    assert re.search(r'id="mark-1".*?0\.2 s', page)
    assert 'class="busy"' in page


@pytest.fixture
async def served(shelf: Shelf) -> AsyncIterator[tuple[str, Shelf, Page]]:
    app, page = put_on(a_window(shelf))
    async with serve(app) as address:
        yield address.url, shelf, page
        page.close()


async def events(
    client: httpx.AsyncClient, url: str, most: int, begun: asyncio.Event | None = None, last: str = ""
) -> list[dict[str, Any]]:
    """The first so many of a stream; `begun` is set with the first of them."""
    found: list[dict[str, Any]] = []
    headers = {"Last-Event-ID": last} if last else {}
    async with client.stream("GET", url, headers=headers, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        number = 0
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                number = int(line[4:])
            elif line.startswith("data: "):
                found.append({"id": number, **json.loads(line[6:])})
                if begun:
                    begun.set()
                if len(found) == most:
                    break
    return found


async def test_a_stream_tells_what_changes_and_goes_on_where_it_was(served: tuple[str, Shelf, Page]) -> None:
    url, shelf, _ = served
    async with httpx.AsyncClient(trust_env=False) as client:
        (opening,) = await events(client, f"{url}/live/run/run-1", 1)
        begun = asyncio.Event()
        changing = asyncio.create_task(events(client, f"{url}/live/run/run-1", 2, begun))
        await begun.wait()
        shelf.sheets["run-1"] = a_sheet(a_mark(1), a_mark(2), a_mark(3), card=a_card(state="complete", ended=1_100.0))
        _, changed = await changing
        (again,) = await events(client, f"{url}/live/run/run-1?after=0", 1, last="2")

    assert (opening["id"], len(opening["marks"])) == (2, 2)
    assert (changed["id"], [re.findall(r'id="mark-(\d+)"', mark)[0] for mark in changed["marks"]]) == (3, ["3"])
    assert changed["over"]
    assert "head" in changed["parts"]
    assert "aside" not in changed["parts"]
    assert (again["id"], len(again["marks"])) == (3, 1)


async def test_a_number_of_another_kind_is_no_place_to_go_on_from(served: tuple[str, Shelf, Page]) -> None:
    url, _, _ = served
    async with httpx.AsyncClient(trust_env=False) as client:
        (opening,) = await events(client, f"{url}/live/run/run-1", 1, last="not-a-number")

    assert len(opening["marks"]) == 2


async def test_viewers_who_are_gone_are_forgotten_and_too_many_are_refused(served: tuple[str, Shelf, Page]) -> None:
    url, _, page = served
    left, leave = asyncio.Event(), page.hub.leave

    def leaves(viewer: Viewer) -> None:
        leave(viewer)
        left.set()

    page.hub.leave = leaves  # type: ignore[method-assign]
    async with httpx.AsyncClient(trust_env=False) as client:
        page.hub._most_viewers = 1
        async with client.stream("GET", f"{url}/live/runs") as first:
            await anext(first.aiter_bytes())
            assert page.hub.viewers == 1
            refused = await client.get(f"{url}/live/agents")
        async with asyncio.timeout(30):
            await left.wait()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert page.hub.viewers == 0


async def test_the_end_does_not_wait_for_viewers(shelf: Shelf) -> None:
    app, page = put_on(a_window(shelf))
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        serve(app) as address,
        client.stream("GET", f"{address.url}/live/runs") as answer,
    ):
        chunks = answer.aiter_bytes()
        await anext(chunks)
        page.close()
        rest = [chunk async for chunk in chunks]

    assert isinstance(rest, list)  # the stream ended by itself


def test_the_form_for_the_token_says_what_is_wrong_and_escapes_it() -> None:
    form = login_page("1.2")

    assert 'name="token"' in form("")
    assert "&lt;b&gt;" in form("<b>")
