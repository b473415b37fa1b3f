"""A Qdrant server itself: it keeps the pictures of a book, and finds them again."""

import json
from pathlib import Path

from tests.e2e.running import environment, run_child
from tests.live.conftest import named


def test_the_pictures_of_a_book_are_found_again(source: Path, tmp_path: Path) -> None:
    env = environment(QDRANT_URL=named("QDRANT_URL"), DOODLEBOUND_VECTORS="qdrant")

    made = run_child("make", "--formats", "html", "--json", "--", source, cwd=tmp_path, env=env)
    found = run_child("similar", source / "inputs" / "sun.png", "--json", cwd=tmp_path, env=env)

    assert made.code == 0, made.err
    assert "inputs/sun.png" in [near["path"] for near in json.loads(found.out)["neighbours"]], found.err
