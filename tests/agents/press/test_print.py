import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from agents.book.design import SQUARE, PageSize
from agents.book.printing import BLEED_MM, PROFILES, Verdict
from agents.book.settings import Printer
from agents.craft.matter import filled_up
from agents.craft.wrapsheet import barcode_box, wrap_sheet, wrap_size
from agents.press.album import Album
from agents.press.pdf import make_print_pdfs
from agents.press.preflight import preflight
from tests.agents.craft.test_pagedesign import drawn, meet
from tests.agents.volumes import Shelf

KDP = PROFILES[Printer.KDP]
Pdfs = tuple[bytes, bytes]


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> Pdfs:
    shelf = Shelf()
    return make_print_pdfs(shelf.book(2, more=1), KDP, Album(shelf.read), tmp_path_factory.mktemp("print"))


def verdicts(pdfs: Pdfs, size: PageSize = SQUARE, printer: Printer = Printer.KDP) -> dict[str, Verdict]:
    found = preflight(*pdfs, size, PROFILES[printer])
    return {check.name: check.verdict for check in found.checks}


@pytest.mark.parametrize("pages", [1, 2, 9, 20])
def test_book_is_filled_up_to_what_the_printer_wants_and_never_with_blank_sheets(pages: int) -> None:
    book = filled_up(Shelf().book(pages, more=1), 24)

    assert len(book.sheets) >= 24
    assert len(book.sheets) % 2 == 0
    assert all(sheet.elements for sheet in book.sheets)
    assert {"This book belongs to", "All the drawings"} <= {sheet.label for sheet in book.sheets} or pages > 8


def test_boxes_are_those_of_a_page_with_bleed_on_its_three_outer_edges(pdfs: Pdfs) -> None:
    with pikepdf.open(io.BytesIO(pdfs[0])) as document:
        boxes = [[[float(x) for x in box] for box in (p.mediabox, p.trimbox, p.bleedbox)] for p in document.pages]

    assert len(boxes) == 24
    for right, left in zip(boxes[::2], boxes[1::2], strict=True):
        assert right == [[0, 0, 621, 630], [0, 9, 612, 621], [0, 0, 621, 630]]
        assert left == [[0, 0, 621, 630], [9, 9, 621, 621], [0, 0, 621, 630]]


def test_wrap_is_as_wide_as_two_covers_and_the_spine(pdfs: Pdfs) -> None:
    with pikepdf.open(io.BytesIO(pdfs[1])) as document:
        (page,) = document.pages
        width_in, height_in = (float(number) / 72 for number in page.mediabox[2:])

    assert width_in == pytest.approx(17.306, abs=0.001)
    assert height_in == pytest.approx(8.75)


def test_barcode_box_is_free_of_everything_else() -> None:
    contents = Shelf().book(3)
    box = barcode_box(SQUARE)

    sheet = wrap_sheet(contents, 1.5)

    assert not any(meet(box, other) for other in drawn(sheet))
    assert (box.width_mm / 25.4, box.height_mm / 25.4) == pytest.approx((2, 1.2))
    assert box.right_mm < SQUARE.width_mm
    assert all(other.right_mm <= wrap_size(SQUARE, 1.5).width_mm for other in drawn(sheet))


def test_print_files_have_the_same_bytes_again(pdfs: Pdfs, tmp_path: Path) -> None:
    shelf = Shelf()

    assert make_print_pdfs(shelf.book(2, more=1), KDP, Album(shelf.read), tmp_path) == pdfs


def test_preflight_passes_all_but_the_small_pictures_of_the_test(pdfs: Pdfs) -> None:
    found = verdicts(pdfs)

    assert {name for name, verdict in found.items() if verdict is not Verdict.PASS} == {
        "interior resolution",
        "cover resolution",
    }


def test_preflight_measures_how_finely_pictures_are_printed(pdfs: Pdfs) -> None:
    says = {check.name: check.says for check in preflight(*pdfs, SQUARE, KDP).checks}["interior resolution"]

    widest_mm = 190.5  # of the loose drawing, 300 px wide
    assert f"the coarsest {300 / (widest_mm / 25.4):.0f} dpi" in says


def test_preflight_knows_that_a_spine_is_only_estimated(pdfs: Pdfs) -> None:
    assert verdicts(pdfs, printer=Printer.INGRAMSPARK)["spine"] is Verdict.WARN


def test_preflight_finds_planted_faults(pdfs: Pdfs) -> None:
    with pikepdf.open(io.BytesIO(pdfs[0])) as document:
        document.pages[4].trimbox = pikepdf.Array([0, 0, 600, 600])
        del document.pages[-1]
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                for key in ("/FontFile2", "/FontFile3"):
                    if key in item:
                        del item[key]
        stream = io.BytesIO()
        document.save(stream)

    found = verdicts((stream.getvalue(), pdfs[1]), PageSize(297.0, 210.0))
    same_size = verdicts((stream.getvalue(), pdfs[1]))

    assert found["trim size"] is Verdict.FAIL
    for name in ("pages", "interior boxes", "interior fonts", "cover boxes"):
        assert same_size[name] is Verdict.FAIL  # the spine follows from the pages, so the cover is wrong as well


def test_preflight_refuses_what_is_too_large(pdfs: Pdfs) -> None:
    small = replace(KDP, most_bytes=1000)

    checks = {check.name: check.verdict for check in preflight(*pdfs, SQUARE, small).checks}

    assert checks["file size"] is Verdict.FAIL
    assert preflight(*pdfs, SQUARE, small).verdict is Verdict.FAIL


def test_bleed_is_an_eighth_of_an_inch() -> None:
    assert pytest.approx(25.4) == BLEED_MM * 8
