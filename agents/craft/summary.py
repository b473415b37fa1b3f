"""What a person is told of a finished book: how long it is, what was left out, what is to be looked at."""

from collections.abc import Callable, Sequence

from agents.book.printing import Verdict
from agents.book.volume import Volume

_MOST = 12

Clean = Callable[[str], str]
"""Makes foreign text fit to be shown: short, on one line, without control characters."""


def summary(volume: Volume, *, opened: str, draft: str, clean: Clean) -> str:
    """Some lines of text. `opened` is the file to open, `draft` the path of a draft `book.toml`, empty without one."""
    loose = set(volume.loose)
    lines = [
        f"The book is ready: {opened}",
        f"  {volume.pages} {'page' if volume.pages == 1 else 'pages'} in “{clean(volume.title)}”",
        *_listed("Left out", [f"{o.path} ({o.reason}): {o.detail}" for o in volume.omitted], clean),
        *_listed("Told by the offline storyteller, since the service could not", volume.fell_back, clean),
        *_listed("Without renderings, so among “More drawings” at the back", volume.loose, clean),
        *_preflight(volume, clean),
        *_listed("With no drawing of their own", [path for path in volume.unpaired if path not in loose], clean),
        *_listed(
            "Please check whether these renderings belong to their drawings",
            [f"{flag.input} ({flag.confidence:.0%} sure)" for flag in volume.flagged],
            clean,
        ),
    ]
    if volume.remarks:
        lines.append(
            f"  Remarks on pictures (blurred, tiny, nearly blank or alike): {len(volume.remarks)}, see report.html"
        )
    if draft:
        lines.append(f"  Captions make a better story: fill in {draft}, put it beside the pictures, rerun.")
    return "\n".join(lines)


def _preflight(volume: Volume, clean: Clean) -> list[str]:
    if volume.preflight is None:
        return []
    bad = [check for check in volume.preflight.checks if check.verdict is not Verdict.PASS]
    return [
        f"  The preflight for {volume.preflight.printer} says {volume.preflight.verdict}.",
        *(f"    {clean(f'{check.name} ({check.verdict}): {check.says}')}" for check in bad),
    ]


def _listed(head: str, items: Sequence[str], clean: Clean) -> list[str]:
    if not items:
        return []
    more = [f"    … and {len(items) - _MOST} more, see book.json"] if len(items) > _MOST else []
    return [f"  {head}:", *(f"    {clean(item)}" for item in items[:_MOST]), *more]
