"""The page on the pictures says what was done, shows before and after, and takes hostile names as text."""

import re
from dataclasses import replace

from agents.book.picture import Flaw, Omission, Reason
from agents.book.volume import Flag, Remark, SheetShown, Volume
from agents.press.report import picture_report, report_page
from swarm import Blob

PLAIN = Volume("Pip", "id", 1, (), (), (), (), (), ())
CORNERS = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))


def _page(volume: Volume) -> str:
    return report_page(volume, lambda blob: blob.digest.encode())


def test_report_shows_each_straightened_sheet_before_and_after() -> None:
    sheet = SheetShown("inputs/a.jpg", Blob("before", 6), Blob("after", 5), CORNERS, 0.9)

    page = _page(replace(PLAIN, sheets=(sheet,)))

    assert re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page) == ["YmVmb3Jl", "YWZ0ZXI="]
    assert picture_report(replace(PLAIN, sheets=(sheet,)))["straightened"] == [
        {"path": "inputs/a.jpg", "corners": [list(corner) for corner in CORNERS], "sureness": 0.9}
    ]


def test_report_names_what_a_person_should_look_at() -> None:
    volume = replace(
        PLAIN,
        remarks=(Remark("outputs/b.png", Flaw.TINY, "it is only 90 px long"),),
        flagged=(Flag("inputs/f.png", 0.41),),
        omitted=(Omission("inputs/bad.jpg", Reason.TRUNCATED, "a part is missing"),),
        unpaired=("outputs/z.png",),
    )

    page = _page(volume)

    for said in ("it is only 90 px long", "inputs/f.png", "0.41", "a part is missing", "outputs/z.png"):
        assert said in page
    assert picture_report(volume)["remarks"] == [
        {"path": "outputs/b.png", "reason": "tiny", "detail": "it is only 90 px long"}
    ]


def test_report_takes_names_as_text_and_links_to_nothing() -> None:
    page = _page(replace(PLAIN, title="<script>x</script>", unpaired=("outputs/<img src=x>\udcff.png",)))

    assert "<script" not in page
    assert "<img" not in page
    assert "http" not in page


def test_report_says_so_when_nothing_was_done() -> None:
    assert "Every picture is in the book as it was." in _page(PLAIN)
