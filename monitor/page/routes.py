"""The addresses of the page. Whatever they show comes from the window and is painted by the scenes."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import FastAPI, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from monitor.errors import MonitorError
from monitor.page.docs import described
from monitor.page.hub import Hub, TooManyViewers
from monitor.page.painter import Painter
from monitor.page.scenes import RUN, Scenes
from monitor.page.views import Document, Window

HEARTBEAT_S = 15.0
_CHUNK_BYTES = 256 * 1024
_LOG_LINES = 200
_KEPT = "private, max-age=3600"

RunId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,64}$", description="The id of a run.")]
_HTML: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such thing.", "content": {"text/html": {"schema": {"type": "string"}}}},
    503: {"description": "The journal cannot be read now.", "content": {"text/html": {"schema": {"type": "string"}}}},
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    404: {"description": "There is no such thing."},
    503: {"description": "There are as many viewers as there may be."},
}


class RecoverAnswer(BaseModel):
    """Whether an agent is back, and why or why not."""

    agent: str
    is_back: bool
    reason: str


class OrderAnswer(BaseModel):
    """The run that was begun, empty when none was, and why."""

    run: str
    reason: str


class Refusal(BaseModel):
    """Why there was no answer."""

    detail: str


class Routes:
    """The handlers of the page; `add_to` puts them into an application."""

    def __init__(self, window: Window, painter: Painter, scenes: Scenes, hub: Hub) -> None:
        self._window = window
        self._painter = painter
        self._scenes = scenes
        self._hub = hub
        self._fonts = {path.name: path.read_bytes() for path in sorted(window.fonts.glob("*.ttf"))}

    def add_to(self, app: FastAPI) -> None:
        """Add every address of the page."""
        page: dict[str, Any] = {"response_class": HTMLResponse, "responses": _HTML}
        app.get("/", summary="All runs, for people.", **page)(self.runs)
        app.get("/runs/{run}", summary="One run, for people.", **page)(self.run)
        app.get("/agents", summary="The agents, for people.", **page)(self.agents)
        app.get("/checks", summary="The health of all parts, for people.", **page)(self.checks)
        app.get("/figures", summary="The metrics, for people.", **page)(self.figures)
        app.get("/docs", summary="This list, for people.", **page)(self.docs)
        refused: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}, 503: {"model": Refusal}}
        app.post(
            "/agents/{agent_id}/recover",
            summary="Bring an agent back; a browser's form is sent back to the agents.",
            response_model=RecoverAnswer,
            responses={404: {"model": Refusal}, 303: {"description": "For a form: see the agents."}},
        )(self.recover)
        app.post(
            "/runs",
            summary="Begin the run that this server offers: the sample. It takes no source.",
            status_code=202,
            response_model=OrderAnswer,
            responses={409: {"model": OrderAnswer}, 303: {"description": "For a form: see the run."}},
        )(self.order)
        picture: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}, **refused}
        app.get(
            "/runs/{run}/pictures/{digest}",
            summary="A small picture of a run.",
            response_class=Response,
            responses=picture,
        )(self.picture)
        app.get(
            "/books/{folder}/{path:path}",
            summary="A file of a finished book, as its manifest lists it, or its report.",
            response_class=Response,
            responses={200: {"content": {"*/*": {}}}, **refused},
        )(self.document)
        app.get("/static/{name}", summary="Style, script and faces of the page.", response_class=Response,
                responses={200: {"content": {"*/*": {}}}, **refused})(self.static)  # fmt: skip
        stream: dict[str, Any] = {"response_class": StreamingResponse, "responses": _STREAM}
        app.get("/live/{topic}", summary="What changes on a page, as server-sent events.", **stream)(self.live)
        app.get("/live/run/{run}", summary="What changes in a run, as server-sent events.", **stream)(self.live_run)

    async def runs(self) -> HTMLResponse:
        return await self._page("runs", "Books", "runs")

    async def agents(self) -> HTMLResponse:
        return await self._page("agents", "Agents", "agents")

    async def checks(self) -> HTMLResponse:
        return await self._page("checks", "Health", "checks")

    async def figures(self) -> HTMLResponse:
        return await self._page("figures", "Metrics", "figures")

    async def docs(self, request: Request) -> HTMLResponse:
        found = described(request.app.openapi())
        return HTMLResponse(self._painter.paint("docs.html", title="Addresses", here="docs", groups=found))

    async def run(
        self,
        run: RunId,
        role: Annotated[str, Query(max_length=64, description="Only what this role did.")] = "",
        outcome: Annotated[str, Query(max_length=16, description="Only answers of this kind.")] = "",
        level: Annotated[
            Literal["DEBUG", "INFO", "WARNING", "ERROR"], Query(description="Log lines from this level on.")
        ] = "INFO",
    ) -> HTMLResponse:
        try:
            scene = await self._hub.scene(RUN + run)
            if scene is None:
                return self._missing("There is no such run.")
            log = await self._scenes.in_thread(lambda: self._window.library.log(run, level, role, _LOG_LINES))
        except MonitorError as error:
            return self._unreadable(error)
        values: Mapping[str, object] = {
            "run": run,
            "parts": self._painter.whole(scene.parts),
            "marks": [self._painter.whole({"": html})[""] for _, html in reversed(scene.marks)],
            "place": scene.place,
            "digest": scene.digest,
            "is_over": scene.is_over,
            "log": log,
            "filters": {"role": role, "outcome": outcome, "level": level},
            "labels": self._window.labels,
        }
        return HTMLResponse(self._painter.paint("run.html", title="A run", here="runs", **values))

    async def live(
        self,
        topic: Literal["runs", "agents", "checks", "figures"],
        request: Request,
        seen: Annotated[str, Query(max_length=16, description="The digest of the parts that are known.")] = "",
    ) -> Response:
        return self._stream(topic, 0, seen if "last-event-id" not in request.headers else "")

    async def live_run(
        self,
        run: RunId,
        request: Request,
        after: Annotated[int, Query(ge=0, le=2**53, description="The newest mark that is known.")] = 0,
        seen: Annotated[str, Query(max_length=16, description="The digest of the parts that are known.")] = "",
    ) -> Response:
        last = request.headers.get("last-event-id", "")
        is_again = last.isascii() and last.isdigit() and len(last) <= 16
        if await self._scene_or_none(RUN + run) is None:
            return Response("there is no such run", 404, media_type="text/plain")
        return self._stream(RUN + run, int(last) if is_again else after, "" if is_again else seen)

    async def picture(
        self, run: RunId, digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Its SHA-256.")]
    ) -> Response:
        try:
            jpeg = await self._scenes.in_thread(lambda: self._window.library.picture(run, digest))
        except MonitorError as error:
            return JSONResponse({"detail": str(error)}, 503)
        if jpeg is None:
            return JSONResponse({"detail": "there is no such picture"}, 404)
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": _KEPT})

    async def document(self, folder: str, path: str) -> Response:
        try:
            found = await self._scenes.in_thread(lambda: self._window.library.document(folder, path))
        except MonitorError as error:
            return JSONResponse({"detail": str(error)}, 503)
        if found is None:
            return JSONResponse({"detail": "there is no such file in a finished book"}, 404)
        headers = {
            "Content-Security-Policy": self._window.document_policy,
            "Cache-Control": "no-store" if found.media_type.startswith(("text/html", "application/json")) else _KEPT,
        }
        return _DocumentResponse(found, headers)

    async def static(self, name: str) -> Response:
        data = self._painter.static.get(name) or self._fonts.get(name)
        kinds = {"css": "text/css", "js": "text/javascript", "ttf": "font/ttf", "svg": "image/svg+xml"}
        if data is None:
            return JSONResponse({"detail": "there is no such file"}, 404)
        kind = kinds[name.rpartition(".")[2]]
        return Response(data, media_type=kind, headers={"Cache-Control": "public, max-age=86400"})

    async def recover(self, agent_id: Annotated[str, Path(max_length=64)], request: Request) -> Response:
        recovered = await self._window.recover(agent_id)
        if recovered is None:
            return JSONResponse({"detail": "there is no such agent"}, 404)
        if _is_form(request):
            return RedirectResponse("/agents", 303)
        return JSONResponse({"agent": agent_id, "is_back": recovered.is_back, "reason": recovered.reason})

    async def order(self, request: Request) -> Response:
        if self._window.order is None:
            return JSONResponse({"run": "", "reason": "this server makes no books: start `python main.py serve`"}, 409)
        ordered = await self._window.order()
        if _is_form(request):
            return RedirectResponse(f"/runs/{quote(ordered.run)}" if ordered.run else "/", 303)
        return JSONResponse({"run": ordered.run, "reason": ordered.reason}, 409 if ordered.reason else 202)

    async def _page(self, topic: str, title: str, here: str) -> HTMLResponse:
        try:
            scene = await self._hub.scene(topic)
        except MonitorError as error:
            return self._unreadable(error)
        if scene is None:
            return self._missing("There is no such page.")
        parts = self._painter.whole(scene.parts)
        values: Mapping[str, object] = {"topic": topic, "parts": parts, "digest": scene.digest}
        return HTMLResponse(self._painter.paint("topic.html", title=title, here=here, **values))

    async def _scene_or_none(self, topic: str) -> object:
        try:
            return await self._hub.scene(topic)
        except MonitorError:
            return None

    def _stream(self, topic: str, place: int, digest: str) -> Response:
        try:
            viewer = self._hub.watch(topic, place, digest)
        except TooManyViewers:
            return Response("too many are watching: come back later", 503, headers={"Retry-After": "10"})

        async def told() -> AsyncIterator[bytes]:
            with viewer:
                yield b"retry: 2000\n\n"
                while True:
                    try:
                        yield await viewer.take(HEARTBEAT_S) or b": still here\n\n"
                    except (EOFError, MonitorError):
                        return

        return StreamingResponse(told(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    def _missing(self, sentence: str) -> HTMLResponse:
        return HTMLResponse(self._painter.paint("sorry.html", title="Not found", here="", sentence=sentence), 404)

    def _unreadable(self, error: MonitorError) -> HTMLResponse:
        return HTMLResponse(
            self._painter.paint("sorry.html", title="Not readable now", here="", sentence=str(error)), 503
        )


def _is_form(request: Request) -> bool:
    """Whether a browser's form asks, and not a program."""
    return "text/html" in request.headers.get("accept", "")


class _DocumentResponse(StreamingResponse):
    """A file sent in pieces, closed however that ends."""

    def __init__(self, document: Document, headers: Mapping[str, str]) -> None:
        self._file = os.fdopen(document.descriptor, "rb")
        length = {"Content-Length": str(document.size_bytes)}
        super().__init__(
            self._chunks(document.size_bytes), media_type=document.media_type, headers={**headers, **length}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._file:
            await super().__call__(scope, receive, send)

    async def _chunks(self, left: int) -> AsyncIterator[bytes]:
        while left > 0 and (chunk := await asyncio.to_thread(self._file.read, min(_CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
