"""What a person is told of a finished book."""

from dataclasses import replace

from agents.book.picture import Flaw, Omission, Reason
from agents.book.volume import Flag, Remark, Volume
from agents.craft.summary import summary

PLAIN = Volume("Pip", "id", 2, (), (), (), (), (), ())


def told(volume: Volume, draft: str = "") -> list[str]:
    return summary(volume, opened="books/pip/book.html", draft=draft, clean=str.upper).splitlines()


def test_summary_is_two_lines_when_all_went_well() -> None:
    assert told(PLAIN) == ["The book is ready: books/pip/book.html", "  2 pages in “PIP”"]


def test_summary_names_the_pages_that_fell_back() -> None:
    assert told(replace(PLAIN, fell_back=("in/a.png",)))[2:] == [
        "  Told by the offline storyteller, since the service could not:",
        "    IN/A.PNG",
    ]


def test_summary_tells_drawings_from_renderings_when_neither_is_in_a_pair() -> None:
    volume = Volume("", "", 1, (), (), ("in/a.png", "out/z.png"), ("in/a.png",), (), ())

    assert told(volume)[1:] == [
        "  1 page in “”",
        "  Without renderings, so among “More drawings” at the back:",
        "    IN/A.PNG",
        "  With no drawing of their own:",
        "    OUT/Z.PNG",
    ]


def test_summary_names_what_was_left_out_and_what_is_to_be_checked_and_cuts_long_lists() -> None:
    omitted = tuple(Omission(f"{n}", Reason.EMPTY, "why") for n in range(14))
    volume = Volume("", "", 1, (), omitted, (), (), (Flag("in/a.png", 0.614),), ())

    lines = told(volume, draft="book.toml")

    assert lines[2:4] == ["  Left out:", "    0 (EMPTY): WHY"]
    assert "    … and 2 more, see book.json" in lines
    assert "    IN/A.PNG (61% SURE)" in lines
    assert lines[-1].startswith("  Captions make a better story: fill in book.toml")


def test_summary_says_how_many_pictures_are_remarked_on() -> None:
    remarked = replace(PLAIN, remarks=(Remark("in/a.png", Flaw.TINY, "it is only 9 px long"),))

    (line,) = told(remarked)[2:]

    assert line.endswith(": 1, see report.html")
