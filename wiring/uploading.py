"""The finished book put into a bucket as well, where the settings say so, under a promise to take it back."""

import asyncio
from dataclasses import replace

import msgspec

from agents.book.settings import Settings
from agents.services.errors import AccountRefused, ServiceError, SettingsError
from agents.services.gcs_bucket import Bucket
from agents.services.gcs_place import GcsPlace
from agents.services.gcs_upload import BookUpload, Change
from registry import ThreadPool
from swarm import SwarmError
from swarm.events import Event
from swarm.failpoints import failpoint
from swarm.request import INTERRUPTED
from swarm.store import undo
from wiring.endings import FAILED, SIGNAL_CODES, Ending
from wiring.job import Job
from wiring.shelf import TAKE_BACK
from wiring.sources import BucketSource, Source, bucket_threads
from wiring.watching import told

_POLL_S = 0.05


def check_upload(settings: Settings, source: Source) -> None:
    """See that the place for the book can be looked at, and lies apart from the pictures; blocking. Raises
    SettingsError."""
    if not settings.upload:
        return
    place = GcsPlace.of(settings.upload)
    if isinstance(source, BucketSource) and source.place.bucket == place.bucket:
        for prefix in (settings.input_prefix, settings.output_prefix):
            if f"{place.prefix}{settings.slug}/".startswith(f"{source.place.prefix}{prefix}"):
                raise SettingsError(f"--upload {place} lies among the pictures: name another place")
    bucket = Bucket(place, bucket_threads(), deadline_s=settings.storage_deadline_s, observe=_nobody)
    try:
        asyncio.run(_looked_at(bucket))
    except (ServiceError, AccountRefused) as error:
        raise SettingsError(f"--upload {place} cannot be used: {error}") from error
    finally:
        bucket.close()


async def _looked_at(bucket: Bucket) -> None:
    async for _ in bucket.pages(bucket.place.prefix):
        return


async def uploaded(job: Job, ending: Ending) -> Ending:
    """Put the book of an ending where the settings say, and give the ending of that."""
    if not job.settings.upload or ending.book is None:
        return ending
    place, threads, run = GcsPlace.of(job.settings.upload), bucket_threads(), job.run
    bucket = Bucket(place, threads, deadline_s=job.settings.storage_deadline_s, observe=told(job.monitor))

    def promise(change: Change) -> None:
        undo.promise(job.shelf.writer, run, TAKE_BACK, msgspec.json.encode(change).decode())

    out = job.shelf.out
    upload = BookUpload(bucket, out.store, out.kept(run), promise)
    failpoint("upload.before")
    work = asyncio.ensure_future(upload.put(ending.book, job.settings.slug, job.request.source_id))
    job.brake.wake = lambda: _cancel(work)
    if job.brake.is_pulled:
        work.cancel()
    try:
        where = await work
        failpoint("upload.after")
        return replace(ending, uploaded=where)
    except asyncio.CancelledError:
        if not job.brake.is_pulled:
            raise
        return _stopped(job, ending)
    except (SwarmError, OSError) as error:
        said = f"the book is in {ending.book}, but it was not put into {place}: {error}"
        return replace(ending, code=FAILED, status="failed", error=f"{said}; `python main.py resume` tries again")
    finally:
        await _settled(threads, job.settings.drain_s)
        bucket.close()


def _cancel(work: "asyncio.Future[str]") -> None:
    work.cancel()


def _stopped(job: Job, ending: Ending) -> Ending:
    if job.brake.code == INTERRUPTED and job.stopped_by is not None:
        code = SIGNAL_CODES[job.stopped_by]
        return replace(ending, code=code, status="interrupted", error=job.brake.cause)
    return replace(ending, code=FAILED, status="failed", error=job.brake.cause)


async def _settled(threads: ThreadPool, most_s: float) -> None:
    """Wait for requests that nobody waits for any more: what they still do is taken back as well."""
    until_s = asyncio.get_running_loop().time() + most_s
    while threads.hung and asyncio.get_running_loop().time() < until_s:  # noqa: ASYNC110  (a thread tells nobody)
        await asyncio.sleep(_POLL_S)


def _nobody(_event: Event) -> None:
    """Before a run nobody counts."""
