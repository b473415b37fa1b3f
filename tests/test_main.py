"""The command line: quick to answer, plain about what is missing, and true about settings and plan."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import main
import wiring.plan
from agents.book.settings import Settings
from tests.conftest import ROOT, need
from tests.e2e.running import MAIN, environment, run_child, run_main
from tests.e2e.sources import make_source
from wiring import VERSION

HEAVY = (
    *("PIL", "fastapi", "fontTools", "google", "jinja2", "loguru", "msgspec", "numpy", "openai", "pydantic"),
    *("qdrant_client", "rich", "scipy", "starlette", "tenacity", "typst", "uvicorn"),
    *("swarm", "registry", "monitor", "agents"),
)
OF_SERVICES = (
    *("dotenv", "pydantic_settings", "openai", "httpx", "httpx2", "qdrant_client", "google.cloud.storage", "requests"),
    *("fastapi", "uvicorn", "prometheus_client", "opentelemetry"),
    *("agents.services.qdrant_server", "agents.services.openai_client", "agents.services.gcs_client"),
)
ROLES = ("ingest", "pair", "sequence", "arrange", "grid", "write", "design", "review", "scale", "bind")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("DOODLEBOUND_") or name == "SOURCE_DATE_EPOCH":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["make", "--help"]])
def test_what_needs_no_work_imports_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    code = (
        f"import sys, atexit; sys.path.insert(0, {str(ROOT)!r}); import main\n"
        "atexit.register(lambda: print('loaded:', *sys.modules, file=sys.stderr))\n"
        f"main.main({words!r})"
    )

    ended = run_child("-c", code, cwd=tmp_path, program=(sys.executable,))

    assert ended.code == 0
    loaded = ended.err.partition("loaded:")[2].split()
    assert "argparse" in loaded
    assert set(HEAVY).isdisjoint(loaded)


def test_a_book_without_services_loads_no_part_of_any(tmp_path: Path) -> None:
    make_source(tmp_path / "source")
    run_child("make", "source", "--formats", "html", cwd=tmp_path)  # the vector index is loaded when pairs are found
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import main\n"
        "main.main(['make', 'source', '--formats', 'html', '--quiet']); print(*sys.modules)"
    )

    ended = run_child("-c", code, cwd=tmp_path, program=(sys.executable,))

    assert ended.code == 0
    assert "wiring.work" in ended.out.split()
    assert set(OF_SERVICES).isdisjoint(ended.out.split())


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    ended = run_main("--version")

    declared = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert declared
    assert ended.out == f"doodlebound {declared[1]}\n"


@pytest.mark.parametrize("words", [[], ["make", "x"], ["plan"], ["agents"], ["config"], ["new-agent", "mascot"]])
def test_a_missing_dependency_is_one_sentence_that_says_how_to_install_it(tmp_path: Path, words: list[str]) -> None:
    bare = getattr(sys, "_base_executable", sys.executable)
    probe = subprocess.run([bare, "-E", "-s", "-S", "-c", "import pydantic"], capture_output=True, check=False)
    need(probe.returncode, "a Python without our dependencies")

    ended = run_child(*words, cwd=tmp_path, program=(bare, "-E", "-s", "-S", MAIN))

    assert ended.code == 2
    assert re.search(r"the Python package \w+ is missing: run `make book`, or `pip install", ended.complaint)
    assert len(ended.err.splitlines()) == 1


def test_a_python_that_does_not_look_beside_the_program_is_one_sentence(tmp_path: Path) -> None:
    ended = run_child("plan", cwd=tmp_path, program=(sys.executable, "-I", MAIN))

    assert ended.code == 2
    assert "the package swarm is not found beside" in ended.complaint
    assert "PYTHONSAFEPATH" in ended.complaint


@pytest.mark.parametrize("name", ["swarm", "registry", "monitor", "agents"])
def test_a_package_of_another_that_has_our_name_is_named_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "other" / name).mkdir(parents=True)
    (tmp_path / "other" / name / "__init__.py").write_text("raise SystemExit('it was imported')")
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path / 'other')!r}, {str(ROOT)!r}]; import main; sys.exit(main.main())"
    )

    ended = run_child("-c", code, "plan", cwd=tmp_path, program=(sys.executable,))

    assert ended.code == 2
    assert f"the package {name} is at {tmp_path / 'other' / name}" in ended.complaint
    assert "virtual environment of its own" in ended.complaint


def test_config_prints_every_setting_with_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "book.toml").write_text('title = "A Day"\n[captions]\n')
    monkeypatch.setenv("DOODLEBOUND_SEED", "7")

    ended = run_main("config", tmp_path)

    rows = [re.split(r"\s{2,}", line) for line in ended.out.partition("\n\n")[0].splitlines()]
    assert rows[0] == ["setting", "value", "from"]
    assert [row[0] for row in rows[1:]] == list(Settings.model_fields)
    assert ["title", '"A Day"', "book.toml"] in rows
    assert ["seed", "7", "environment"] in rows
    assert ["age", "5", "default"] in rows


def test_config_masks_secrets_and_says_where_each_is_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-1")
    secret = tmp_path / "secrets" / "doodlebound_monitor_token"
    secret.parent.mkdir()
    secret.write_text("planted-2")
    secret.chmod(0o600)
    Path(".env").write_text(
        f"QDRANT_API_KEY=planted-3\nQDRANT_URL=https://q.example\nDOODLEBOUND_SECRETS_DIR={secret.parent}\n"
        "DOODLEBOUND_LANGUAGE=openai\n"
    )

    text, told = run_main("config").out, json.loads(run_main("config", "--json").out)

    assert "planted" not in text + json.dumps(told)
    assert {name: tuple(one.values()) for name, one in told["credentials"].items() if one["value"]} == {
        "OPENAI_API_KEY": ("********", "environment"),
        "QDRANT_URL": ("https://q.example", ".env"),
        "QDRANT_API_KEY": ("********", ".env"),
        "DOODLEBOUND_MONITOR_TOKEN": ("********", "folder of secrets"),
    }
    assert told["settings"]["language"] == {"value": "openai", "from": ".env"}
    assert told["settings"]["moderation"] == {"value": True, "from": "default"}
    assert told["features"]["moderation"] is True
    assert all(name in text for name in told["credentials"])
    assert re.search(r"^moderation +on ", text, re.MULTILINE)


def test_the_plan_is_shown_with_every_agent_after_those_it_needs() -> None:
    ended = run_main("plan")

    assert ended.code == 0
    assert all(re.search(rf"\b{role}\b", ended.out) for role in ROLES)


def test_the_plan_is_drawn_as_a_graph() -> None:
    ended = run_main("plan", "--dot")

    assert ended.out.startswith("digraph")
    assert ended.out.count("{") == ended.out.count("}")
    for edge in (("ingest", "pair"), ("pair", "sequence"), ("write", "design"), ("review", "bind")):
        assert re.search(r'"?{}"? -> "?{}"?'.format(*edge), ended.out), edge


def test_the_agents_are_listed_with_what_they_do() -> None:
    rows = [re.split(r"\s{2,}", line) for line in run_main("agents").out.splitlines()]

    assert rows[0] == ["role", "scope", "needs", "kind", "workers", "state", "does"]
    assert {row[0] for row in rows[1:]} >= set(ROLES)
    assert all(len(row) == 7 and row[5] == "running" and row[6] for row in rows[1:])
    assert next(row for row in rows if row[0] == "ingest")[1:4] == ["image", "-", "hazardous"]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], ["sample"]),
        (["--age", "4"], ["sample", "--age", "4"]),
        (["make", "x"], ["make", "x"]),
        (["--help"], ["--help"]),
        (["-h"], ["-h"]),
        (["--version"], ["--version"]),
    ],
)
def test_the_sample_is_made_when_no_command_is_given(argv: list[str], words: list[str]) -> None:
    assert main._with_default_command(argv) == words


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, MAIN, "plan"], stdout=write, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()
        )
    finally:
        os.close(write)

    assert done.returncode == 1
    assert done.stderr == b""


def test_an_error_nobody_foresaw_is_one_sentence_and_a_traceback_with_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("a\nsurprise")

    monkeypatch.setattr(wiring.plan, "plan", broken)

    ended = run_main("plan")

    assert ended.code == 1
    assert ended.complaint.startswith("something unforeseen happened (ValueError: a\\nsurprise)")
    assert "--debug" in ended.complaint
    with pytest.raises(ValueError, match="surprise"):
        run_main("plan", "--debug")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project as its built wheel installs it."""
    need(int(version("setuptools").partition(".")[0]) >= 77, "setuptools 77")
    work = tmp_path_factory.mktemp("wheel")
    source = work / "source"
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    need(names.returncode == 0, "git, or a checkout")
    for name in names.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "bench/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-deps", "--no-index"]
    commands: tuple[list[str | Path], ...] = (
        ["wheel", *offline, "--no-build-isolation", "--wheel-dir", work, source],
        ["install", *offline, "--target", work / "target", "--find-links", work, "doodlebound"],
    )
    for words in commands:
        done = subprocess.run([*pip, *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return work / "target"


def _run_installed(target: Path, cwd: Path, *words: str) -> Any:
    paths = os.pathsep.join([str(target), sysconfig.get_path("purelib")])
    script = target / "bin" / "doodlebound"
    return run_child(*words, cwd=cwd, program=(sys.executable, script), env=environment(PYTHONPATH=paths))


def test_the_wheel_holds_all_that_a_book_needs_and_the_sample(installed: Path, tmp_path: Path) -> None:
    assert _run_installed(installed, tmp_path, "--version").out == f"doodlebound {VERSION}\n"

    ended = _run_installed(installed, tmp_path, "--json", "--quiet")

    assert ended.code == 0, ended.err
    assert (ended.status["status"], ended.status["pages"]) == ("complete", 10)
    book = tmp_path / ended.book
    assert {"book.html", "book.pdf", "cover.jpg"} <= {path.name for path in book.iterdir()}
    assert json.loads((book / "book.json").read_text("utf-8"))["title"] == "Pip and the Wide, Wide World"


def test_an_installed_program_makes_no_new_agents(installed: Path, tmp_path: Path) -> None:
    ended = _run_installed(installed, tmp_path, "new-agent", "mascot")

    assert ended.code == 2
    assert "in a checkout of the project" in ended.complaint
