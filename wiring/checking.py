"""`check`: tries settings, folders, disk, journal and each service as configured, and says what to do about the rest.

Nothing is made or changed. Each look has a deadline; all of them are taken at the same time. The one that may cost
something is a tiny call to OpenAI, which can be left out.
"""

import asyncio
import json
import os
import shutil
import stat
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from agents.book.settings import Settings
from agents.services.calling import Attempt, Policy
from agents.services.credentials import Credentials
from agents.services.dotenv import DOTENV
from agents.services.errors import SettingsError
from agents.services.publishing import OutFolder
from monitor import Status, disk_check
from monitor.text import table
from registry import ThreadPool
from swarm import SwarmError
from swarm.store import damage
from wiring.endings import BAD_INPUT, FAILED, OK
from wiring.job import configuration, listed, opened
from wiring.shelf import JOURNAL
from wiring.sources import Source, source_named
from wiring.uploading import check_upload

if TYPE_CHECKING:
    from agents.services.paid import Question

_PATIENCE_S = 12.0
_STORAGE_S = 10.0
_CALL_S = 8.0
_THREADS = 8
_OF_THE_PERSON = ("settings", "keys", "source", "out", "disk")
"""What fails of these is mended by the person, with exit code 2; what else fails may be well again later."""

Look: TypeAlias = Callable[[], Awaitable[str]]
"""Says what it found, in words; raises SwarmError or Doubt otherwise."""


class Doubt(Exception):
    """It works, but the person should know something: a warning."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing was found: `said` is what is the matter and what to do, or what works."""

    name: str
    status: Status
    said: str
    seconds: float = 0.0


def findings(arguments: Namespace) -> list[Finding]:
    """Look at everything. Raises nothing that a person could mend: that is a finding."""
    began = time.monotonic()
    try:
        source = source_named(arguments.source) if arguments.source else None
        settings = configuration(arguments, source).settings
        opened(settings)
        credentials = Credentials.read()
    except SettingsError as error:
        return [Finding("settings", Status.FAIL, str(error), time.monotonic() - began)]
    quick = settings.model_copy(update={"storage_deadline_s": min(settings.storage_deadline_s, _STORAGE_S)})
    found = Finding("settings", Status.PASS, _what_goes_where(settings), time.monotonic() - began)
    return [found, *asyncio.run(_all(quick, source, credentials, may_call=not arguments.no_calls))]


def as_text(found: Sequence[Finding]) -> str:
    """A table, worst things last."""
    rows = [("check", "is", "after", "what was found, and what to do")]
    rows += [(one.name, one.status.value, f"{one.seconds:.1f} s", one.said) for one in found]
    return table(rows)


def as_json(found: Sequence[Finding]) -> str:
    """One object with the worst `status` and the `checks`, on one line."""
    told = [asdict(one) | {"status": one.status.value, "seconds": round(one.seconds, 2)} for one in found]
    worst = max((one.status for one in found), key=list(Status).index)
    return json.dumps({"status": worst.value, "checks": told}, ensure_ascii=False)


def exit_code(found: Sequence[Finding]) -> int:
    """0 when nothing failed, 2 when something did that the person mends, else 1."""
    failed = [one.name for one in found if one.status is Status.FAIL]
    if any(name in _OF_THE_PERSON for name in failed):
        return BAD_INPUT
    return FAILED if failed else OK


async def _all(settings: Settings, source: Source | None, credentials: Credentials, *, may_call: bool) -> list[Finding]:
    threads = ThreadPool(_THREADS, name="check")

    def blocking(look: Callable[[], str]) -> Look:
        return lambda: threads.run(look)

    looks: dict[str, Look] = {"keys": blocking(lambda: _keys(credentials))}
    if source is not None:
        name = "storage:gcs" if source.folder is None else "source"
        looks[name] = blocking(lambda: _source(settings, source))
    if settings.upload:
        looks["upload"] = blocking(lambda: _upload(settings, source))
    out = OutFolder(Path(settings.out))
    looks |= {
        "out": blocking(lambda: _out(out)),
        "disk": blocking(lambda: _disk(out)),
        "journal": blocking(lambda: _journal(out)),
    }
    if settings.vectors == "qdrant":
        looks["vectors:qdrant"] = lambda: _qdrant(credentials, threads)
    if settings.is_online:
        looks["language:openai" if settings.language == "openai" else "vision:openai"] = lambda: _openai(
            settings, credentials, threads, may_call
        )
    found = await asyncio.gather(*(_looked(name, look) for name, look in looks.items()))
    threads.close()
    return found


async def _looked(name: str, look: Look) -> Finding:
    began = time.monotonic()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            status, said = Status.PASS, await look()
    except Doubt as doubt:
        status, said = Status.WARN, str(doubt)
    except SwarmError as error:
        status, said = Status.FAIL, str(error)
    except TimeoutError:
        status, said = Status.FAIL, f"it did not answer within {_PATIENCE_S:.0f} s: see what holds it up"
    return Finding(name, status, said, time.monotonic() - began)


# What is looked at


def _what_goes_where(settings: Settings) -> str:
    """What leaves the machine with these settings."""
    places = {"language": settings.language, "vision": settings.vision, "vectors": settings.vectors}
    told = ", ".join(f"{name} is {place}" for name, place in places.items())
    leaves = settings.is_online or settings.vectors == "qdrant" or bool(settings.upload) or settings.traces
    return f"{told}; {'something' if leaves else 'nothing'} leaves this machine"


def _keys(credentials: Credentials) -> str:
    there = [name.upper() for name, value in credentials if value is not None]
    path = credentials.google_application_credentials
    if path is not None and not os.access(path, os.R_OK):
        raise SettingsError(f"GOOGLE_APPLICATION_CREDENTIALS names {path}, which cannot be read: mend the name")
    for file in (DOTENV, path):
        if file is not None and file.is_file() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise Doubt(f"others on this machine may read {file}: `chmod 600` it")
    return f"there are {', '.join(there)}" if there else "there are none, and none are needed offline"


def _source(settings: Settings, source: Source) -> str:
    pictures = listed(settings, source).pictures
    drawings = sum(picture.heap.value == "input" for picture in pictures)
    return f"{source.name} has {drawings} drawings and {len(pictures) - drawings} renderings"


def _upload(settings: Settings, source: Source | None) -> str:
    check_upload(settings, source or source_named("."))
    return f"{settings.upload} can be looked at; whether it may be written is seen at the first book"


def _out(out: OutFolder) -> str:
    nearest = next(path for path in (out.root.absolute(), *out.root.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise SettingsError(
            f"books cannot be put into {out.root}: {nearest} cannot be written; name another with --out"
        )
    return f"books go into {out.root}{'' if nearest == out.root.absolute() else ', which will be made'}"


def _disk(out: OutFolder) -> str:
    nearest = next(path for path in (out.root.absolute(), *out.root.absolute().parents) if path.exists())
    found = disk_check(nearest)
    if found.status is Status.FAIL:
        raise SettingsError(found.output)
    if found.status is Status.WARN:
        raise Doubt(found.output)
    return f"{shutil.disk_usage(nearest).free >> 20} MiB are free"


def _journal(out: OutFolder) -> str:
    path = out.store / JOURNAL
    if cause := damage.examine(path, is_thorough=False):
        raise Doubt(f"{path} is damaged ({cause}): the next command that uses it saves what can be read")
    return f"{path} is sound" if path.exists() else "there is none yet: the first book makes it"


async def _qdrant(credentials: Credentials, threads: ThreadPool) -> str:
    from agents.services.qdrant_calls import POLICY, QdrantCalls

    url, key = credentials.qdrant_url or "", credentials.qdrant_api_key
    policy = replace(POLICY, max_attempts=1, attempt_s=_CALL_S)
    calls = QdrantCalls.of(url, key, threads.run, lambda _event: None, policy)
    try:
        return f"{url} answers, and has {await calls.greet()} collections"
    except SwarmError as error:
        raise Doubt(f"{error} (books are made without it, and `similar` looks at this folder of books only)") from error
    finally:
        await calls.close()


async def _openai(settings: Settings, credentials: Credentials, threads: ThreadPool, may_call: bool) -> str:
    from agents.services.openai_client import OpenAIClient
    from agents.services.paid import Exchange

    key, address = credentials.openai_api_key, credentials.openai_base_url
    client = OpenAIClient(
        key=key.get_secret_value() if key else "none",
        address=address,
        organisation=credentials.openai_org_id,
        policy=Policy(attempt_s=_CALL_S),
        run_blocking=threads.run,
    )
    if not may_call:
        return f"{client.place} was not asked (--no-calls)"
    question, exchange = _tiny(settings), Exchange(Attempt(1, _CALL_S))
    try:
        await client.post(question, exchange)
    except Exception as error:
        if isinstance(error, SwarmError) or (meant := client.classify(error)) is None:
            raise
        raise meant from error
    finally:
        await client.close()
    tokens = exchange.usage.input + exchange.usage.output
    return f"{client.place} answers with {question.model}; the call took {tokens} tokens"


def _tiny(settings: Settings) -> "Question":
    from agents.services.openai_client import EMBEDDINGS, RESPONSES
    from agents.services.paid import Question

    if settings.language == "openai":
        body: dict[str, object] = {"input": "Say yes.", "max_output_tokens": 16, "store": False}
        return Question(RESPONSES, settings.language_model, body, 10, 16)
    return Question(EMBEDDINGS, settings.embedding_model, {"input": ["yes"]}, 1)
