"""Planted secrets, and the search for them in all that the program says, writes and runs: also when a server repeats
them, and when everything goes wrong."""

import base64
import io
import json
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.running import Ended, environment, run_child, run_main
from tests.e2e.sources import make_source
from tests.peers.openai import OpenAI
from tests.peers.qdrant import Qdrant
from tests.peers.serving import Answer, Asked, served

PLANTED = {
    "OPENAI_API_KEY": "Plant3d/OpenAI+key",
    "QDRANT_API_KEY": "Plant3d/Qdrant+key",
    "DOODLEBOUND_MONITOR_TOKEN": "Plant3d/monitor+token",
    "IN_AN_ADDRESS": "Plant3d-address-token",
    "IN_A_KEY_FILE": "Plant3d-private-key",
}
"""None looks like a key, so that nothing that only knows their look can hide them."""
ONLINE = {"DOODLEBOUND_LANGUAGE": "openai", "DOODLEBOUND_VISION": "openai", "DOODLEBOUND_VECTORS": "qdrant"}


def _spellings() -> Iterator[tuple[str, bytes]]:
    for name, secret in PLANTED.items():
        for spelling in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], secret[:-3]):
            yield name, spelling.encode()
        yield name, base64.b64encode(secret.encode()).rstrip(b"=")[:-1]


def _found(data: bytes) -> set[str]:
    """The names of the secrets that stand in these bytes, in any spelling."""
    return {name for name, spelling in _spellings() if spelling in data}


def _written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All files below a folder, with what lies in archives."""
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield str(path), data
            if zipfile.is_zipfile(io.BytesIO(data)):
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    yield from ((f"{path}:{name}", archive.read(name)) for name in archive.namelist())


@dataclass
class Watched:
    """A peer that looks at the list of processes whenever it is asked."""

    peer: OpenAI
    command_lines: set[bytes] = field(default_factory=set)

    async def answer(self, asked: Asked) -> Answer:
        """The peer's answer."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                self.command_lines.add(path.read_bytes())
        return await self.peer.answer(asked)


@dataclass
class Echo:
    """A server that repeats in its answer all headers that it was sent, keys and all."""

    status: int

    async def answer(self, asked: Asked) -> Answer:
        """What it was told."""
        told = " ".join(asked.headers.values())
        error = {"message": told, "type": told, "code": told, "param": told}
        body = {"error": error, "status": {"error": told}, "id": told, "model": told, "usage": told}
        return Answer.of(body, self.status, retry_after="0")


def _ended(*words: str | Path) -> Ended:
    try:
        return run_main(*words)
    except Exception:
        assert "--debug" in words, traceback.format_exc()
        return Ended(1, "", traceback.format_exc())


@dataclass
class Stage:
    """A folder to work in, with a source, and the environment of the program there."""

    folder: Path
    env: dict[str, str]
    ended: list[Ended] = field(default_factory=list)

    def run(self, *words: str | Path, **more: str) -> Ended:
        """Run a command there: in this process, where it is quicker; a traceback is as in one of its own."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            for name, value in (self.env | more).items():
                patch.setenv(name, value)
            self.ended.append(_ended(*words))
        return self.ended[-1]

    def run_child(self, *words: str | Path) -> Ended:
        """Run a command there as people do."""
        self.ended.append(run_child(*words, cwd=self.folder, env=environment(**self.env)))
        return self.ended[-1]

    def leaks(self) -> list[tuple[str, set[str]]]:
        """Where a secret was shown or kept, and which; the folder of secrets is where they belong."""
        said = [(f"command {nth}", f"{one.out}{one.err}".encode()) for nth, one in enumerate(self.ended)]
        kept = [(path, data) for path, data in _written(self.folder) if "/secrets/" not in path]
        return [(where, found) for where, data in (*said, *kept) if (found := _found(data))]


def _stage(folder: Path) -> Stage:
    """A small source, and all secrets in the environment."""
    make_source(folder / "source", names=("fish", "sun"), renderings=1)
    return Stage(folder, {name: secret for name, secret in PLANTED.items() if not name.startswith("IN_")})


def _stage_with_folder(folder: Path) -> Stage:
    """The same with the secrets in a folder of their own."""
    stage = _stage(folder)
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    for name, secret in stage.env.items():
        (secrets / name.lower()).write_text(f"{secret}\n")
        (secrets / name.lower()).chmod(0o600)
    return Stage(folder, {"DOODLEBOUND_SECRETS_DIR": str(secrets)})


def _on(stage: Stage, openai_url: str, qdrant_url: str) -> None:
    stage.env |= ONLINE | {"OPENAI_BASE_URL": f"{openai_url}/v1", "QDRANT_URL": qdrant_url}


@pytest.mark.parametrize("staged", [_stage, _stage_with_folder])
def test_no_secret_is_in_anything_that_a_run_and_all_commands_show_and_keep(
    tmp_path: Path, staged: Callable[[Path], Stage]
) -> None:
    stage = staged(tmp_path)
    watched = Watched(OpenAI(key=PLANTED["OPENAI_API_KEY"]))
    with served(watched) as openai, served(Qdrant(key=PLANTED["QDRANT_API_KEY"])) as qdrant:
        _on(stage, openai.url, qdrant.url)
        made = stage.run_child("make", "source", "--debug", "--json", "--formats", "html,epub", "--keep-work")
        assert made.code == 0, made.err
        assert "answers with" in stage.run("check", "source").out
        for words in (["config"], ["config", "--json"], ["runs"], ["show", "2"]):
            stage.run(*words)
        similar = stage.run("similar", stage.folder / "source" / "inputs" / "sun.png", "--json")
        assert json.loads(similar.out)["fault"] is None

    assert stage.leaks() == []
    assert any(b"main.py" in line for line in watched.command_lines)
    assert [line for line in watched.command_lines if _found(line)] == []


@pytest.mark.parametrize("status", [200, 400, 401])
def test_no_secret_is_kept_or_shown_when_a_server_repeats_it(tmp_path: Path, status: int) -> None:
    stage = _stage(tmp_path)
    with served(Echo(status)) as echo:
        _on(stage, echo.url, echo.url)
        made = stage.run("make", "source", "--debug", "--json", "--formats", "html")

    assert made.status["run"]
    assert any(PLANTED["OPENAI_API_KEY"] in exchange.asked.headers.get("authorization", "") for exchange in echo.log)
    assert stage.leaks() == []


@pytest.mark.parametrize("status", [200, 403, 429, 500])
def test_no_secret_is_shown_by_check_when_a_server_repeats_it(tmp_path: Path, status: int) -> None:
    stage = _stage(tmp_path)
    with served(Echo(status)) as echo:
        _on(stage, echo.url, echo.url)
        checked = json.loads(stage.run("check", "--json").out)

    assert {one["name"] for one in checked["checks"]} >= {"language:openai", "vectors:qdrant"}
    assert stage.leaks() == []


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "QDRANT_URL"])
@pytest.mark.parametrize("form", ["http://me:{}@127.0.0.1:1/v1", "http://127.0.0.1:1/v1?token={}", "{}"])
def test_no_secret_in_an_address_is_repeated_when_it_is_refused(tmp_path: Path, name: str, form: str) -> None:
    stage = _stage(tmp_path)
    stage.env |= ONLINE | {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "QDRANT_URL": "http://127.0.0.1:1"}
    stage.env[name] = form.format(PLANTED["IN_AN_ADDRESS"])

    codes = [stage.run(*words).code for words in (["make", "source"], ["make", "source", "--debug"], ["check"])]

    assert codes == [2, 1, 2], "with --debug it is a traceback"
    assert f"SettingsError: {name} must be an address" in stage.ended[1].err
    assert stage.leaks() == []


def test_no_secret_of_a_file_is_shown_when_it_cannot_be_used(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    (tmp_path / "secrets").mkdir()
    key_file, open_file = tmp_path / "secrets" / "key.json", tmp_path / "secrets" / "qdrant_url"
    key_file.write_text(f'{{"type": "service_account", "private_key": "{PLANTED["IN_A_KEY_FILE"]}", broken')
    open_file.write_text(PLANTED["IN_AN_ADDRESS"])
    open_file.chmod(0o644)

    bucket = stage.run("make", "gs://bucket/mia", "--debug", GOOGLE_APPLICATION_CREDENTIALS=str(key_file))
    others = stage.run("config", DOODLEBOUND_SECRETS_DIR=str(open_file.parent))

    assert bucket.code in (1, 2)
    assert others.code == 2
    assert "others may read" in others.complaint
    assert stage.leaks() == []


def test_no_secret_is_shown_when_it_cannot_be_one(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    stage.env["OPENAI_API_KEY"] += "\nX-Other: header"

    assert stage.run("config").code == 2
    assert stage.leaks() == []
