"""The page put onto the application of the endpoint."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI

from monitor.feed import Feed
from monitor.health import Health
from monitor.page.hub import Hub
from monitor.page.painter import Painter
from monitor.page.routes import Routes
from monitor.page.scenes import Scenes
from monitor.page.views import Window
from monitor.workflow import WorkflowMonitor


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one server; `close` lets all viewers go, so that the server can end at once."""

    hub: Hub
    scenes: Scenes

    def close(self) -> None:
        """Let everybody go."""
        self.hub.close()
        self.scenes.close()


def add_page(
    app: FastAPI, window: Window, monitor: WorkflowMonitor, *, health: Callable[[], Health], pace_s: float = 1.0
) -> Page:
    """Add the page to an application. What it shows is at most `pace_s` seconds old."""
    painter = Painter(app.version)
    feed = monitor.feed if monitor.feed is not None else Feed()
    scenes = Scenes(window, painter, health=health, live=monitor.snapshot, feed=feed)
    hub = Hub(scenes.paint, pace_s=pace_s)
    Routes(window, painter, scenes, hub).add_to(app)
    return Page(hub, scenes)


def login_page(version: str) -> Callable[[str], str]:
    """The form that asks for the token."""
    painter = Painter(version)
    return lambda wrong: painter.paint("login.html", title="Who is it?", here="", wrong=wrong)
