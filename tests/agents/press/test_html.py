import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from agents.press.album import Album
from agents.press.html import make_html
from tests.agents.volumes import IMPRINT, STORY, Shelf

HOSTILE = "\"><script>alert(1)</script>'</style>{{ 7*7 }}</p> 🦊"


class Page(HTMLParser):
    """A web page taken apart: its tags with attributes, and the text inside each element with an id."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    shelf = Shelf()
    return dict(make_html(shelf.book(2, more=2), Album(shelf.read)))


@pytest.fixture(scope="module")
def page(files: dict[str, bytes]) -> Page:
    return Page(files["book.html"].decode())


def test_every_picture_has_its_file_size_and_alternative_text(page: Page, files: dict[str, bytes]) -> None:
    images = page.all("img")

    assert len(images) > 10
    for image in images:
        assert image["src"] in files
        assert image["alt"]
        assert int(image["width"] or 0) > 0
        assert int(image["height"] or 0) > 0


def test_every_file_is_used_and_each_comes_once(page: Page) -> None:
    shelf = Shelf()

    names = [path for path, _ in make_html(shelf.book(2, more=2), Album(shelf.read))]

    assert len(names) == len(set(names))
    assert names[-1] == "book.html"
    pictures = {image["src"] for image in page.all("img")}
    assert set(names) - pictures == {
        "book.html",
        "assets/Andika-Regular.ttf",
        "assets/Andika-Bold.ttf",
        "assets/Grandstander-ExtraBold.ttf",
        "assets/Grandstander-OFL.txt",
        "assets/OFL.txt",
    }


def test_nothing_leads_outside(page: Page) -> None:
    assert not re.search(r"https?:|//[a-z]|@import", page.source)
    assert not page.all("a")
    assert not page.all("link")


def test_policy_allows_only_the_very_style_and_script(page: Page) -> None:
    policy = next(meta["content"] or "" for meta in page.all("meta") if "http-equiv" in meta)

    for tag, source in (("style", "style-src"), ("script", "script-src")):
        inside = re.search(rf"<{tag}>(.*?)</{tag}>", page.source, re.DOTALL)
        assert inside
        digest = b64encode(sha256(inside[1].encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not any("style" in attributes or "onclick" in attributes for _, attributes in page.tags)


def test_page_says_its_language_and_title(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "en"
    assert "<title>Pip and the Sea</title>" in page.source
    assert len(page.all("h1")) == 1


def test_story_can_be_read_as_one_paragraph(page: Page) -> None:
    assert " ".join(STORY.split()) in " ".join(page.text.split())


def test_sheets_open_as_spreads(page: Page) -> None:
    spreads = [attributes["class"] for attributes in page.all("section")]
    sheets = [attributes["id"] for attributes in page.all("article")]

    assert spreads == ["spread front", "spread opening", *["spread leaves"] * 5, "spread closing"]
    assert sheets[:4] == ["cover", "sheet-1", "sheet-2", "sheet-3"]


def test_every_element_has_a_place_of_its_own(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]

    assert len(ids) == len(set(ids))
    for name, attributes in page.tags:
        if name in {"img", "svg"} and "id" in attributes:
            assert f"#{attributes['id']}{{left:" in page.source


def test_hostile_text_is_shown_as_text() -> None:
    shelf = Shelf()
    imprint = replace(IMPRINT, title=HOSTILE, author=HOSTILE, dedication=HOSTILE, language='"><b>')
    book = shelf.book(1, imprint=imprint, story=HOSTILE, caption=HOSTILE)

    page = Page(dict(make_html(book, Album(shelf.read)))["book.html"].decode())

    assert len(page.all("script")) == 1
    assert len(page.all("style")) == 1
    assert not page.all("b")
    assert "{{ 7*7 }}" in page.text
    assert "🦊" in page.text


def test_same_book_has_the_same_files(files: dict[str, bytes]) -> None:
    shelf = Shelf()

    assert dict(make_html(shelf.book(2, more=2), Album(shelf.read))) == files


def test_picture_names_tell_nothing_of_the_family(files: dict[str, bytes]) -> None:
    pictures = [path for path in files if path.endswith(".jpg")]

    assert all(re.fullmatch(r"assets/[0-9a-f]{20}\.jpg", path) for path in pictures)


def test_small_screens_let_the_reading_flow(page: Page) -> None:
    flowing = [attributes["id"] for attributes in page.all("article") if "flow" in (attributes["class"] or "")]

    assert flowing == [
        "sheet-2",
        "sheet-3",
        "sheet-4",
        "sheet-6",
        "sheet-8",
        "sheet-9",
        "sheet-10",
        "sheet-11",
        "sheet-12",
    ]
