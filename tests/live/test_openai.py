"""OpenAI itself: a small book, for at most a quarter of a dollar."""

import json
from pathlib import Path

from tests.e2e.books import assert_matches_manifest, record
from tests.e2e.running import run_child
from tests.e2e.sources import make_source
from tests.live.conftest import named


def test_a_small_book_is_told_by_openai(tmp_path: Path) -> None:
    named("LIVE_OPENAI")
    source = make_source(tmp_path / "source", names=("fish", "house"), renderings=1)

    words = ("make", "--online", "--max-cost-usd", "0.25", "--formats", "html", "--json", "--", source)
    ended = run_child(*words, cwd=tmp_path)

    assert ended.code == 0, ended.err
    assert_matches_manifest(ended.book)
    assert record(ended.book)["made_with"]["language"].startswith("openai:")
    report = json.loads((ended.book / "report.json").read_text("utf-8"))
    assert sum(sum(by.values()) for by in report["calls_total"].values()) > 0
