"""`health`: asks a running swarm how it is, and tells it to people."""

import json
import os
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from monitor import MonitorError
from monitor.text import shortened, table, visible

TOKEN = "DOODLEBOUND_MONITOR_TOKEN"  # noqa: S105  (the name of one)
STATUSES = ("pass", "warn", "fail")
"""What a swarm may say, each with its exit code: 0, 1 and 2."""
_TIMEOUT_S = 15.0
_MOST_BYTES = 2**20


def asked_health(url: str) -> dict[str, Any]:
    """The health of the swarm whose monitor listens there, as its endpoint tells it.

    Raises MonitorError when nothing answers, or it is no such monitor.
    """
    address = _address(url)
    request = Request(f"{address}/health", headers={"Accept": "application/health+json"})  # noqa: S310  (checked above)
    if token := os.environ.get(TOKEN):
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            body = answer.read(_MOST_BYTES)
    except HTTPError as error:  # 503 is an answer
        with error:
            body = error.read(_MOST_BYTES)
            if error.code == 401:
                raise MonitorError(f"the monitor at {address} wants its token: set {TOKEN}") from None
    except (URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise MonitorError(f"no monitor answers at {address}: {why}; start one with `python main.py serve`") from None
    return _understood(body, address)


def health_as_json(health: dict[str, Any]) -> str:
    """As it is, on one line."""
    return json.dumps(health)


def health_as_text(health: dict[str, Any]) -> str:
    """A line for each part, and for what else of it is not well; the worst first."""
    rows = [("part", "status", "observed", "what it says")]
    for status in reversed(STATUSES):
        for name, checks in health["checks"].items():
            seen = [check for nth, check in enumerate(checks) if nth == 0 or check.get("status") != STATUSES[0]]
            rows += [_row(name, check) for check in seen if check.get("status") == status]
    version, uptime_s = visible(str(health.get("version", "?"))), float(health.get("uptime") or 0)
    return f"{health['status']}: version {version}, up for {uptime_s:.0f} s\n{table(rows)}"


def _row(name: str, check: dict[str, Any]) -> tuple[str, str, str, str]:
    observed = f"{check.get('observedValue', '')} {check.get('observedUnit', '')}".strip()
    return name, str(check["status"]), observed, shortened(str(check.get("output", "")), 120)


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_one = False
    if not is_one:
        raise MonitorError(f"{url!r} is no address of a monitor: give one like http://127.0.0.1:8077")
    return f"{parts.scheme}://{parts.netloc}"


def _understood(body: bytes, address: str) -> dict[str, Any]:
    try:
        health = json.loads(body)
        is_one = health["status"] in STATUSES and all(isinstance(each, list) for each in health["checks"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        is_one = False
    if not is_one:
        raise MonitorError(f"what answers at {address} is no monitor of Doodlebound: give another address with --url")
    found: dict[str, Any] = health
    return found
