import os
from pathlib import Path

import pytest

from tests.chaos import shaky, witness
from tests.chaos.prepared import PAGES, Prepared
from tests.chaos.stage import Stage
from tests.e2e.books import assert_matches_manifest
from tests.e2e.checkout import Checkout
from tests.e2e.sources import NAMES, make_source

collect_ignore = [] if os.environ.get("CHAOS") == "long" else ["test_long.py"]

SWIFT = {"DOODLEBOUND_DRAIN_S": "1"}
"""Settings of all cases: what hangs is not waited for as long as people would."""


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The program, with an agent that costs money and one that has little time."""
    made = Checkout(tmp_path_factory.mktemp("checkout"))
    for extra in (witness, shaky):
        (made.root / "agents" / f"{extra.ROLE}.py").write_text(extra.CODE)
    return made


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drawings with a rendering each."""
    return make_source(tmp_path_factory.mktemp("pictures") / "source", names=NAMES[:PAGES], renderings=1)


@pytest.fixture(scope="session")
def prepared(checkout: Checkout, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Runs that have come just so far."""
    bare = tmp_path_factory.mktemp("prepared") / "bare"
    bare.mkdir()
    return Prepared(Stage(checkout, pictures, bare, variables=SWIFT))


@pytest.fixture(scope="session")
def unbroken(checkout: Checkout, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book that a run makes to which nothing happens."""
    stage = Stage(checkout, pictures, tmp_path_factory.mktemp("unbroken"))
    ended = stage.make()
    assert ended.code == 0, ended
    stage.check_after(set(), ended)
    assert_matches_manifest(ended.book)
    stage.check_tidy()
    assert len(witness.calls(stage.root / "ledger")) == PAGES
    return ended.book


@pytest.fixture
def stage(checkout: Checkout, pictures: Path, tmp_path: Path) -> Stage:
    """A case of its own in which nothing has been done yet."""
    return Stage(checkout, pictures, tmp_path, variables=SWIFT)


@pytest.fixture(scope="session")
def replacing(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A run that is bound and not yet published, where an older edition of the book stands."""
    stage = prepared.after("", tmp_path_factory.mktemp("replacing"))
    assert stage.make("--seed", "1").code == 0
    stage.dies("recorded.bind:1", command="make")
    return stage
