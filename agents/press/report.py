"""What was done with the pictures, for a person: a static page with before and after, and the same as data."""

import base64
from collections.abc import Callable
from html import escape
from typing import Any

from agents.book.volume import Volume
from swarm import Blob

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}: what was done with the pictures</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222 }}
figure {{ display: grid; grid-template-columns: 1fr 1fr; gap: 1em; margin: 1em 0 2em }}
figure img {{ max-width: 100%; max-height: 24em; justify-self: center; align-self: center }}
figcaption {{ grid-column: 1 / -1; overflow-wrap: anywhere }}
table {{ border-collapse: collapse; width: 100% }} td, th {{ text-align: left; padding: .3em .8em .3em 0;
vertical-align: top; border-top: 1px solid #ddd; overflow-wrap: anywhere }}
</style>
<h1>{title}</h1>
{parts}
</html>
"""


def picture_report(volume: Volume) -> dict[str, Any]:
    """The part of `report.json` on pictures: what was straightened, and what is wrong with those that are shown."""
    return {
        "straightened": [
            {"path": sheet.path, "corners": [list(corner) for corner in sheet.corners], "sureness": sheet.sureness}
            for sheet in volume.sheets
        ],
        "remarks": [
            {"path": remark.path, "reason": remark.flaw.value, "detail": remark.detail} for remark in volume.remarks
        ],
    }


def report_page(volume: Volume, read: Callable[[Blob], bytes]) -> str:
    """`report.html`: one page that needs nothing but itself; `read` gives the bytes of the small pictures in it."""
    parts = [
        _sheets(volume, read),
        _table("Look at these", ("picture", "why"), [(r.path, r.detail) for r in volume.remarks]),
        _table("Not sure", ("drawing", "confidence"), [(f.input, f"{f.confidence:.2f}") for f in volume.flagged]),
        _table("Left out", ("picture", "why"), [(o.path, o.detail) for o in volume.omitted]),
        _table("On no page", ("picture",), [(path,) for path in volume.unpaired]),
    ]
    told = "\n".join(part for part in parts if part) or "<p>Every picture is in the book as it was.</p>"
    return _PAGE.format(title=_text(volume.title), parts=told)


def _sheets(volume: Volume, read: Callable[[Blob], bytes]) -> str:
    if not volume.sheets:
        return ""
    figures = (
        f'<figure><img alt="The photograph" src="{_inline(read(sheet.before))}">'
        f'<img alt="The sheet, straightened" src="{_inline(read(sheet.after))}">'
        f"<figcaption>{_text(sheet.path)}</figcaption></figure>"
        for sheet in volume.sheets
    )
    return "<h2>Photographed sheets, before and after</h2>\n" + "\n".join(figures)


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{cell}" for cell in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{_text(cell)}" for cell in row) for row in rows)
    return f"<h2>{title}</h2>\n<table>\n<tr>{head}\n{body}\n</table>"


def _text(text: str) -> str:
    return escape(text.encode("utf-8", "replace").decode())


def _inline(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
