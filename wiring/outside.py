"""What leaves this machine, and where to: said in one line before anything does."""

import os
from collections.abc import Iterator

from wiring.job import Job
from wiring.online import tell
from wiring.tracing import ENDPOINTS


def announce(job: Job) -> None:
    """Say what goes where, if anything does."""
    if said := "; ".join(_leaving(job)):
        tell(f"online: {said}")


def _leaving(job: Job) -> Iterator[str]:
    settings, credentials = job.settings, job.credentials
    if settings.is_online:
        yield _to_openai(job)
    if settings.vectors == "qdrant" and credentials:
        yield f"to Qdrant at {credentials.qdrant_url} go vectors, paths and titles, but no pictures"
    if settings.traces and (collector := next(filter(None, map(os.environ.get, ENDPOINTS)), "")):
        yield f"to {collector} go traces of steps and calls, without names and texts"
    if settings.upload:
        yield f"to {settings.upload} goes the finished book"


def _to_openai(job: Job) -> str:
    settings = job.settings
    address = job.credentials.openai_base_url if job.credentials else None
    what = []
    if settings.language == "openai":
        what.append(f"title, captions, names and descriptions (story by {settings.language_model})")
    if settings.vision == "openai":
        what.append(f"a small copy of each picture (described by {settings.vision_model})")
    if settings.is_moderated:
        what.append(f"these, the pictures and the texts for moderation ({settings.moderation_model})")
    cap = "without a cap" if settings.max_cost_usd is None else f"for at most {settings.max_cost_usd:g} US dollars"
    return f"to {address or 'OpenAI (api.openai.com)'} go {', '.join(what)}, {cap}"
