"""The page in a real browser: a book is watched as it is made, opened, an agent brought back, all by keyboard too."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import ROOT, need
from tests.e2e.test_serve import Served, serving

AXE = ROOT / "tests" / "validators" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"desktop": (1280, 860), "tablet": (800, 1000), "phone": (390, 844)}
ROLES = ("ingest", "pair", "sequence", "arrange", "write", "grid", "design", "review", "scale", "bind")
LONG_MS = 90_000

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    need(path, "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page_of(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, on which nothing may go wrong and which ask nobody else."""
    wrong: list[str] = []
    opened: list[Page] = []

    def opened_page(server: Served, path: str = "/", width: str = "desktop", **more: Any) -> Page:
        wide, high = WIDTHS[width]
        page = browser.new_page(viewport={"width": wide, "height": high}, reduced_motion="reduce", **more)
        page.on("console", lambda line: wrong.append(line.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(server.url) else wrong.append(asked.url))
        page.goto(server.url + path)
        opened.append(page)
        return page

    yield opened_page
    for page in opened:
        page.close()
    assert wrong == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("shown") / "books", DOODLEBOUND_SEED="0") as served:
        yield served


@pytest.fixture(scope="module")
def run(server: Served, browser: Browser) -> str:
    """A run of the sample, ordered in the browser and watched to its end without a reload: its path."""
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    page.goto(server.url)
    expect(page.get_by_text("There is no book here yet.")).to_be_visible()
    page.get_by_role("button", name="Make the sample book").click()
    page.wait_for_url(re.compile(r"/runs/[\w-]+$"))
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    expect(page.locator("#stage-bind")).to_have_attribute("data-state", "waiting")
    seen: dict[str, set[str]] = {role: set() for role in ROLES}
    page.expose_function("sawStage", lambda role, state: seen[role].add(state))
    page.evaluate(
        """() => {
        const look = () => document.querySelectorAll("tr[data-state]").forEach(
            (row) => window.sawStage(row.id.slice(6), row.dataset.state));
        look();
        new MutationObserver(look).observe(document.getElementById("part-plan"),
            { subtree: true, childList: true, attributes: true });
    }"""
    )
    expect(page.locator("#page-1")).to_be_visible(timeout=LONG_MS)
    designed_before_bound = page.locator("#stage-bind").get_attribute("data-state") != "done"
    for role in ROLES:
        expect(page.locator(f"#stage-{role}")).to_have_attribute("data-state", "done", timeout=LONG_MS)
    expect(page.locator(".head .s-complete")).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".spread")).to_have_count(10)
    expect(page.locator("#marks .mark").first).to_contain_text("bind")
    expect(page.get_by_text("This run is over.")).to_be_visible()
    ids = [int(mark.get_attribute("data-id") or 0) for mark in page.locator("#marks .mark").all()]
    assert designed_before_bound
    assert all("done" in states for states in seen.values())
    assert "waiting" in seen["bind"]
    assert "in hand" in seen["ingest"]
    assert ids == sorted(set(ids), reverse=True)
    assert loads == []
    page.close()
    return page.url.removeprefix(server.url)


def test_a_finished_book_is_opened_with_a_click(server: Served, run: str, page_of: Callable[..., Page]) -> None:
    page = page_of(server)
    expect(page.locator(".book img")).to_have_js_property("complete", True)
    page.get_by_role("link", name=re.compile("Read: ")).click()
    page.wait_for_url(re.compile("book.html"))

    expect(page.locator(".sheet.cover .picture").first).to_be_visible()
    assert page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].some((face) => face.status === 'loaded'))"
    )
    page.keyboard.press("ArrowRight")
    expect(page.locator(".where")).not_to_have_text("Cover")  # its own script runs


def test_all_of_it_is_reached_by_keyboard(server: Served, run: str, page_of: Callable[..., Page]) -> None:
    page = page_of(server)
    page.keyboard.press("Tab")
    expect(page.get_by_text("To the content")).to_be_focused()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or reached[-1] == reached[0]
        if reached[-1] == "PDF":
            break
    assert reached[-1] == "PDF"
    assert "Make the sample book" in reached

    page.goto(server.url + run)
    page.get_by_label("Agent").focus()
    page.keyboard.press("r")
    expect(page.locator("#marks .mark:visible").first).to_contain_text("review")
    assert page.locator("#marks .mark:visible:not([data-role='review'])").count() == 0


def test_without_script_everything_can_be_read(server: Served, run: str, page_of: Callable[..., Page]) -> None:
    page = page_of(server, run, java_script_enabled=False)

    assert page.locator("tr[data-state='done']").count() == len(ROLES)
    assert page.locator(".spread").count() == 10
    assert page.locator("#marks .mark").count() > 100
    page.get_by_label("Agent").select_option("write")
    page.get_by_role("button", name="Show").click()
    assert page.locator("#marks").get_attribute("data-role") == "write"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_sticks_out(
    server: Served, run: str, page_of: Callable[..., Page], width: str, scheme: str, tmp_path: Path
) -> None:
    need(AXE.is_file(), "axe (npm ci in tests/validators)")
    found: dict[str, list[str]] = {}
    for path in ("/", run, "/agents", "/checks", "/figures", "/docs"):
        page = page_of(server, path, width, color_scheme=scheme, bypass_csp=True)
        page.screenshot(
            path=tmp_path / f"{path.strip('/').replace('/', '-') or 'runs'}-{width}-{scheme}.png", full_page=True
        )
        if width != "tablet":
            page.evaluate(AXE.read_text("utf-8"))
            ask = "axe.run().then((found) => found.violations.map((one) => `${one.id}: ${one.nodes[0].html}`))"
            if complaints := page.evaluate(ask):
                found[path] = complaints
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.setdefault(path, []).append("it sticks out")
        page.close()

    assert found == {}


def test_a_crashed_agent_is_brought_back_by_keyboard(tmp_path: Path, page_of: Callable[..., Page]) -> None:
    crashes = "work.arrange:*:raise"
    with serving(tmp_path / "books", DOODLEBOUND_FORMATS="html", DOODLEBOUND_FAILPOINT=crashes) as served:
        page, other = page_of(served, "/agents"), page_of(served)
        other.get_by_role("button", name="Make the sample book").click()
        row = page.locator("#agent-arrange")
        expect(row).to_have_attribute("data-state", "down", timeout=LONG_MS)
        expect(row).to_contain_text("failpoint work.arrange")
        button = row.get_by_role("button", name="Recover arrange")
        button.focus()
        page.keyboard.press("Enter")
        expect(row).to_have_attribute("data-state", "running", timeout=LONG_MS)
        expect(page.get_by_text("agent went down").first).to_be_visible()
        page.close()
        other.close()
