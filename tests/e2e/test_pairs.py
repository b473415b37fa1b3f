"""The labelled pictures: real drawings with renderings under meaningless names, paired by what is to be seen."""

import csv
from pathlib import Path

from tests.e2e.books import assert_matches_manifest, places, record
from tests.e2e.running import make_book

LEAST_RIGHT = 0.90


def test_at_least_nine_of_ten_renderings_stand_beside_their_drawing(labelled_pairs: Path) -> None:
    with (labelled_pairs / "labels.csv").open(newline="") as file:
        labels = {row["output_path"]: row["input_path"] for row in csv.DictReader(file)}

    ended = make_book(labelled_pairs)

    assert ended.code == 0, ended.err
    pages = record(ended.book)["pages"]
    right = [path for page in pages for path in page["outputs"] if labels[path] == page["input"]]
    assert len(right) >= LEAST_RIGHT * len(labels)
    assert {page["input"] for page in pages} == set(labels.values())
    assert len(places(ended.book)) == len(labels) + len(set(labels.values()))
    assert_matches_manifest(ended.book)
