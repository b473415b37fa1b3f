"""Who may look: every request passes this door before anything else sees it.

It checks, in this order: how often an address asks, the name that it asks for (so that no web page reaches us under a
name of its own), the size of what it sends, the token, and for what changes something where the request comes from. All
answers get headers that keep browsers from doing more with them than is meant.
"""

import hashlib
import hmac
import ipaddress
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.errors import MonitorError

LOOPBACK = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
"""The names that lead to this machine only, and the address of each."""
MIN_TOKEN_CHARS = 16
COOKIE = "doodlebound_viewer"
MAX_BODY_BYTES = 4096

_OPEN_TO_ALL = ("/livez", "/readyz", "/login")
"""What needs no token: probes, which tell nothing, and the way in (with its style and faces)."""
_SAFE = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_MOST_ADDRESSES = 1024

_SENTENCE = {"application/json": {"schema": {"type": "object", "required": ["detail"]}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Asked for under another name.", "content": _SENTENCE},
    401: {"description": "A token is needed.", "content": _SENTENCE},
    403: {"description": "It came from another place.", "content": _SENTENCE},
    413: {"description": "The body is too long.", "content": _SENTENCE},
    429: {"description": "Asked too often.", "content": _SENTENCE},
}
"""What the door answers in place of the application, for its description."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the door lets through. `token` is empty where none is asked for (the loopback); `names` are the host names
    that the server answers to, beside plain addresses where `is_open`: there a token keeps others out."""

    token: str = field(default="", repr=False)
    names: Collection[str] = tuple(LOOPBACK)
    is_open: bool = False
    requests_per_s: float = 200.0
    burst: int = 1000
    logins_per_s: float = 0.5
    login_burst: int = 10


ANYONE_HERE = Rules()
"""No token, and the names of the loopback only."""


def rules_for(host: str, token: str, own_names: Collection[str] = ()) -> Rules:
    """The rules of a server that listens on `host`. Raises MonitorError when others could look in without a token."""
    if token and len(token) < MIN_TOKEN_CHARS:
        raise MonitorError(f"DOODLEBOUND_MONITOR_TOKEN is too short: give it at least {MIN_TOKEN_CHARS} characters")
    if host in LOOPBACK:
        return Rules(token)
    if not token:
        raise MonitorError(
            f"others could look in at {host!r}: set DOODLEBOUND_MONITOR_TOKEN to a secret that they must know, or use "
            "127.0.0.1"
        )
    return Rules(token, (*LOOPBACK, host, *own_names), is_open=True)


class Door:
    """The door as middleware of the whole application. `login_page` gives the form, with a sentence on what is wrong.
    `clock` gives monotonic seconds."""

    def __init__(
        self,
        app: ASGIApp,
        rules: Rules,
        login_page: Callable[[str], str] = lambda _wrong: "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._rules = rules
        self._login_page = login_page
        self._requests = _Buckets(rules.requests_per_s, rules.burst, clock)
        self._logins = _Buckets(rules.logins_per_s, rules.login_burst, clock)
        self._pass = hmac.new(secrets.token_bytes(32), rules.token.encode(), hashlib.sha256).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        sent = _with_headers(send)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal.send(sent)
        elif scope["path"] == "/login" and self._rules.token:
            await self._login(scope, headers, receive, sent)
        else:
            await self._app(scope, _limited(receive), sent)

    def _refusal(self, scope: Scope, headers: Headers) -> "_Answer | None":
        path, method = scope["path"], scope["method"]
        client = scope.get("client") or ("", 0)
        if path not in _OPEN_TO_ALL[:2] and not self._requests.take(client[0]):
            return _Answer(429, "you ask too often: wait a little", {"retry-after": "1"})
        if not self._is_named(headers):
            return _Answer(400, "this server does not answer to that name")
        if _length(headers) > MAX_BODY_BYTES:
            return _Answer(413, f"a body may have at most {MAX_BODY_BYTES} bytes")
        if not self._is_known(path, headers):
            if method == "GET" and "text/html" in headers.get("accept", ""):
                return _Answer(303, "see the login", {"location": "/login"})
            return _Answer(401, "a token is needed", {"www-authenticate": "Bearer"})
        if method not in _SAFE and not _is_from_here(headers):
            return _Answer(403, "this came from another place than this server's own pages")
        return None

    def _is_named(self, headers: Headers) -> bool:
        given = headers.getlist("host")
        if len(given) != 1:
            return False
        name = _host_name(given[0])
        return name in self._rules.names or (self._rules.is_open and _is_address(name))

    def _is_known(self, path: str, headers: Headers) -> bool:
        if not self._rules.token or path in _OPEN_TO_ALL or path.startswith("/static/"):
            return True
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and _same(given.strip(), self._rules.token):
            return True
        return _same(_cookie(headers), self._pass)

    async def _login(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        if scope["method"] == "GET":
            return await _Answer(200, self._login_page(""), {}, is_html=True).send(send)
        if scope["method"] != "POST":
            return await _Answer(405, "ask with GET or POST", {"allow": "GET, POST"}).send(send)
        if not self._logins.take("everybody"):
            page = self._login_page("There were too many tries: wait a little.")
            return await _Answer(429, page, {"retry-after": "2"}, is_html=True).send(send)
        given = parse_qs((await _body(_limited(receive))).decode("utf-8", "replace"))
        if not _same(given.get("token", [""])[0].strip(), self._rules.token):
            page = self._login_page("That is not the token of this server.")
            return await _Answer(403, page, {}, is_html=True).send(send)
        cookie = f"{COOKIE}={self._pass}; HttpOnly; SameSite=Strict; Path=/"
        return await _Answer(303, "welcome", {"location": "/", "set-cookie": cookie}).send(send)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the door itself answers: a sentence as JSON, or a page."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    is_html: bool = False

    async def send(self, send: Send) -> None:
        body = self.text.encode() if self.is_html else json.dumps({"detail": self.text}).encode()
        kind = "text/html; charset=utf-8" if self.is_html else "application/json"
        headers = {"content-type": kind, "content-length": str(len(body)), **self.headers}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": body})


class _Buckets:
    """How often each of the newest addresses may ask: `burst` at once, and `per_s` in the long run."""

    def __init__(self, per_s: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Whether it may ask now; then it has."""
        now = self._clock()
        left, at = self._left.pop(address, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._per_s)
        may = left >= 1
        self._left[address] = (left - may, now)
        if len(self._left) > _MOST_ADDRESSES:
            self._left.popitem(last=False)
        return may


class _TooLong(Exception):
    """A body without a length turned out longer than it may be."""


def _limited(receive: Receive) -> Receive:
    """The body as far as it may go; what is longer ends as if its sender had gone."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return message if seen <= MAX_BODY_BYTES else {"type": "http.disconnect"}

    return limited


async def _body(receive: Receive) -> bytes:
    parts = []
    while (message := await receive())["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent


def _length(headers: Headers) -> int:
    given = headers.get("content-length", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else MAX_BODY_BYTES + 1


def _host_name(host: str) -> str:
    """The name in a Host header, without its port; empty where there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_from_here(headers: Headers) -> bool:
    """Whether one of our own pages asks, or a program; browsers say where a request comes from."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or origin in (f"http://{headers['host']}", f"https://{headers['host']}")


def _cookie(headers: Headers) -> str:
    jar = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[COOKIE].value if COOKIE in jar else ""


def _same(given: str, right: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode())
