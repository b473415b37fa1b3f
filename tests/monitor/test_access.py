"""Who may look."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from monitor.access import COOKIE, MAX_BODY_BYTES, Door, Rules, rules_for
from monitor.errors import MonitorError
from tests.monitor.conftest import Clock

TOKEN = "correct horse battery staple"
OPEN = rules_for("0.0.0.0", TOKEN)
HERE = rules_for("127.0.0.1", "")


def an_app(rules: Rules, clock: Clock | None = None) -> FastAPI:
    app = FastAPI()
    app.add_middleware(Door, rules=rules, login_page=lambda wrong: f"<form>{wrong}</form>", clock=clock or Clock())

    @app.get("/x")
    @app.get("/livez")
    @app.get("/static/page.css")
    async def get() -> PlainTextResponse:
        return PlainTextResponse("seen")

    @app.post("/x")
    async def post(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{len(await request.body())}")

    return app


async def asked(app: FastAPI, method: str, path: str, **more: object) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    host = "localhost"
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        return await client.request(method, path, **more)  # type: ignore[arg-type]  # a test knows what it asks


async def test_on_the_loopback_no_token_is_needed() -> None:
    answer = await asked(an_app(HERE), "GET", "/x")

    assert (answer.status_code, answer.text) == (200, "seen")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "house.example"])
def test_other_addresses_are_refused_without_a_token(host: str) -> None:
    with pytest.raises(MonitorError, match="set DOODLEBOUND_MONITOR_TOKEN"):
        rules_for(host, "")


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(MonitorError, match="too short") as refused:
        rules_for("0.0.0.0", "short-secret")

    assert "short-secret" not in str(refused.value)


def test_the_token_is_in_no_text_of_the_rules() -> None:
    assert TOKEN not in repr(OPEN)


async def test_without_the_token_nothing_is_told() -> None:
    answer = await asked(an_app(OPEN), "GET", "/x")

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "seen" not in answer.text


async def test_a_browser_without_the_token_is_shown_the_form() -> None:
    answer = await asked(an_app(OPEN), "GET", "/x", headers={"Accept": "text/html"})
    form = await asked(an_app(OPEN), "GET", "/login")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert (form.status_code, form.text) == (200, "<form></form>")


@pytest.mark.parametrize("path", ["/livez", "/static/page.css"])
async def test_probes_and_the_style_need_no_token(path: str) -> None:
    assert (await asked(an_app(OPEN), "GET", path)).status_code == 200


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        ("Bearer ", 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer n\xf6", 401),
    ],
)
async def test_a_program_shows_the_token_in_its_header(given: str, code: int) -> None:
    headers = [(b"authorization", given.encode("latin-1"))]

    assert (await asked(an_app(OPEN), "GET", "/x", headers=headers)).status_code == code


async def test_the_token_is_no_use_in_an_address() -> None:
    assert (await asked(an_app(OPEN), "GET", f"/x?token={TOKEN}")).status_code == 401


async def test_who_knows_the_token_gets_a_cookie_that_is_not_the_token() -> None:
    app = an_app(OPEN)
    welcome = await asked(app, "POST", "/login", data={"token": TOKEN})
    cookie = SimpleCookie(welcome.headers["set-cookie"])[COOKIE]
    inside = await asked(app, "GET", "/x", headers={"Cookie": f"{COOKIE}={cookie.value}"})
    elsewhere = await asked(an_app(OPEN), "GET", "/x", headers={"Cookie": f"{COOKIE}={cookie.value}"})

    assert (welcome.status_code, welcome.headers["location"]) == (303, "/")
    assert TOKEN not in welcome.headers["set-cookie"]
    assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Strict")
    assert inside.status_code == 200
    assert elsewhere.status_code == 401  # another process made another secret


@pytest.mark.parametrize("cookie", ["", "x", f"{COOKIE}=", f"{COOKIE}=abc", f'{COOKIE}="\\', "=;=;", "a" * 4000])
async def test_another_cookie_opens_nothing(cookie: str) -> None:
    assert (await asked(an_app(OPEN), "GET", "/x", headers={"Cookie": cookie})).status_code == 401


async def test_a_wrong_token_is_refused_without_being_repeated() -> None:
    answer = await asked(an_app(OPEN), "POST", "/login", data={"token": "<b>guess"})

    assert answer.status_code == 403
    assert "guess" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_guessing_is_slow() -> None:
    clock = Clock()
    app = an_app(OPEN, clock)
    tries = [(await asked(app, "POST", "/login", data={"token": "guess"})).status_code for _ in range(20)]
    right = await asked(app, "POST", "/login", data={"token": TOKEN})
    clock.now += 2
    later = await asked(app, "POST", "/login", data={"token": TOKEN})

    assert tries == [403] * 10 + [429] * 10
    assert (right.status_code, later.status_code) == (429, 303)


async def test_the_login_takes_no_other_method_and_is_not_there_without_a_token() -> None:
    other = await asked(an_app(OPEN), "PUT", "/login")
    none = await asked(an_app(HERE), "GET", "/login")

    assert (other.status_code, other.headers["allow"]) == (405, "GET, POST")
    assert none.status_code == 404


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("localhost:80", 200),
        ("127.0.0.1", 200),
        ("[::1]:9", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("192.168.0.9", 400),
        ("", 400),
        ("[::1", 400),
        ("localhost@evil.example", 400),
    ],
)
async def test_the_loopback_answers_to_its_own_names_only(host: str, code: int) -> None:
    assert (await asked(an_app(HERE), "GET", "/x", headers={"Host": host})).status_code == code


@pytest.mark.parametrize(
    ("host", "code"),
    [("192.168.0.9:8077", 200), ("[2001:db8::1]", 200), ("box", 200), ("house.example", 200), ("evil.example", 400)],
)
async def test_an_open_server_answers_to_addresses_and_its_own_names(host: str, code: int) -> None:
    rules = rules_for("house.example", TOKEN, ["box"])
    headers = {"Host": host, "Authorization": f"Bearer {TOKEN}"}

    assert (await asked(an_app(rules), "GET", "/x", headers=headers)).status_code == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://localhost"}, 200),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_what_changes_something_comes_from_our_own_pages_or_a_program(headers: dict[str, str], code: int) -> None:
    assert (await asked(an_app(HERE), "POST", "/x", headers=headers)).status_code == code


async def test_a_long_body_is_refused() -> None:
    fits = await asked(an_app(HERE), "POST", "/x", content=b"x" * MAX_BODY_BYTES)
    long = await asked(an_app(HERE), "POST", "/x", content=b"x" * (MAX_BODY_BYTES + 1))

    assert (fits.status_code, fits.text) == (200, str(MAX_BODY_BYTES))
    assert long.status_code == 413


async def test_a_long_body_without_a_length_is_cut_off() -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    answer = await asked(an_app(OPEN), "POST", "/login", content=drip())

    assert answer.status_code == 403


@pytest.mark.parametrize("length", ["-1", "x", "9" * 30, "²"])
async def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    headers = [(b"content-length", length.encode("latin-1"))]

    assert (await asked(an_app(HERE), "POST", "/x", headers=headers)).status_code in (400, 413)


async def test_one_who_asks_too_often_waits_and_probes_do_not() -> None:
    clock = Clock()
    app = an_app(Rules(requests_per_s=2, burst=5), clock)
    codes = [(await asked(app, "GET", "/x")).status_code for _ in range(7)]
    probe = await asked(app, "GET", "/livez")
    clock.now += 1
    later = [(await asked(app, "GET", "/x")).status_code for _ in range(3)]

    assert codes == [200] * 5 + [429] * 2
    assert probe.status_code == 200
    assert later == [200, 200, 429]


async def test_the_addresses_that_are_remembered_are_bounded() -> None:
    clock = Clock()
    door = Door(an_app(HERE), HERE, clock=clock)
    for number in range(5_000):
        door._requests.take(f"192.0.2.{number}")

    assert len(door._requests._left) <= 1024


@pytest.mark.parametrize("path", ["/x", "/nowhere"])
async def test_every_answer_keeps_browsers_from_more_than_is_meant(path: str) -> None:
    headers = (await asked(an_app(HERE), "GET", path)).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


async def test_what_is_no_http_is_not_answered() -> None:
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        sent.append(message)

    await Door(an_app(HERE), HERE)({"type": "websocket", "path": "/x"}, receive, send)

    assert sent == []
