"""A job done: the swarm at work, stopped in good order where it must be, and the book put into its place."""

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from loguru import logger

from agents.book.picture import SourcePicture
from agents.book.volume import Volume
from agents.press.report import picture_report, report_page
from agents.services.draft import draft_toml
from agents.services.folder_blobs import FolderBlobs
from agents.services.ports import Vectors
from agents.services.publishing import KEEP
from monitor import WorkflowMonitor, logfile, step_context
from monitor.live import live_view
from registry import AgentRegistry, ThreadPool
from swarm import Coordinator, RunRequest, RunResult, SwarmError
from swarm.errors import JournalDamaged, RunHeld
from swarm.events import JournalCommitted
from swarm.failpoints import failpoint
from swarm.request import CAPPED, INTERRUPTED, Port
from swarm.store import undo
from swarm.store.runs import RunRow
from swarm.store.why import Forecast, forecast
from wiring import HERE
from wiring.endings import AT_CAP, BAD_INPUT, BAD_INPUT_CODE, FAILED, OK, PARTIAL, SIGNAL_CODES, Ending, failed, say
from wiring.health import endpoint
from wiring.job import Job, job_now
from wiring.logs import log_beginning, run_logs
from wiring.online import Services, as_report, opened, services
from wiring.outside import announce
from wiring.plan import LABELS, item_names, plan, wanted
from wiring.shelf import Shelf
from wiring.tracing import traced
from wiring.uploading import uploaded
from wiring.vectors import remember, vectors_of
from wiring.watching import figures_of, told

_PACKAGES = ("swarm", "registry", "monitor", "agents", "wiring")


def forecast_of(shelf: Shelf, row: RunRow) -> Forecast:
    """What making the book of a run again would do now."""
    job = job_now(shelf, row)
    threads = ThreadPool(1)
    request = _request(job, threads, vectors_of(job, ThreadPool(1, name="vectors")), services(job, threads.run))
    return forecast(shelf.writer, plan(job.settings), request, row.number)


def do(job: Job) -> Ending:
    """Make the book of a job and write down how that ended."""
    try:
        prepare(job)
        with run_logs(job) as logs:
            ending = asyncio.run(_run(job, logs.lend))
    except Exception as error:
        if job.is_debugged:
            raise
        ending = failed(error, run=job.run)
    except KeyboardInterrupt:
        ending = Ending(SIGNAL_CODES[signal.SIGINT], "interrupted", run=job.run, error="interrupted")
    return closed(job, ending)


def prepare(job: Job) -> None:
    """Make the working folder, under a promise to remove it."""
    undo.promise(job.shelf.writer, job.run, "remove-work", job.run)
    job.staging.mkdir(parents=True, exist_ok=True)
    if job.is_work_kept:
        (job.staging.parent / KEEP).touch()


def closed(job: Job, ending: Ending) -> Ending:
    """Take back what came to nothing, and let go of the run."""
    shelf = job.shelf
    job.storage.close()
    summary = msgspec.json.encode({"title": job.settings.shown_title, **json.loads(ending.as_json())})
    try:
        if ending.code in (OK, PARTIAL):
            shelf.settle(job.run)
        for fault in shelf.take_back(job.run):
            say(fault)
        shelf.runs.end(
            shelf.writer,
            job.run,
            ending.status,
            reason=ending.error or "",
            place=ending.book.name if ending.book else "",
            summary=summary,
        )
    except SwarmError as error:
        shelf.out.remove_work(job.run)
        if not ending.error:
            say(f"the book is there, but {error}")
    return ending


async def _run(job: Job, lend: Callable[[Callable[[str], object]], AbstractContextManager[object]]) -> Ending:
    attach(job)
    with handled_signals(job):
        async with live_view(job.monitor, labels=LABELS, is_quiet=job.is_quiet) as view:
            with lend(view.write):
                return await _make_and_publish(job)


def attach(job: Job) -> None:
    """Have the journal answer on the running loop, and stop the run when it fails."""
    job.shelf.writer.attach(asyncio.get_running_loop())
    job.shelf.writer.on_commit = lambda seconds: told(job.monitor)(JournalCommitted(seconds))
    job.shelf.on_fault = lambda error: job.brake.pull(str(error), code=_code(error))


def _code(error: SwarmError) -> str:
    return "taken" if isinstance(error, RunHeld) else "damaged" if isinstance(error, JournalDamaged) else "journal"


@contextmanager
def handled_signals(job: Any) -> Iterator[None]:  # a Job, or what a test has in its place
    """The first Ctrl-C or SIGTERM stops the run in good order: what is in hand may end within `drain_s`. A second one
    ends the process at once: the handlers are the interpreter's and not the loop's, so that they are heard even when
    something blocks the loop."""
    loop = asyncio.get_running_loop()

    def stop(number: int, _frame: object) -> None:
        if job.stopped_by is not None:
            os._exit(SIGNAL_CODES[signal.Signals(number)])
        job.stopped_by = signal.Signals(number)
        cause = "interrupted: what is done is kept, `python main.py resume` goes on with it"
        loop.call_soon_threadsafe(lambda: job.brake.pull(cause, drain_s=job.settings.drain_s))

    before = {number: signal.signal(number, stop) for number in SIGNAL_CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _make_and_publish(job: Job) -> Ending:
    threads = ThreadPool(job.settings.threads)
    around_step = partial(step_context, item_names=item_names())
    agents = wanted(job.settings)
    registry = AgentRegistry(agents, threads=threads, observe=told(job.monitor), around_step=around_step)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(traced(job.monitor, job.settings))
        await stack.enter_async_context(registry)
        await stack.enter_async_context(endpoint(job, registry))
        made = await make(job, registry, threads)
    return made if isinstance(made, Ending) else await publish(job, made)


async def make(job: Job, registry: AgentRegistry, threads: ThreadPool) -> Volume | Ending:
    """Have the agents that are there make the book, as far as the working folder; an ending when that came to
    nothing."""
    log_beginning(job)
    announce(job)
    vector_thread = ThreadPool(1, name="vectors")
    made, vectors = services(job, threads.run), vectors_of(job, vector_thread)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(vectors.close)
        await stack.enter_async_context(opened(job, made))
        request = _request(job, threads, vectors, made)
        whole = plan(job.settings)
        result = await Coordinator(whole, registry, job.shelf.journal, told(job.monitor)).run(request)
        if result.failure:
            return _failure(job, result)
        volume: Volume = result.value  # type: ignore[assignment]  # of the goal's type
        await remember(job, vectors)
        await threads.run(_put_together, job.staging, volume, job.shelf.blobs(threads.run))
        await vectors.settled()
        vector_thread.close()
    if made.paid:
        job.notes["spending"] = as_report(await made.paid.ledger.spending())
    pages_lost = sum(scope == "page" for scope, _ in result.lost)
    _count_outcomes(job.monitor, volume, job.storage.pictures, pages_lost)
    return volume


async def publish(job: Job, volume: Volume) -> Ending:
    """Move the made book to its place."""
    figures = figures_of(job.monitor, job.run)
    publishing = asyncio.ensure_future(asyncio.to_thread(_publish, job, volume, figures))
    with suppress(asyncio.CancelledError):  # a move that has begun is not broken off
        await asyncio.shield(publishing)
    return await uploaded(job, await publishing)


def _request(job: Job, threads: ThreadPool, vectors: Vectors, made: Services) -> RunRequest:
    job.storage.begin(threads.run, told(job.monitor))
    ports: dict[str, Port] = {
        "storage": job.storage,
        "blobs": job.shelf.blobs(threads.run),
        "vectors": vectors,
        **made.ports,
    }
    code_digest = _code_digest()
    return RunRequest(
        run=job.run,
        listed={"image": job.storage.pictures},
        settings=job.agent_settings(code_digest),
        ports=ports,
        fallback_ports=made.fallback,
        code_digest=code_digest,
        max_in_flight=job.settings.in_flight,
        max_reworks=job.settings.max_reworks,
        strict=job.settings.strict,
        may_fall_back=job.settings.fallback,
        drain_s=job.settings.drain_s,
        brake=job.brake,
    )


def _failure(job: Job, result: RunResult) -> Ending:
    if result.code == INTERRUPTED:
        code = SIGNAL_CODES[job.stopped_by or signal.SIGINT]
        return Ending(code, "interrupted", run=job.run, error=result.failure)
    if result.code == CAPPED:
        return Ending(AT_CAP, "interrupted", run=job.run, error=result.failure)
    code = BAD_INPUT if result.code in (BAD_INPUT_CODE, "taken") else FAILED
    return Ending(code, "failed", run=job.run, error=result.failure)


def _put_together(staging: Path, volume: Volume, blobs: FolderBlobs) -> None:
    """Write the files of the book; blocking."""
    for file in volume.files:
        path = staging / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(blobs.read(file.blob))
    (staging / "report.html").write_text(report_page(volume, blobs.read), "utf-8")


def _publish(job: Job, volume: Volume, figures: Mapping[str, object]) -> Ending:
    status = "partial" if volume.omitted else "complete"
    report = {
        "schema": 1,
        "status": status,
        "source_id": job.request.source_id,
        "source": job.storage.origin,
        "started_at": job.started_at,
        **figures,
        "pictures": picture_report(volume),
        **job.notes,
    }
    with suppress(OSError):  # a book without its log is a book still
        logfile.copy(job.shelf.out.log(job.run), job.staging / "run.log.jsonl")
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (job.staging / "report.json").write_text(text, "utf-8")
    if job.request.is_draft_wanted:
        drawings = [picture.item for picture in job.storage.pictures if picture.heap.value == "input"]
        (job.staging / "book.toml").write_text(draft_toml(drawings), "utf-8")
    job.shelf.runs.check(job.shelf.writer, job.run)
    failpoint("publish.before")
    book = job.shelf.out.publish(job.staging, job.settings.slug, job.request.source_id)
    failpoint("publish.after")
    logger.bind(book=book.name, state=status).info("book_published")
    return Ending(PARTIAL if volume.omitted else OK, status, book, job.run, volume=volume)


def _count_outcomes(
    watcher: WorkflowMonitor, volume: Volume, pictures: Sequence[SourcePicture], pages_lost: int
) -> None:
    used = len(pictures) - len(volume.omitted) - len(volume.unpaired)
    with suppress(Exception):  # it counts its faults itself
        for outcome, count in (("used", used), ("unpaired", len(volume.unpaired)), ("omitted", len(volume.omitted))):
            watcher.count("pictures_total", {"outcome": outcome}, count)
        for outcome, count in (("done", volume.pages), ("omitted", pages_lost)):
            watcher.count("pages_total", {"outcome": outcome}, count)


def _code_digest() -> str:
    """A digest of the product's own code, templates and fonts."""
    digest = hashlib.sha256()
    files = sorted(path for package in _PACKAGES for path in (HERE / package).rglob("*") if path.is_file())
    for path in (HERE / "main.py", *files):
        if "__pycache__" not in path.parts:
            data = path.read_bytes()
            digest.update(f"{path.relative_to(HERE).as_posix()}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()
