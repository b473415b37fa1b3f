from dataclasses import replace
from itertools import combinations

import pytest

from agents.book.contents import Contents
from agents.book.design import TextRole
from agents.craft.matter import lay_out_book
from tests.agents.craft.test_pagedesign import drawn, is_safe, meet
from tests.agents.volumes import IMPRINT, Shelf

LONG_TITLE = "The wonderful and terrible and altogether true story of the smallest fox in the world " * 2


def words_of(contents: Contents, number: int) -> str:
    return " ".join(block.text for block in contents.sheets[number - 1].texts)


def test_sheets_come_in_the_order_of_a_book() -> None:
    book = Shelf().book(2, more=0)

    assert [sheet.label for sheet in book.sheets] == [
        "Pip and the Sea",
        "About this book",
        "Dedication",
        "Pip the fox",
        "Renderings of Pip the fox",
        "Pip the fox",
        "Renderings of Pip the fox",
        "The end",
        "About the artist",
        "Draw your own",
    ]


@pytest.mark.parametrize("more", [0, 1, 2, 3, 4, 5, 8, 9, 13])
def test_every_loose_drawing_has_its_place_and_the_sheets_are_even(more: int) -> None:
    book = Shelf().book(1, more=more)

    placed = {picture.path for sheet in book.sheets[5:] for picture in sheet.pictures}
    assert len(book.sheets) % 2 == 0
    assert {f"inputs/loose{nth}.jpg" for nth in range(more)} <= placed
    assert [picture.path for picture in book.more_drawings] == [f"inputs/loose{nth}.jpg" for nth in range(more)]


@pytest.mark.parametrize("more", [0, 1, 3, 8])
@pytest.mark.parametrize("title", ["Pip", LONG_TITLE, "Donaudampfschifffahrtsgesellschaftskapitän" * 3])
def test_front_and_back_matter_stays_in_the_safe_area_and_apart(more: int, title: str) -> None:
    book = Shelf().book(1, more=more, imprint=replace(IMPRINT, title=title))

    for sheet in (book.cover, *book.sheets):
        boxes = drawn(sheet)
        assert all(is_safe(box) for box in boxes)
        assert not any(meet(one, other) for one, other in combinations(boxes, 2))


def test_headings_are_one_title_and_one_for_each_part() -> None:
    book = Shelf().book(2, more=1)

    roles = [(sheet.number, block.role) for sheet in book.sheets for block in sheet.texts]
    assert [number for number, role in roles if role is TextRole.TITLE] == [1]
    assert [number for number, role in roles if role is TextRole.HEADING] == [2, 4, 6, 8, 9, 10]


def test_title_page_and_imprint_bear_no_number() -> None:
    book = Shelf().book(1)

    folios = [sheet.number for sheet in book.sheets for block in sheet.texts if block.role is TextRole.FOLIO]
    assert folios[:2] == [4, 5]


def test_imprint_says_what_machines_made_and_how() -> None:
    said = words_of(Shelf().book(1), 2)

    assert "by Mia, by hand" in said
    assert "by a machine" in said
    assert "language (offline), vision (offline)" in said
    assert "seed 7 · book 3f9a1c20b7de4c11" in said


def test_imprint_names_the_language_model_that_told_the_story() -> None:
    made_with = (("language", "openai:some-model"),)

    said = words_of(Shelf().book(1, imprint=replace(IMPRINT, made_with=made_with)), 2)

    assert "a language model (openai:some-model)" in said


def test_dedication_is_set_else_a_line_for_the_owner() -> None:
    owned = Shelf().book(1, imprint=replace(IMPRINT, dedication=" "))

    assert words_of(Shelf().book(1), 3) == "For Oma"
    assert words_of(owned, 3).startswith("This book belongs to")


def test_book_without_an_author_names_nobody() -> None:
    book = Shelf().book(1, imprint=replace(IMPRINT, author=""))

    assert "by a child, by hand" in words_of(book, 2)
    assert "by a child." in words_of(book, 8)
    assert "The artist, drawn by the artist" in words_of(book, 8)


def test_hero_is_the_drawing_that_most_renderings_were_made_of() -> None:
    shelf = Shelf()
    few, many = shelf.page(1), shelf.page(2)
    many = replace(many, renderings=(*many.renderings, many.renderings[0]))

    book = lay_out_book(IMPRINT, [few, many])

    assert book.hero
    assert book.hero.path == many.drawing.path
    assert book.cover.pictures[0].path == many.drawing.path


def test_long_dedication_fits_its_sheet() -> None:
    book = Shelf().book(1, imprint=replace(IMPRINT, dedication="For Oma and everybody else. " * 14))

    assert all(is_safe(box) for box in drawn(book.sheets[2]))


def test_small_type_is_never_below_ten_points() -> None:
    book = Shelf().book(2, more=3)

    assert min(block.size_pt for sheet in book.sheets for block in sheet.texts) >= 10


def test_spreads_are_what_lies_open_together() -> None:
    book = Shelf().book(2, more=0)

    numbers = [[sheet.number for sheet in spread] for spread in book.spreads]
    assert numbers == [[1], [2, 3], [4, 5], [6, 7], [8, 9], [10]]


def test_sheets_must_be_numbered_and_even() -> None:
    book = Shelf().book(1)

    with pytest.raises(ValueError, match="even number"):
        replace(book, sheets=book.sheets[:-1])
    with pytest.raises(ValueError, match="numbered"):
        replace(book, sheets=book.sheets[1:])
