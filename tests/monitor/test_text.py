import json
import time

import pytest

from monitor.text import Redactor, redacted, shortened, table, visible

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcDEF123_-456",
        "AIzaSyA1234567890abcdefghijklmnopqrstu",
        "Bearer abc.def-ghi~123",
        "bearer   abcdefgh12345",
        "X-Goog-Signature=0a1b2c3d",
        "x-goog-signature%3D0a1b2c3d",
        PEM,
        PEM[:50],
    ],
)
def test_redacted_masks_what_looks_like_a_secret(secret: str) -> None:
    assert redacted(f"before ({secret}") == "before ([redacted]"


@pytest.mark.parametrize("text", ["risk-assessment-report", "a bear", "task sk-1", "AIza", "Bearer x"])
def test_redacted_leaves_words_alone(text: str) -> None:
    assert redacted(text) == text


def test_redacted_leaves_what_stands_around_a_secret() -> None:
    link = "https://x/y?X-Goog-Signature=0a1b&X-Goog-Date=1"

    assert redacted(link) == "https://x/y?[redacted]&X-Goog-Date=1"


def test_redactor_masks_exact_values_in_all_spellings() -> None:
    secret = 'pa"ss\\wörd\n/1'
    redact = Redactor([secret, "", "abc"])

    for text in (secret, json.dumps(secret), repr(secret), "https://u:pa%22ss%5Cw%C3%B6rd%0A%2F1@x"):
        assert "[redacted]" in redact(text)
        assert "rd" not in redact(text)
    assert redact("abc") == "abc"


def test_redactor_takes_the_longer_of_two_that_overlap() -> None:
    assert Redactor(["hunter", "hunter22"])("hunter22") == "[redacted]"


def test_redacted_takes_time_that_grows_with_the_text_only() -> None:
    began = time.perf_counter()
    redacted("-----BEGIN A-----" * 20_000 + "sk-" * 20_000 + "Bearer " * 20_000)

    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("zwölf Bären 🐻", "zwölf Bären 🐻"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred\x9b", "\\x1b[31mred\\x9b"),
        ("x\u202egnp.exe", "x\\u202egnp.exe"),
        ("\u2066a\u2069\u200b\u2028", "\\u2066a\\u2069\\u200b\\u2028"),
        ("\udc80.png", "\ufffd.png"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_visible_makes_one_harmless_line(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_shortened_tells_how_much_is_missing() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 4) == "abcd… (3 characters more)"


def test_table_aligns_its_columns_and_shows_what_is_hidden() -> None:
    assert table([("a", "bb"), ("ccc\n", "d")]) == "a      bb\nccc\\n  d"


def test_redactor_learns_what_else_is_secret() -> None:
    redact = Redactor()
    assert redact("hunter22") == "hunter22"

    redact.learn(["hunter22", "correct horse"])

    assert redact("hunter22 correct horse") == "[redacted] [redacted]"
