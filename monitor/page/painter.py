"""Turns views into HTML: the templates, their filters, and the digest by which a browser's copies are told apart."""

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from monitor.page.geometry import duration, histogram, plan_picture, sparkline, timeline

STATIC = ("page.css", "page.js", "icon.svg")


class Painter:
    """Everything is escaped but what our own templates say. `now` gives seconds since 1970."""

    def __init__(self, version: str, now: Callable[[], float] = time.time) -> None:
        folder = files("monitor.page").joinpath("static")
        self.static = {name: folder.joinpath(name).read_bytes() for name in STATIC}
        self._now = now
        self._environment = Environment(
            loader=PackageLoader("monitor.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "duration": duration,
            "ago": lambda at: _ago(self._now() - at),
            "moment": _moment,
            "clock": lambda at: datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S"),
            "money": _money,
        }
        self._environment.globals |= {
            "plan_picture": plan_picture,
            "timeline": timeline,
            "sparkline": sparkline,
            "histogram": histogram,
            "now": self._now,
            "version": version,
            "digests": {name: hashlib.sha256(data).hexdigest()[:12] for name, data in self.static.items()},
        }

    def paint(self, template: str, **values: object) -> str:
        """A whole page, or a part of one."""
        return self._environment.get_template(template).render(values)

    @staticmethod
    def whole(parts: dict[str, str]) -> dict[str, Markup]:
        """Parts that were painted already, to be put into a page as they are."""
        return {name: Markup(html) for name, html in parts.items()}  # noqa: S704  (escaped when they were painted)


def _ago(seconds: float) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _money(usd: float) -> str:
    return "free" if not usd else f"${usd:.2f}" if usd >= 0.01 else "under 1 cent"
