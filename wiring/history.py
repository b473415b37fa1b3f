"""`runs`, `show` and `plan --why` in words."""

import json
import time
from collections.abc import Callable
from typing import Any

from monitor.text import shortened, table, visible
from swarm.store.history import RoleProgress, Trouble, progress, troubles
from swarm.store.ledger import spending
from swarm.store.runs import RESUMABLE, RunRow
from swarm.store.why import Forecast
from wiring.online import as_report, in_words, total
from wiring.shelf import Shelf

_HOW = {
    "crash": "crashed its worker",
    "hang": "hung",
    "death": "was in hand when the program died",
    "failed": "failed",
    "waiting": "failed, tried again on resume",
    "provisional": "stands in for something better, done again on resume",
}


def runs_as_text(shelf: Shelf, *, now: Callable[[], float] = time.time) -> str:
    """A line for each run of the folder, the newest first."""
    rows = [("run", "state", "progress", "began", "title", "missing")]
    for row in shelf.runs.all(shelf.writer):
        about = _summary(row)
        done = progress(shelf.writer, row.number)
        rows.append((row.id, row.state, _share(done), f"{_age(now() - row.began)} ago", _title(row), _missing(about)))
    return table(rows) if len(rows) > 1 else "there is no run in this folder yet"


def runs_as_json(shelf: Shelf) -> str:
    """The same for programs."""
    return json.dumps([_as_dict(shelf, row) for row in shelf.runs.all(shelf.writer)])


def run_as_json(shelf: Shelf, row: RunRow) -> str:
    """One run for programs."""
    found = troubles(shelf.writer, row.number)
    history = [{"role": t.step.role, "item": t.step.item, "how": t.how, "cause": t.cause, "at": t.at} for t in found]
    paid = spending(shelf.writer, row.number)
    spent = {"spending": as_report(paid)} if paid else {}
    return json.dumps({**_as_dict(shelf, row), **spent, "troubles": history})


def run_as_text(shelf: Shelf, row: RunRow, *, now: Callable[[], float] = time.time) -> str:
    """All that is known of one run."""
    lines = [f"run {row.id}: {row.state}", f"  of {_source(row)}", f"  began {_age(now() - row.began)} ago"]
    if row.state == "running":
        lines.append(f"  in the hands of {row.holder}, heard of {row.silence_s:.0f} s ago")
    if row.place:
        lines.append(f"  book: {shelf.out.root / row.place}")
    if row.reason:
        lines.append(f"  why: {_clean(row.reason)}")
    about = _summary(row)
    lines += [f"  missing: {_missing(about)}"] if _missing(about) else []
    done = progress(shelf.writer, row.number)
    if done:
        lines += ["", *_indented(table([("role", "steps", "done", "failed"), *map(_progress_row, done)]))]
    if paid := spending(shelf.writer, row.number):
        lines += ["", f"  paid: {in_words(total(paid))}"]
    found = troubles(shelf.writer, row.number)
    if found:
        lines += ["", "  what went wrong:", *(f"    {trouble_in_words(trouble)}" for trouble in found)]
    if row.state in RESUMABLE:
        hint = " --retry-failed" if any(trouble.how == "failed" for trouble in found) else ""
        lines += ["", f"  python main.py resume {row.id}{hint}"]
    return "\n".join(lines)


def forecast_as_text(forecast: Forecast, run: str) -> str:
    """What making the book now would do, held against a run."""
    lines = [f"held against run {run}: {forecast.reused} steps are there already, {len(forecast.runs)} would run"]
    for why in forecast.runs:
        step = f"{why.step.role} {_clean(why.step.item)}".strip()
        lines.append(f"  {step}: {', '.join(why.changed)}")
    if forecast.follows:
        lines.append(f"  and of those that take what they give, as far as it changes: {', '.join(forecast.follows)}")
    return "\n".join(lines)


def _as_dict(shelf: Shelf, row: RunRow) -> dict[str, Any]:
    done = progress(shelf.writer, row.number)
    return {
        "run": row.id,
        "state": row.state,
        "began": row.began,
        "ended": row.ended,
        "title": _title(row),
        "source": _source(row),
        "book": str(shelf.out.root / row.place) if row.place else None,
        "reason": row.reason,
        "holder": {"pid": row.holder.pid, "host": row.holder.host, "silence_s": round(row.silence_s, 1)},
        "roles": {p.role: {"steps": p.steps, "done": p.done, "failed": p.failed} for p in done},
    }


def _progress_row(done: RoleProgress) -> tuple[str, ...]:
    return done.role, str(done.steps), str(done.done), str(done.failed) if done.failed else "-"


def _share(done: list[RoleProgress]) -> str:
    steps = sum(role.steps for role in done)
    return f"{sum(role.done for role in done)} of {steps} steps" if steps else "-"


def trouble_in_words(trouble: Trouble) -> str:
    """What went wrong with which step, on one harmless line."""
    step = f"{trouble.step.role} {_clean(trouble.step.item)}".strip()
    return f"{step} {_HOW.get(trouble.how, trouble.how)}: {_clean(trouble.cause)}"


def _summary(row: RunRow) -> dict[str, Any]:
    about: dict[str, Any] = json.loads(row.summary) if row.summary else {}
    return about


def _missing(about: dict[str, Any]) -> str:
    omitted = about.get("omitted", 0)
    return f"{omitted} left out" if omitted else ""


def _title(row: RunRow) -> str:
    settings = json.loads(row.request).get("settings", {})
    return _clean(str(_summary(row).get("title") or settings.get("title") or ""))


def _source(row: RunRow) -> str:
    return _clean(str(json.loads(row.request).get("source", "")))


def _age(seconds: float) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{max(0, int(seconds))} s"


def _clean(text: str) -> str:
    return shortened(visible(text))


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
