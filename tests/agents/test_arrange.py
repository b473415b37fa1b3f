"""The arrange agent."""

from dataclasses import replace

import pytest

from agents.arrange import arrange
from agents.craft.grid import adjacency, cells_for
from tests.agents.hands import brief_of, hand


@pytest.mark.parametrize("count", [1, 2, 4, 5, 9, 12, 16])
async def test_arrange_orders_the_renderings_and_loses_none(count: int) -> None:
    brief = brief_of(count)

    arrangement = await hand(arrange, brief=brief, order={})

    assert {picture.path for picture in arrangement.pictures} == {picture.path for picture in brief.renderings}
    assert len(arrangement.pictures) == count


async def test_arrange_puts_first_what_a_person_wants_first() -> None:
    brief = brief_of(4)
    paths = [picture.path for picture in brief.renderings]

    arrangement = await hand(arrange, brief=brief, order={brief.pair.input: [paths[2], paths[0]]})

    assert [picture.path for picture in arrangement.pictures] == [paths[2], paths[0], paths[1], paths[3]]


async def test_arrange_keeps_repeated_pictures_apart() -> None:
    brief = brief_of(9)
    first, *others = brief.pair.matches
    twins = replace(brief.pair, matches=(first, replace(others[0], twin_of=first.output), *others[1:]))

    arrangement = await hand(arrange, brief=replace(brief, pair=twins), order={})

    paths = [picture.path for picture in arrangement.pictures]
    assert adjacency(cells_for(9).cells)[paths.index(first.output), paths.index(others[0].output)] == 0
