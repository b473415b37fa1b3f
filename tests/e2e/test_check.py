"""`check`: what is found of settings, folders and services, and that it costs next to nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import Ended, run_main
from tests.peers.faults import Fault, Reset, Rule, Status
from tests.peers.gcs import Gcs
from tests.peers.openai import OpenAI
from tests.peers.openai_faults import BARE, HTML, NO_JSON, no_quota, rate_limited, server_error
from tests.peers.proxy import proxied
from tests.peers.qdrant import Qdrant
from tests.peers.serving import served

KEY = "sk-planted-0123456789"
ALWAYS = ["settings", "keys", "out", "disk", "journal"]


def _check(*argv: str | Path) -> tuple[Ended, dict[str, tuple[str, str]]]:
    ended = run_main("check", "--json", *argv)
    assert ended.err == ""
    assert KEY not in ended.out
    told: dict[str, Any] = json.loads(ended.out)
    statuses = [one["status"] for one in told["checks"]]
    assert told["status"] == max(statuses, key=["pass", "warn", "fail"].index)
    assert all(one["seconds"] >= 0 for one in told["checks"])
    return ended, {one["name"]: (one["status"], one["said"]) for one in told["checks"]}


@pytest.fixture
def openai(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[OpenAI, str]]:
    peer = OpenAI(key=KEY)
    with served(peer) as here:
        monkeypatch.setenv("DOODLEBOUND_LANGUAGE", "openai")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{here.url}/v1")
        yield peer, here.url


def test_check_passes_offline_with_the_defaults_and_makes_nothing(tmp_path: Path) -> None:
    ended, found = _check()

    assert ended.code == 0
    assert list(found) == ALWAYS
    assert {status for status, _ in found.values()} <= {"pass", "warn"}
    assert found["settings"][1].endswith("nothing leaves this machine")
    assert list(tmp_path.iterdir()) == []


def test_check_is_a_table_for_people(source: Path) -> None:
    lines = run_main("check", source).out.splitlines()

    assert lines[0].split() == ["check", "is", "after", "what", "was", "found,", "and", "what", "to", "do"]
    assert [line.split()[0] for line in lines[1:]] == ["settings", "keys", "source", "out", "disk", "journal"]


def test_check_looks_at_the_source(source: Path, tmp_path: Path) -> None:
    assert _check(source)[1]["source"] == ("pass", f"{source} has 3 drawings and 6 renderings")

    ended, found = _check(tmp_path / "nowhere")
    assert ended.code == 2
    assert found["source"][0] == "fail"
    assert "nowhere" in found["source"][1]


def test_check_stops_at_settings_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOODLEBOUND_LANGUAGE", "openai")

    ended, found = _check()

    assert ended.code == 2
    assert list(found) == ["settings"]
    assert "there is no key" in found["settings"][1]


def test_check_sees_where_no_book_can_be_put(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    ended, found = _check("--out", tmp_path / "file" / "books")

    assert ended.code == 2
    assert "cannot be written; name another with --out" in found["out"][1]


def test_check_warns_of_a_damaged_journal_and_of_secrets_that_others_may_read(tmp_path: Path) -> None:
    (tmp_path / "books" / ".doodlebound").mkdir(parents=True)
    (tmp_path / "books" / ".doodlebound" / "journal.db").write_bytes(b"")
    Path(".env").write_text("QDRANT_API_KEY=x\n")
    Path(".env").chmod(0o644)

    ended, found = _check()

    assert ended.code == 0
    assert found["journal"][0] == found["keys"][0] == "warn"
    assert "is damaged (the file is empty)" in found["journal"][1]
    assert "`chmod 600`" in found["keys"][1]


def test_check_sees_a_key_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")

    ended, found = _check()

    assert ended.code == 2
    assert "GOOGLE_APPLICATION_CREDENTIALS names /nowhere/key.json" in found["keys"][1]


def test_check_makes_one_tiny_call_to_openai(openai: tuple[OpenAI, str]) -> None:
    ended, found = _check()

    assert ended.code == 0
    assert found["language:openai"][0] == "pass"
    assert "answers with gpt-5-mini" in found["language:openai"][1]
    assert len(openai[0].bills) == 1
    assert openai[0].bills[0].output_tokens <= 16


def test_check_makes_a_vector_where_only_the_pictures_are_described(
    openai: tuple[OpenAI, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOODLEBOUND_LANGUAGE", "offline")
    monkeypatch.setenv("DOODLEBOUND_VISION", "openai")

    assert _check()[1]["vision:openai"][0] == "pass"
    assert [bill.path for bill in openai[0].bills] == ["/embeddings"]


def test_check_makes_no_call_when_told_so(openai: tuple[OpenAI, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with proxied(openai[1]) as proxy:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{proxy.url}/v1")
        ended, found = _check("--no-calls")

    assert ended.code == 0
    assert found["language:openai"][1].endswith("was not asked (--no-calls)")
    assert proxy.log == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Status(401), "does not accept the key"),
        (no_quota(), "mend its billing"),
        (rate_limited(("retry-after", "30")), "asked too often"),
        (server_error(), "failed with status 500"),
        (Reset(), "cannot be reached"),
        (HTML, "check OPENAI_BASE_URL"),
        (NO_JSON, "check OPENAI_BASE_URL"),
        (BARE, "check OPENAI_BASE_URL"),
    ],
)
def test_check_says_what_is_wrong_with_openai_and_asks_it_once(
    openai: tuple[OpenAI, str], monkeypatch: pytest.MonkeyPatch, fault: Fault, said: str
) -> None:
    with proxied(openai[1], Rule(fault)) as proxy:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{proxy.url}/v1")
        ended, found = _check()

    assert ended.code == 1
    assert found["language:openai"][0] == "fail"
    assert said in found["language:openai"][1]
    assert len(proxy.log) == 1


def test_check_greets_a_qdrant_server_and_warns_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOODLEBOUND_VECTORS", "qdrant")
    with served(Qdrant()) as here:
        monkeypatch.setenv("QDRANT_URL", here.url)
        ended, found = _check()
        assert (ended.code, found["vectors:qdrant"]) == (0, ("pass", f"{here.url} answers, and has 0 collections"))

    ended, found = _check()
    assert (ended.code, found["vectors:qdrant"][0]) == (0, "warn")
    assert "cannot be reached" in found["vectors:qdrant"][1]
    assert "books are made without it" in found["vectors:qdrant"][1]


def test_check_looks_into_a_bucket(monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    peer = Gcs()
    for heap in ("inputs", "outputs"):
        for picture in sorted((source / heap).iterdir()):
            peer.bucket("pictures").put(f"mia/{heap}/{picture.name}", picture.read_bytes())
    with served(peer) as here:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", here.url)
        ended, found = _check("gs://pictures/mia")
        missing, lost = _check("gs://nowhere/mia")

    assert (ended.code, found["storage:gcs"]) == (0, ("pass", "gs://pictures/mia has 3 drawings and 6 renderings"))
    assert (missing.code, lost["storage:gcs"][0]) == (1, "fail")
    assert "gs://nowhere" in lost["storage:gcs"][1]
